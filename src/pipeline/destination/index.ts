export { type Entry, EntryRequest, type Frame, packEntries, type RequestLimits } from './entries.ts'
export {
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
export type { ClusterCounts, ClusterReport } from './cluster-totals.ts'
export { type AuthSettings, resolveHeaders } from './headers.ts'
export type { ProtocolParts } from './parts.ts'
export type { DestinationProtocol, DestinationRequest, Encoded, Outcome, Undelivered } from './protocol.ts'
export { createSecrets, type Secrets, versionOfFile } from './secrets.ts'
export { chainSelections, createFilter, type Selection } from './filter.ts'
export { type DropReason, Lane, type LaneOptions } from './lane.ts'
export { type BacklogLimits, LogRetention } from './log-retention.ts'
export type { LaneReport } from './report.ts'
export { type Backfill, openStart, type SegmentStart } from './start-position.ts'
export type { LaneCounts } from './totals.ts'
export type { Where } from './where.ts'
export { toStatusOutcome } from './http-status.ts'
export { UndeliveredCounts } from './undelivered-counts.ts'
