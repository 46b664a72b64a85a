import type { Batch, Signal } from '../../src/model/index.ts'
import { ProtoWriter } from '../../src/wire/index.ts'

/** Batches of one signal, as edges send them: distinct requests of one service each, with times that go on. */
export interface Workload {
  readonly signal: Signal
  readonly format: Batch['envelope']['format']
  readonly batches: readonly Batch[]
  readonly itemsPerBatch: number
}

const BATCHES = 64
const SERIES = 10_000
const START_MS = Date.now() - 600_000

/** Deterministic: every run writes the same. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return (state >>> 0) / 2 ** 32
  }
}

export function metricWorkload(): Workload {
  const random = createRandom(1)
  return toWorkload('metrics', 1000, (writer, batch) => {
    for (let metric = 0; metric < 10; metric++) {
      const start = writer.begin(2)
      writer.string(1, `http.server.active_requests_${String(metric)}`)
      writer.string(3, '{request}')
      const gauge = writer.begin(5)
      for (let i = 0; i < 100; i++) {
        const series = (batch * 100 + i) % (SERIES / 10)
        const point = writer.begin(1)
        attribute(writer, 7, 'http.method', 'GET')
        attribute(writer, 7, 'http.route', `/api/${String(series % 20)}`)
        attribute(writer, 7, 'status', '200')
        attribute(writer, 7, 'pod', `cart-${String(series)}`)
        writer.fixed64(3, nowNs(batch))
        writer.double(4, Math.round(random() * 1000) / 1000)
        writer.end(point)
      }
      writer.end(gauge)
      writer.end(start)
    }
  })
}

export function histogramWorkload(): Workload {
  const random = createRandom(2)
  const bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
  return toWorkload('metrics', 1000, (writer, batch) => {
    for (let metric = 0; metric < 10; metric++) {
      const start = writer.begin(2)
      writer.string(1, `http.server.duration_${String(metric)}`)
      writer.string(3, 's')
      const histogram = writer.begin(9)
      writer.int64(2, 2)
      for (let i = 0; i < 100; i++) {
        const point = writer.begin(1)
        attribute(writer, 9, 'pod', `cart-${String(i)}`)
        writer.fixed64(3, nowNs(batch))
        writer.fixed64(4, 150n)
        writer.double(5, random())
        const counts = writer.begin(6)
        for (let n = 0; n <= bounds.length; n++) writer.rawFixed64(BigInt(n))
        writer.end(counts)
        const edges = writer.begin(7)
        for (const bound of bounds) writer.rawDouble(bound)
        writer.end(edges)
        writer.end(point)
      }
      writer.end(histogram)
      writer.end(start)
    }
  })
}

export function logWorkload(): Workload {
  const random = createRandom(3)
  return toWorkload('logs', 1000, (writer, batch) => {
    for (let i = 0; i < 1000; i++) {
      const record = writer.begin(2)
      writer.fixed64(1, nowNs(batch))
      writer.int64(2, 9)
      writer.string(3, 'INFO')
      const body = writer.begin(5)
      writer.string(1, logLine(random))
      writer.end(body)
      attribute(writer, 6, 'http.method', 'GET')
      attribute(writer, 6, 'http.target', `/cart/${String(Math.floor(random() * 1e6))}`)
      attribute(writer, 6, 'user.id', `user-${String(Math.floor(random() * 1e5))}`)
      attribute(writer, 6, 'http.status_code', 200)
      attribute(writer, 6, 'duration_ms', Math.floor(random() * 1000))
      writer.bytes(9, randomBytes(random, 16))
      writer.bytes(10, randomBytes(random, 8))
      writer.fixed64(11, nowNs(batch))
      writer.end(record)
    }
  })
}

export function spanWorkload(): Workload {
  const random = createRandom(4)
  return toWorkload('traces', 512, (writer, batch) => {
    let trace = randomBytes(random, 16)
    for (let i = 0; i < 512; i++) {
      if (i % 8 === 0) trace = randomBytes(random, 16)
      const span = writer.begin(2)
      writer.bytes(1, trace)
      writer.bytes(2, randomBytes(random, 8))
      writer.bytes(4, randomBytes(random, 8))
      writer.string(5, `GET /api/${String(i % 20)}`)
      writer.int64(6, 2)
      writer.fixed64(7, nowNs(batch))
      writer.fixed64(8, nowNs(batch) + BigInt(Math.floor(random() * 1e9)))
      for (let n = 0; n < 8; n++)
        attribute(writer, 9, `http.attribute.${String(n)}`, `value ${String(Math.floor(random() * 1000))}`)
      attribute(writer, 9, 'http.status_code', 200)
      attribute(writer, 9, 'net.peer.port', 8080)
      writer.end(span)
    }
  })
}

export function remoteWriteWorkload(): Workload {
  const random = createRandom(5)
  return toRemoteWriteWorkload(2000, (writer, batch) => {
    const symbols = new Map<string, number>([['', 0]])
    const series = new ProtoWriter(1 << 16)
    for (let i = 0; i < 2000; i++) {
      const start = series.begin(5)
      const labels = {
        __name__: `node_metric_${String(i % 200)}`,
        instance: `10.0.0.${String(batch % 50)}:9100`,
        job: 'node',
        cpu: String(Math.floor(i / 200)),
        mode: 'idle',
        device: 'sda',
      }
      const refs = series.begin(1)
      for (const text of Object.entries(labels).sort().flat()) series.varint32(reference(symbols, text))
      series.end(refs)
      const sample = series.begin(2)
      series.double(1, Math.round(random() * 1e6) / 1000)
      series.int64(2, START_MS + batch * 15)
      series.end(sample)
      series.end(start)
    }
    for (const symbol of symbols.keys()) writer.string(4, symbol)
    writer.raw(series.view())
  })
}

function toRemoteWriteWorkload(itemsPerBatch: number, write: (writer: ProtoWriter, batch: number) => void): Workload {
  const batches = Array.from({ length: BATCHES }, (_, batch) => {
    const writer = new ProtoWriter(1 << 18)
    write(writer, batch)
    return toBatch('metrics', 'remote-write-2', itemsPerBatch, writer.finish())
  })
  return { signal: 'metrics', format: 'remote-write-2', batches, itemsPerBatch }
}

function toWorkload(
  signal: Signal,
  itemsPerBatch: number,
  writeItems: (writer: ProtoWriter, batch: number) => void,
): Workload {
  const batches = Array.from({ length: BATCHES }, (_, batch) => {
    const writer = new ProtoWriter(1 << 18)
    const top = writer.begin(1)
    const resource = writer.begin(1)
    for (const [key, value] of Object.entries(resourceOf(batch))) attribute(writer, 1, key, value)
    writer.end(resource)
    const scope = writer.begin(2)
    const about = writer.begin(1)
    writer.string(1, 'io.opentelemetry.http')
    writer.string(2, '1.2.3')
    writer.end(about)
    writeItems(writer, batch)
    writer.end(scope)
    writer.end(top)
    return toBatch(signal, 'otlp', itemsPerBatch, writer.finish())
  })
  return { signal, format: 'otlp', batches, itemsPerBatch }
}

function toBatch(signal: Signal, format: Batch['envelope']['format'], items: number, payload: Uint8Array): Batch {
  const now = Date.now()
  const identity = {
    cluster: 'dev-uaenorth',
    environment: 'dev',
    region: 'uaenorth',
    clusterType: 'workload',
    tenant: 'dev',
  }
  return { envelope: { signal, format, items, identity, collectedAtMs: now, receivedAtMs: now }, payload }
}

function resourceOf(batch: number): Readonly<Record<string, string>> {
  return {
    'service.name': `service-${String(batch % 10)}`,
    'service.namespace': 'shop',
    'service.instance.id': `instance-${String(batch % 20)}`,
    'k8s.namespace.name': 'shop',
    'k8s.pod.name': `service-${String(batch % 20)}-abcde`,
    'k8s.cluster.name': 'dev-uaenorth',
    'deployment.environment.name': 'dev',
    'cloud.region': 'uaenorth',
  }
}

function attribute(writer: ProtoWriter, field: number, key: string, value: string | number): void {
  const pair = writer.begin(field)
  writer.string(1, key)
  const any = writer.begin(2)
  if (typeof value === 'string') writer.string(1, value)
  else writer.int64(3, value)
  writer.end(any)
  writer.end(pair)
}

function reference(symbols: Map<string, number>, text: string): number {
  const known = symbols.get(text) ?? symbols.size
  symbols.set(text, known)
  return known
}

function randomBytes(random: () => number, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => Math.floor(random() * 256))
}

function logLine(random: () => number): string {
  const id = Math.floor(random() * 1e9).toString(36)
  return `request ${id} handled by cart service: user session validated, 3 items priced, discount none, payment authorised by provider in ${String(Math.floor(random() * 900))} ms, order queued for fulfilment as ${id}-${String(Math.floor(random() * 1e6))}`
}

function nowNs(batch: number): bigint {
  return BigInt(START_MS + batch * 15) * 1_000_000n
}
