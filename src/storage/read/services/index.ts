export { createServiceSource } from './service-source.ts'
