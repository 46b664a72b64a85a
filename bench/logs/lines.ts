import type { Batch } from '../../src/model/index.ts'
import { ProtoWriter } from '../../src/wire/index.ts'

/** When the lines begin: 2026-01-01T00:00:00Z, and how long they go on. */
export const START_MS = Date.UTC(2026, 0, 1)
export const SPAN_MS = 86_400_000
export const LINES_OF_BATCH = 1_000
const SERVICES = 48
const CLUSTERS = 4
const PODS = 3
const LEVELS = ['info', 'info', 'info', 'info', 'info', 'info', 'warn', 'error']

/** The line that is looked for: one in all. */
export const NEEDLE = 'flux capacitor discharged'

/** Deterministic: every run writes the same. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return (state >>> 0) / 2 ** 32
  }
}

/** When the lines of a batch were written. */
export interface Stretch {
  readonly fromMs: number
  readonly lengthMs: number
  /** Whether the needle is among them. */
  readonly needle?: boolean
}

/** Streams that there are: a batch for each number below it has lines of each. */
export const STREAMS = SERVICES * CLUSTERS * PODS

/** Batch `number`, of one pod of one service, and the bytes of its lines. */
export function logBatch(number: number, stretch: Stretch): { readonly batch: Batch; readonly bytes: number } {
  const { fromMs, lengthMs, needle = false } = stretch
  const random = createRandom(number + 1)
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('')
  const service = `svc-${String(number % SERVICES)}`
  const cluster = `prd-${String(Math.floor(number / SERVICES) % CLUSTERS)}`
  const stepMs = lengthMs / LINES_OF_BATCH
  const writer = new ProtoWriter(512 * 1024)
  const resourceLogs = writer.begin(1)
  const resource = writer.begin(1)
  attribute(writer, 1, 'service.name', service)
  attribute(writer, 1, 'k8s.namespace.name', `ns-${String((number % SERVICES) % 6)}`)
  attribute(writer, 1, 'k8s.pod.name', `${service}-${String(Math.floor(number / (SERVICES * CLUSTERS)) % PODS)}`)
  writer.end(resource)
  const scopeLogs = writer.begin(2)
  let bytes = 0
  for (let i = 0; i < LINES_OF_BATCH; i++) {
    const level = LEVELS[Math.floor(random() * LEVELS.length)] ?? 'info'
    const message = needle && i === 500 ? NEEDLE : `GET /api/v1/items/${String(Math.floor(random() * 1e5))} finished`
    const line = JSON.stringify({
      level,
      msg: message,
      status: 200 + Math.floor(random() * 5) * 100,
      duration_ms: Math.floor(random() * 3000),
      user: `user-${String(Math.floor(random() * 5000))}`,
      request_id: hex(16),
    })
    bytes += line.length
    const record = writer.begin(2)
    writer.fixed64(1, BigInt(Math.round((fromMs + i * stepMs) * 1e3)) * 1_000n + BigInt(number % 997))
    const body = writer.begin(5)
    writer.string(1, line)
    writer.end(body)
    attribute(writer, 6, 'thread', String(Math.floor(random() * 16)))
    writer.end(record)
  }
  writer.end(scopeLogs)
  writer.end(resourceLogs)
  const identity = { cluster, environment: 'prd', region: 'uaenorth', clusterType: 'workload', tenant: 'prd' }
  const receivedAtMs = Math.round(fromMs + lengthMs)
  const envelope = {
    signal: 'logs' as const,
    format: 'otlp' as const,
    items: LINES_OF_BATCH,
    identity,
    collectedAtMs: receivedAtMs,
    receivedAtMs,
  }
  return { batch: { envelope, payload: writer.finish() }, bytes }
}

function attribute(writer: ProtoWriter, field: number, key: string, value: string): void {
  const pair = writer.begin(field)
  writer.string(1, key)
  const any = writer.begin(2)
  writer.string(1, value)
  writer.end(any)
  writer.end(pair)
}
