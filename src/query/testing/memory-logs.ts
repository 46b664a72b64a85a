export { createMemoryLogs } from '../memory-logs.ts'
