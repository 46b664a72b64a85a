export { createDatadogProtocol } from './protocol.ts'
