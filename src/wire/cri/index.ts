export { type CriLine, newCriLine, parseCriLine } from './cri-line.ts'
export { type ParsedTime, parseRfc3339Nano } from './rfc3339.ts'
