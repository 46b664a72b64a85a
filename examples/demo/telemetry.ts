import type httpModule from 'node:http'
import { createRequire } from 'node:module'
import { metrics, trace } from '@opentelemetry/api'
import { logs } from '@opentelemetry/api-logs'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-grpc'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'

export interface Telemetry {
  /** Node's http module, instrumented. */
  readonly http: typeof httpModule
  shutdown(): Promise<void>
}

/**
 * The OpenTelemetry SDK as a service's owner would set it up: traces and metrics over OTLP/gRPC, logs over OTLP/HTTP,
 * all to the edge of its own cluster (`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_LOGS_ENDPOINT`). The rest of
 * the resource comes from `OTEL_RESOURCE_ATTRIBUTES`, as a Kubernetes deployment would give it.
 */
export function startTelemetry(serviceName: string): Telemetry {
  process.env['OTEL_SEMCONV_STABILITY_OPT_IN'] ??= 'http'
  const resource = resourceFromAttributes({ 'service.name': serviceName, 'service.version': '1.4.2' }).merge(
    detectResources({ detectors: [envDetector] }),
  )

  const tracerProvider = new NodeTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter(), { scheduledDelayMillis: 1_000 })],
  })
  tracerProvider.register()
  trace.setGlobalTracerProvider(tracerProvider)

  const meterProvider = new MeterProvider({
    resource,
    readers: [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter(), exportIntervalMillis: 5_000 })],
  })
  metrics.setGlobalMeterProvider(meterProvider)

  const loggerProvider = new LoggerProvider({
    resource,
    processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(), scheduledDelayMillis: 1_000 })],
  })
  logs.setGlobalLoggerProvider(loggerProvider)

  registerInstrumentations({
    tracerProvider,
    meterProvider,
    instrumentations: [
      new HttpInstrumentation({
        ignoreIncomingRequestHook: (request) => request.url === '/metrics' || request.url === '/healthz',
      }),
    ],
  })

  return {
    // Required after the instrumentation is in place, so that it is the patched module.
    http: createRequire(import.meta.url)('node:http') as typeof httpModule,
    shutdown: async () => {
      await Promise.allSettled([tracerProvider.shutdown(), meterProvider.shutdown(), loggerProvider.shutdown()])
    },
  }
}
