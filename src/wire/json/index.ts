export { Decimal64 } from './decimal.ts'
export { hexDigit, JSON_KINDS, JsonReader } from './reader.ts'
export { JsonText } from './text.ts'
