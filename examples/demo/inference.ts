import { metrics } from '@opentelemetry/api'
import { Counter, Gauge } from 'prom-client'
import { emitLog } from './log.ts'
import { createService, sleep, SpanKind, SpanStatusCode } from './service.ts'

/**
 * A stand-in for a model server: it computes nothing, but its requests, latencies, tokens and queue behave like one's,
 * and its accelerator metrics follow from the work it has. The metric names are those of the generative-AI semantic
 * conventions and of the usual GPU exporter; the label `modelName` says that the device is simulated.
 */
const service = createService('inference')
const model = 'demo-small'

const meter = metrics.getMeter('inference')
const duration = meter.createHistogram('gen_ai.server.request.duration', {
  unit: 's',
  description: 'Request duration.',
})
const firstToken = meter.createHistogram('gen_ai.server.time_to_first_token', {
  unit: 's',
  description: 'Time to first token.',
})
const tokenUsage = meter.createHistogram('gen_ai.client.token.usage', { unit: '{token}', description: 'Tokens used.' })
meter
  .createObservableUpDownCounter('inference.requests.active', {
    unit: '{request}',
    description: 'Requests being served.',
  })
  .addCallback((result) => {
    result.observe(active, { 'gen_ai.request.model': model })
  })

const FAILS_EVERY = 20
let served = 0
let active = 0
const tokens = new Counter({
  name: 'inference_tokens_total',
  help: 'Tokens, by kind.',
  labelNames: ['kind'],
  registers: [service.registry],
})
const gpuLabels = { gpu: '0', modelName: 'simulated' }
const labelNames = Object.keys(gpuLabels)
const registers = [service.registry]
const utilisation = new Gauge({ name: 'DCGM_FI_DEV_GPU_UTIL', help: 'GPU utilization (in %).', labelNames, registers })
const memoryUsed = new Gauge({
  name: 'DCGM_FI_DEV_FB_USED',
  help: 'Framebuffer memory used (in MiB).',
  labelNames,
  registers,
})
const temperature = new Gauge({ name: 'DCGM_FI_DEV_GPU_TEMP', help: 'GPU temperature (in C).', labelNames, registers })
const power = new Gauge({ name: 'DCGM_FI_DEV_POWER_USAGE', help: 'Power draw (in W).', labelNames, registers })

let busyMs = 0
setInterval(() => {
  const load = Math.min(1, busyMs / 1_000)
  busyMs = 0
  utilisation.set(gpuLabels, Math.round(100 * load))
  memoryUsed.set(gpuLabels, Math.round(6_200 + 900 * active))
  temperature.set(gpuLabels, Math.round(38 + 40 * load))
  power.set(gpuLabels, Math.round(60 + 220 * load))
}, 1_000).unref()

service.listen([
  { method: 'POST', path: /^\/v1\/recommend$/, name: '/v1/recommend', handle: () => infer('recommend', 40) },
  { method: 'POST', path: /^\/v1\/fraud$/, name: '/v1/fraud', handle: () => infer('fraud', 12) },
])

function infer(operation: string, meanTokens: number): Promise<{ status: number; body: unknown }> {
  const attributes = { 'gen_ai.operation.name': operation, 'gen_ai.request.model': model }
  return service.tracer.startActiveSpan(
    `${operation} ${model}`,
    { kind: SpanKind.INTERNAL, attributes },
    async (span) => {
      const started = performance.now()
      active += 1
      try {
        // Now and then the accelerator runs out of memory, in every cluster alike.
        served += 1
        if (served % FAILS_EVERY === 0) throw new Error('out of accelerator memory')
        const input = 20 + Math.floor(Math.random() * 80)
        const output = 1 + Math.floor(-Math.log(1 - Math.random()) * meanTokens)
        // Work queues up: the more requests are active, the longer each waits for its first token.
        await sleep(8 + 6 * active + Math.random() * 10)
        firstToken.record((performance.now() - started) / 1_000, attributes)
        await sleep(output * 1.2)
        tokens.inc({ kind: 'input' }, input)
        tokens.inc({ kind: 'output' }, output)
        tokenUsage.record(input, { ...attributes, 'gen_ai.token.type': 'input' })
        tokenUsage.record(output, { ...attributes, 'gen_ai.token.type': 'output' })
        span.setAttributes({ 'gen_ai.usage.input_tokens': input, 'gen_ai.usage.output_tokens': output })
        emitLog('info', `${operation} served`, { operation, input_tokens: input, output_tokens: output })
        return { status: 200, body: { model, tokens: output } }
      } catch (reason) {
        span.recordException(reason as Error)
        span.setStatus({ code: SpanStatusCode.ERROR, message: String(reason) })
        emitLog('error', `error: ${operation} failed: ${String(reason)}`, { operation })
        return { status: 503, body: { error: String(reason) } }
      } finally {
        active -= 1
        const elapsedMs = performance.now() - started
        busyMs += elapsedMs
        duration.record(elapsedMs / 1_000, attributes)
        span.end()
      }
    },
  )
}
