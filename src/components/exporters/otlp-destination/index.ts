export { createOtlpProtocol } from './otlp-destination.ts'
