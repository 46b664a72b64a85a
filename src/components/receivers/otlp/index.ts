export {
  type CertificateIdentityOptions,
  createCertificateIdentity,
  type Identify,
  type Peer,
  type Refusal,
  type RefusalReason,
  type Verdict,
} from './caller.ts'
export { type EdgeOtlpConfig, edgeOtlpConfigSchema, type HubOtlpConfig, hubOtlpConfigSchema } from './config.ts'
export { createEdgeOtlpReceiver, type EdgeOtlpOptions } from './edge.ts'
export { createHubOtlpReceiver, type HubOtlpOptions, type HubOtlpReceiver } from './hub.ts'
export type { ListenAddress } from './listen.ts'
export type { OtlpReceiver, OtlpReceiverOptions } from './otlp.ts'
export type { ServerCertificates } from './tls-door.ts'
