export { type FilelogConfig, filelogConfigSchema } from './config.ts'
export { createFilelogReceiver, type FilelogOptions } from './filelog.ts'
export { createFilelogMeters, type FilelogMeters } from './meters.ts'
