export { type Address } from './address.ts'
export { ensureFleetCertificates } from './certificates.ts'
export type { Collect, LogFiles, ScrapeJob } from './collect.ts'
export type { DestinationOfType, DestinationSettings, DestinationType } from './destinations/index.ts'
export { type EdgeFile, parseEdgeFile } from './edge-file.ts'
export { type Fleet, parseFleetFile, type Retention, type Team } from './fleet.ts'
export type { EdgeSettings, HubSettings } from './fleet-schema.ts'
export { renderEdgeFile, type RenderEdgeOptions } from './render-edge-file.ts'
export { renderFleetJsonSchema } from './fleet-json-schema.ts'
export type { PresentedCertificate } from './status/certificates.ts'
export type { ClusterLedger } from './status/cluster-state.ts'
export type { RejectionAbout } from './status/rejections.ts'
export {
  createFleetStatus,
  type FleetStatus,
  type FleetStatusOptions,
  type Refusal,
} from './status/fleet-status.ts'
export type { SpanMetricsSettings } from './span-metrics.ts'
export type { Writer } from './writers.ts'
export {
  clusterScrubSchema,
  type Detector,
  DETECTORS,
  type ScrubAction,
  type ScrubRule,
  type ScrubSettings,
} from './scrub-schema.ts'
