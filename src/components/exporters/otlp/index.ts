export { otlpExporterConfigSchema } from './config.ts'
export { createOtlpExporter, type OtlpExporter } from './exporter.ts'
