export { BYTES, FIXED32, FIXED64, ProtoReader, VARINT } from './reader.ts'
export { ProtoWriter } from './writer.ts'
