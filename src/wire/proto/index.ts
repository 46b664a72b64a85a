export { BYTES, FIXED32, FIXED64, ProtoReader, VARINT } from './reader.ts'
export { encodeVarint32, Splicer } from './splicer.ts'
export { ProtoWriter } from './writer.ts'
export {
  takeBool,
  takeDouble,
  takeFixed32,
  takeFixed64,
  takeHex,
  takeInt32,
  takeInt64,
  takeMessage,
  takeRepeated,
  takeSfixed64,
  takeSint32,
  takeString,
  takeUint32,
  takeUint64,
} from './take.ts'
