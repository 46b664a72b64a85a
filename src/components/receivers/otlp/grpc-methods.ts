import type { EdgeReport, Identity, PayloadFormat, Signal } from '../../../model/index.ts'
import { encodePartialSuccess, OTLP_SUCCESS } from '../../../wire/index.ts'
import { BATCH_ID_HEADER, COLLECTED_AT_HEADER } from './batch-headers.ts'
import { parseEdgeReport } from './edge-report.ts'
import type { GrpcMethod } from './grpc/index.ts'
import type { Intake } from './intake.ts'

const OTLP_SERVICES: Readonly<Record<Signal, string>> = {
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
}
const WRITE_METRICS = '/fleetglass.v1.Ingest/WriteMetrics'
const REPORT = '/fleetglass.v1.Ingest/Report'

export interface GrpcMethodsOptions {
  readonly intake: Intake
  /** On the hub: what edges tell about themselves. */
  readonly onReport?: ((identity: Identity, report: EdgeReport) => void) | undefined
}

/** OTLP over gRPC. With `onReport`, remote write 2.0 and the edges' reports have methods beside OTLP's own. */
export function createGrpcMethods({ intake, onReport }: GrpcMethodsOptions): ReadonlyMap<string, GrpcMethod> {
  const submit =
    (signal: Signal, format: PayloadFormat): GrpcMethod =>
    async ({ identity, message, text }) => {
      const partial = await intake.submit({
        identity,
        signal,
        format,
        read: () => message,
        batchId: text(BATCH_ID_HEADER),
        collectedAt: text(COLLECTED_AT_HEADER),
      })
      return partial === undefined ? OTLP_SUCCESS : encodePartialSuccess(partial)
    }
  const methods = new Map<string, GrpcMethod>([
    [OTLP_SERVICES.metrics, submit('metrics', 'otlp')],
    [OTLP_SERVICES.logs, submit('logs', 'otlp')],
    [OTLP_SERVICES.traces, submit('traces', 'otlp')],
  ])
  if (onReport !== undefined) {
    methods.set(WRITE_METRICS, submit('metrics', 'remote-write-2'))
    methods.set(REPORT, ({ identity, message }) => {
      onReport(identity, parseEdgeReport(message, identity))
      return Promise.resolve(OTLP_SUCCESS)
    })
  }
  return methods
}
