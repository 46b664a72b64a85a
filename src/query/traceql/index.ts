export { parseTraceql } from './parse.ts'
export { parseTags } from './tags.ts'
