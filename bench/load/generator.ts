import { readFileSync } from 'node:fs'
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import type { Signal } from '../../src/model/index.ts'
import { cpuSeconds } from '../machine/process-usage.ts'
import { logTemplate, metricTemplate, spanTemplate, type Template } from './template.ts'

/** What a generator is told, as JSON in its first argument. */
export interface Load {
  readonly target: string
  /** Files; without them the load goes in plain text, to an edge. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string }
  readonly seconds: number
  readonly streams: readonly LoadStream[]
}

export interface LoadStream {
  readonly signal: Signal
  /** Absent: as many as are taken. */
  readonly itemsPerSecond?: number
  /** Different requests; for metrics each has 1,000 series of its own. */
  readonly templates: number
  readonly inFlight: number
}

/** What a generator prints at its end, as JSON. */
export interface LoadResult {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly streams: readonly {
    readonly signal: Signal
    readonly acknowledged: number
    readonly bytes: number
    /** Items of requests that were refused with a hint to come back. */
    readonly refused: number
    readonly failed: number
    readonly p50Ms: number
    readonly p99Ms: number
  }[]
}

const PATHS: Readonly<Record<Signal, string>> = {
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
}
const TEMPLATES: Readonly<Record<Signal, (number: number) => Template>> = {
  metrics: metricTemplate,
  logs: logTemplate,
  traces: spanTemplate,
}
const REFUSED_WAIT_MS = 500
/** A request that has no answer by then counts as failed. */
const DEADLINE_MS = 30_000

async function generate(load: Load): Promise<LoadResult> {
  const client = new Client(load.target, credentialsOf(load), { 'grpc.enable_channelz': 0 })
  await new Promise<void>((resolve, reject) => {
    client.waitForReady(Date.now() + DEADLINE_MS, (error) => (error === undefined ? resolve() : reject(error)))
  })
  const templates = load.streams.map((stream) =>
    Array.from({ length: stream.templates }, (_, i) => TEMPLATES[stream.signal](i)),
  )
  const startedAt = performance.now()
  const streams = await Promise.all(
    load.streams.map((stream, i) => send(client, stream, templates[i] ?? [], startedAt + load.seconds * 1_000)),
  )
  client.close()
  return { seconds: (performance.now() - startedAt) / 1_000, cpuSeconds: cpuSeconds(process.pid), streams }
}

function credentialsOf({ tls }: Load): ReturnType<typeof credentials.createInsecure> {
  if (tls === undefined) return credentials.createInsecure()
  return credentials.createSsl(readFileSync(tls.ca), readFileSync(tls.key), readFileSync(tls.cert))
}

async function send(
  client: Client,
  stream: LoadStream,
  templates: readonly Template[],
  endMs: number,
): Promise<LoadResult['streams'][number]> {
  const counts = { acknowledged: 0, bytes: 0, refused: 0, failed: 0 }
  const latenciesMs: number[] = []
  const startMs = performance.now()
  let next = 0
  let sent = 0
  const work = async (): Promise<void> => {
    while (performance.now() < endMs) {
      const template = templates[next++ % templates.length]
      if (template === undefined) throw new Error('a stream needs a template')
      sent += template.items
      if (stream.itemsPerSecond !== undefined)
        await until(startMs + ((sent - template.items) / stream.itemsPerSecond) * 1_000)
      const payload = template.next(Date.now())
      const sentAt = performance.now()
      const code = await call(client, PATHS[stream.signal], payload)
      if (code === status.OK) {
        counts.acknowledged += template.items
        counts.bytes += payload.length
        latenciesMs.push(performance.now() - sentAt)
      } else if (code === status.UNAVAILABLE || code === status.RESOURCE_EXHAUSTED) {
        counts.refused += template.items
        await until(performance.now() + REFUSED_WAIT_MS * (0.5 + Math.random()))
      } else counts.failed += template.items
    }
  }
  await Promise.all(Array.from({ length: stream.inFlight }, work))
  latenciesMs.sort((a, b) => a - b)
  const quantile = (q: number): number => latenciesMs[Math.floor(latenciesMs.length * q)] ?? Number.NaN
  return { signal: stream.signal, ...counts, p50Ms: quantile(0.5), p99Ms: quantile(0.99) }
}

function call(client: Client, path: string, payload: Buffer): Promise<status> {
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      path,
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
      payload,
      new Metadata(),
      { deadline: Date.now() + DEADLINE_MS },
      (error: ServiceError | null) => resolve(error === null ? status.OK : error.code),
    )
  })
}

function until(atMs: number): Promise<void> {
  const leftMs = atMs - performance.now()
  return leftMs <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, leftMs))
}

process.stdout.write(JSON.stringify(await generate(JSON.parse(process.argv[2] ?? '{}') as Load)))
