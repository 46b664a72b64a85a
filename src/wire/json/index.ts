export { JsonReader, JSON_KINDS } from './reader.ts'
export { JsonText } from './text.ts'
