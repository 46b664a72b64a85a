import { SeverityNumber } from '@opentelemetry/api-logs'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-grpc'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '../../../core/index.ts'
import { OTLP_REQUEST_TYPES, toPlain } from '../../../wire/testing/otlp-proto.ts'
import type { OtlpReceiver } from './index.ts'
import { type Running, startEdge } from './testing/receivers.ts'

// OpenTelemetry's own SDK and exporters, unmodified, against the edge's receiver.
describe('the OpenTelemetry SDK', () => {
  const resource = resourceFromAttributes({ 'service.name': 'shop' })
  let edge: Running<OtlpReceiver>

  beforeAll(async () => {
    edge = await startEdge()
  })
  afterAll(() => edge.stop())

  const take = (): Record<string, unknown> => {
    const [batch] = edge.batches.splice(0)
    if (batch === undefined) throw new Error('nothing arrived')
    return toPlain(OTLP_REQUEST_TYPES[batch.envelope.signal], batch.payload)
  }
  const serviceName = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] }

  it('sends spans over gRPC', async () => {
    const exporter = new OTLPTraceExporter({ url: `http://127.0.0.1:${String(edge.grpc.port)}` })
    const provider = new NodeTracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor(exporter)] })
    provider.getTracer('test').startSpan('checkout').end()
    await provider.forceFlush()
    await provider.shutdown()
    expect(take()).toMatchObject({
      resourceSpans: [{ resource: serviceName, scopeSpans: [{ spans: [{ name: 'checkout' }] }] }],
    })
  })

  it('sends metrics over gRPC', async () => {
    const exporter = new OTLPMetricExporter({ url: `http://127.0.0.1:${String(edge.grpc.port)}` })
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
    const provider = new MeterProvider({ resource, readers: [reader] })
    provider.getMeter('test').createCounter('orders').add(3)
    await provider.shutdown()
    const dataPoints = [{ asDouble: 3 }]
    expect(take()).toMatchObject({
      resourceMetrics: [
        { resource: serviceName, scopeMetrics: [{ metrics: [{ name: 'orders', sum: { dataPoints } }] }] },
      ],
    })
  })

  it('sends log records over HTTP, and again after it was told to wait', async () => {
    const exporter = new OTLPLogExporter({ url: `http://127.0.0.1:${String(edge.http.port)}/v1/logs` })
    const provider = new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor({ exporter })] })
    const consume = edge.consume
    let refusals = 0
    edge.consume = async (batch) => {
      if (refusals++ === 0) throw new AppError('exhausted', 'not now', { retryAfterMs: 1_000 })
      await consume(batch)
    }
    provider.getLogger('test').emit({ severityNumber: SeverityNumber.INFO, body: 'order placed' })
    await provider.forceFlush()
    await provider.shutdown()
    expect(refusals).toBe(2)
    expect(take()).toMatchObject({
      resourceLogs: [
        {
          resource: serviceName,
          scopeLogs: [{ logRecords: [{ severityNumber: 9, body: { stringValue: 'order placed' } }] }],
        },
      ],
    })
  })
})
