export { BYTES, FIXED32, FIXED64, ProtoReader, ProtoWriter, VARINT } from './proto/index.ts'
