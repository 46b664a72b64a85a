export { createLokiProtocol } from './protocol.ts'
