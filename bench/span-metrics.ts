import { createRandom } from '../src/core/testing/random.ts'
import { Books } from '../src/components/connectors/span-metrics/books.ts'
import { renderBook } from '../src/components/connectors/span-metrics/render-series.ts'
import { ServiceGraph } from '../src/components/connectors/span-metrics/service-graph.ts'
import { SpanCounter } from '../src/components/connectors/span-metrics/span-counter.ts'
import { SpanSeries } from '../src/components/connectors/span-metrics/span-series.ts'
import type { Batch, Identity } from '../src/model/index.ts'
import { ProtoWriter } from '../src/wire/index.ts'

export const name = 'span-metrics'

interface Result {
  readonly what: string
  readonly value: number
  readonly unit: string
}

const BUCKETS = Array.from({ length: 14 }, (_, i) => 0.002 * 2 ** i)
const BATCHES = 100
const SPANS = 512
const CPU_MS = 2_000
const CLIENT = 3
const SERVER = 2
const INTERNAL = 1

/** Spans counted and rendered on one thread: half of them are sides of requests between two clusters. */
export function run(): Promise<readonly Result[]> {
  const batches = createBatches()
  return Promise.resolve([
    count('as by default', batches, {}),
    count('with two dimensions', batches, { dimensions: ['http.attribute.1', 'deployment.track'] }),
    count('names without ids', batches, { withoutIds: true }),
    count('one of 12 spans has a new name', createBatches(12), {}),
    render(batches),
  ])
}

interface Options {
  readonly dimensions?: readonly string[]
  readonly withoutIds?: boolean
}

interface Parts {
  readonly books: Books
  readonly graph: ServiceGraph
  readonly counter: SpanCounter
}

function createParts({ dimensions = [], withoutIds = false }: Options): Parts {
  const books = new Books({ bounds: BUCKETS, maxSeriesPerCluster: 50_000, counted: 0, countedBelow: new Map() })
  const graph = new ServiceGraph(books, { waitMs: 10_000, maxPending: 200_000, onFate: () => undefined })
  const series = new SpanSeries(books, { dimensions, withoutIds })
  return { books, graph, counter: new SpanCounter(books, { series, graph, dimensions }) }
}

function count(what: string, batches: readonly Batch[], options: Options): Result {
  const { graph, counter } = createParts(options)
  let nowMs = 1_000_000
  const pass = (): number => {
    let spans = 0
    for (const batch of batches) {
      nowMs += 20
      graph.expire(nowMs)
      spans += counter.count(batch, nowMs)
    }
    return spans
  }
  pass()
  const start = process.cpuUsage()
  let spans = 0
  let microseconds = 0
  while (microseconds < CPU_MS * 1000) {
    spans += pass()
    const { user, system } = process.cpuUsage(start)
    microseconds = user + system
  }
  return { what: `spans counted, ${what}`, value: microseconds / spans, unit: 's of CPU per 1 M spans' }
}

function render(batches: readonly Batch[]): Result {
  const { books, counter } = createParts({ dimensions: ['http.attribute.1'] })
  for (const batch of batches) counter.count(batch, 1_000_000)
  const start = process.cpuUsage()
  let series = 0
  let microseconds = 0
  for (let timeMs = 2_000_000; microseconds < CPU_MS * 1000; timeMs += 15_000) {
    for (const book of books) {
      series += renderBook(book, timeMs, Infinity)?.items ?? 0
      book.settle()
    }
    const { user, system } = process.cpuUsage(start)
    microseconds = user + system
  }
  return { what: 'series rendered', value: microseconds / series, unit: 's of CPU per 1 M samples' }
}

/** With `newNames`, one span in so many has a name that no other has. */
function createBatches(newNames = Infinity): readonly Batch[] {
  const random = createRandom(11)
  let names = 0
  return Array.from({ length: BATCHES }, (_, n) => {
    // Each second batch holds the servers' sides of the one before.
    const isServers = n % 2 === 1
    const writer = new ProtoWriter(1 << 18)
    const perResource = writer.begin(1)
    const resource = writer.begin(1)
    attribute(writer, 1, 'service.name', `service-${String(n % 20)}`)
    for (let i = 0; i < 8; i++) attribute(writer, 1, `resource.attribute.${String(i)}`, `value ${String(n % 20)}`)
    writer.end(resource)
    const scope = writer.begin(2)
    for (let i = 0; i < SPANS; i++) {
      const isSide = i % 2 === 0
      const seed = createRandom((n >> 1) * SPANS + i)
      const [trace, id] = [bytesOf(seed, 16), bytesOf(seed, 8)]
      const span = writer.begin(2)
      writer.bytes(1, trace)
      writer.bytes(2, isServers || !isSide ? bytesOf(random, 8) : id)
      writer.bytes(4, isServers && isSide ? id : bytesOf(random, 8))
      const isNew = ++names % newNames === 0
      writer.string(5, isNew ? `GET /api/items/${String(names)}` : `GET /api/${String(i % 20)}`)
      const side = isServers ? SERVER : CLIENT
      writer.int64(6, isSide ? side : INTERNAL)
      writer.fixed64(7, 1_700_000_000_000_000_000n)
      writer.fixed64(8, 1_700_000_000_000_000_000n + BigInt(Math.floor(random() * 1e9)))
      for (let a = 0; a < 8; a++) {
        attribute(writer, 9, `http.attribute.${String(a)}`, `value ${String(Math.floor(random() * 10))}`)
      }
      if (isSide && !isServers) attribute(writer, 9, 'server.address', 'api.shop.svc')
      writer.end(span)
    }
    writer.end(scope)
    writer.end(perResource)
    return toBatch(isServers ? 'dev-2' : 'dev-1', writer.finish())
  })
}

function attribute(writer: ProtoWriter, field: number, key: string, value: string): void {
  const keyValue = writer.begin(field)
  writer.string(1, key)
  const any = writer.begin(2)
  writer.string(1, value)
  writer.end(any)
  writer.end(keyValue)
}

function bytesOf(random: () => number, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, () => Math.floor(random() * 256))
}

function toBatch(cluster: string, payload: Uint8Array): Batch {
  const identity: Identity = { cluster, environment: 'dev', region: 'r', clusterType: 'workload', tenant: 'dev' }
  const times = { collectedAtMs: 0, receivedAtMs: 0 }
  return { envelope: { signal: 'traces', format: 'otlp', items: SPANS, identity, ...times }, payload }
}
