export { newestCheckpoints } from './checkpoint.ts'
export type { Consumer } from './consumer.ts'
export { decodeRecord, encodeRecord } from './record.ts'
