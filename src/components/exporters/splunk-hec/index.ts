export { createSplunkHecProtocol } from './protocol.ts'
