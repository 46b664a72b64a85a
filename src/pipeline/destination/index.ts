export {
  type AuthSettings,
  createHttpClient,
  type HttpAnswer,
  type HttpClient,
  type HttpClientOptions,
  type HttpRequest,
  readTlsFiles,
  retryAfterOf,
  type TlsSettings,
  toFailureOutcome,
} from './http-client.ts'
export type { ProtocolParts } from './parts.ts'
export type { DestinationProtocol, DestinationRequest, Encoded, Outcome, Undelivered } from './protocol.ts'
export { createSecrets, type Secrets, versionOfFile } from './secrets.ts'
