export {
  type ClientCertificates,
  createIngestClient,
  type IngestClient,
  type IngestClientOptions,
  type IngestRequest,
} from './client.ts'
export { type OtlpExporterConfig, otlpExporterConfigSchema } from './config.ts'
export { createOtlpExporter, type OtlpExporter, type OtlpExporterOptions, type OtlpExporterStatus } from './exporter.ts'
export type { SendOutcome, Verdict } from './outcome.ts'
