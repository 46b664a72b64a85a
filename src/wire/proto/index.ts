export { BYTES, FIXED32, FIXED64, ProtoReader, VARINT } from './reader.ts'
export { encodeVarint32, Splicer } from './splicer.ts'
export { ProtoWriter } from './writer.ts'
