export {
  ANY,
  type AnyValue,
  formatDouble,
  readAnyValue,
  readKeyValue,
  toOtlpJson,
  toPlainText,
} from '../../wire/index.ts'
