export { createRemoteWriteRoutes } from './remote-write.ts'
