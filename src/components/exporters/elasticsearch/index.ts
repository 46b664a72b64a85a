export { createElasticsearchProtocol } from './protocol.ts'
