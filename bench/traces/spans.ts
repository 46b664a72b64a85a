import type { Batch } from '../../src/model/index.ts'
import { ProtoWriter } from '../../src/wire/index.ts'
import { createRandom } from '../../src/core/testing/random.ts'
import { SERVICES, SPANS_OF_TRACE, USERS } from './fill.ts'

export const SPANS_OF_BATCH = 500

/** Spans of one service as an SDK sends them, of the same kind as those that the engine makes. */
export function spanBatch(number: number, fromMs: number, lengthMs: number): Batch {
  const random = createRandom(number + 1)
  const below = (most: number): number => Math.floor(random() * most)
  const service = `service-${String(number % SERVICES)}`
  const writer = new ProtoWriter(256 * 1024)
  const resourceSpans = writer.begin(1)
  const resource = writer.begin(1)
  attribute(writer, 1, 'service.name', service)
  attribute(writer, 1, 'k8s.pod.name', `${service}-${String(below(30))}`)
  attribute(writer, 1, 'k8s.namespace.name', `ns-${String(number % 8)}`)
  writer.end(resource)
  const scopeSpans = writer.begin(2)
  for (let i = 0; i < SPANS_OF_BATCH; i++) {
    const span = writer.begin(2)
    const trace = number * SPANS_OF_BATCH + i - (i % SPANS_OF_TRACE)
    writer.bytes(1, idOf(16, trace))
    writer.bytes(2, idOf(8, trace + (i % SPANS_OF_TRACE)))
    if (i % SPANS_OF_TRACE > 0) writer.bytes(4, idOf(8, trace + (i % SPANS_OF_TRACE) - 1))
    writer.string(5, `GET /api/${String(below(50))}`)
    writer.uint32(6, below(6))
    const startNs = BigInt(Math.round((fromMs + (lengthMs * i) / SPANS_OF_BATCH) * 1e3)) * 1_000n
    writer.fixed64(7, startNs)
    writer.fixed64(8, startNs + BigInt(below(1e9)))
    attribute(writer, 9, 'http.request.method', ['GET', 'POST', 'PUT'][below(3)] ?? 'GET')
    attribute(writer, 9, 'http.response.status_code', [200, 204, 404, 500][below(4)] ?? 200)
    attribute(writer, 9, 'url.path', `/api/v1/things/${String(below(100_000))}`)
    attribute(writer, 9, 'user.id', `user-${String(below(USERS))}`)
    attribute(writer, 9, 'server.address', `10.0.${String(below(256))}.1`)
    attribute(writer, 9, 'retry', false)
    attribute(writer, 9, 'ratio', below(100) / 100)
    writer.end(span)
  }
  writer.end(scopeSpans)
  writer.end(resourceSpans)
  const receivedAtMs = Math.round(fromMs + lengthMs)
  const cluster = `cluster-${String(number % 3)}`
  return {
    envelope: {
      signal: 'traces',
      format: 'otlp',
      items: SPANS_OF_BATCH,
      identity: { cluster, environment: 'dev', region: 'here', clusterType: 'workload', tenant: 'dev' },
      collectedAtMs: receivedAtMs,
      receivedAtMs,
    },
    payload: writer.finish(),
  }
}

/** Spread like random ids, and never 0. */
function idOf(bytes: 8 | 16, number: number): Uint8Array {
  const id = Buffer.alloc(bytes)
  for (let at = 0; at < bytes; at += 4) id.writeUInt32LE((Math.imul(number + at + 1, 2_654_435_761) ^ at) >>> 0, at)
  return id
}

function attribute(writer: ProtoWriter, field: number, key: string, value: string | number | boolean): void {
  const pair = writer.begin(field)
  writer.string(1, key)
  const any = writer.begin(2)
  if (typeof value === 'string') writer.string(1, value)
  else if (typeof value === 'boolean') writer.bool(2, value)
  else if (Number.isInteger(value)) writer.int64(3, value)
  else writer.double(4, value)
  writer.end(any)
  writer.end(pair)
}
