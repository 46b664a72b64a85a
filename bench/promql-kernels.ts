import { METRIC_NAME } from '../src/model/index.ts'
import {
  evaluateRange,
  type MetricSource,
  parsePromql,
  type SelectRequest,
  type SeriesSamples,
} from '../src/query/index.ts'

export const name = 'promql-kernels'

interface Row {
  readonly what: string
  readonly value: number
  readonly unit: string
}

const SERIES = 10_000
const HOURS = 6
const SCRAPE_MS = 15_000
const TICKS = (HOURS * 3_600_000) / SCRAPE_MS
const SERIES_PER_PIECE = Math.floor(500_000 / TICKS)
const START_MS = 1_700_000_000_000 - (1_700_000_000_000 % 3_600_000)
const RANGE = { startMs: START_MS + 360_000, endMs: START_MS + HOURS * 3_600_000, stepMs: 60_000 }
const BOUNDS = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '+Inf']

const QUERIES = [
  'sum(x)',
  'max(x)',
  'avg(x)',
  'stddev(x)',
  'x',
  'quantile(0.9, x)',
  'rate(x[5m])',
  'sum by (zone) (rate(x[5m]))',
  'topk(5, rate(x[5m]))',
  'histogram_quantile(0.9, sum by (le) (rate(x[5m])))',
  'max_over_time(sum(rate(x[5m]))[30m:1m])',
  ...['increase', 'irate', 'idelta', 'delta', 'deriv', 'changes', 'resets'].map((one) => `sum(${one}(x[5m]))`),
  ...['sum', 'avg', 'min', 'max', 'count', 'last', 'present', 'stddev'].map((one) => `sum(${one}_over_time(x[5m]))`),
  'sum(quantile_over_time(0.9, x[5m]))',
  'sum(predict_linear(x[5m], 600))',
  'sum(max_over_time(x[1h]))',
  'sum(avg_over_time(x[1h]))',
  'sum(x * 2 > 100)',
  'sum(clamp_max(x, 1000))',
]

/**
 * What the evaluator takes for itself, without a store: 10,000 counters of six hours, a sample each 15 s, come in pieces of
 * half a million samples in memory that is used again, as the store hands them over; queries have steps of a minute. The
 * time of a sample is processor time of all that the query costs over the samples that it reads. `--only PART` takes the
 * queries that have this in their text, `--seconds N` as much time for each (default 2).
 */
export async function run(
  options: { readonly seconds?: number; readonly only?: string } = {},
): Promise<readonly Row[]> {
  const { seconds = 2, only = '' } = options
  const source = syntheticSource()
  const rows: Row[] = []
  for (const query of QUERIES.filter((text) => text.includes(only))) {
    const value = await measure(query, source, seconds)
    rows.push({ what: query, value, unit: 'ns/sample' })
    process.stderr.write(`${query}: ${value.toFixed(1)} ns/sample\n`)
  }
  return rows
}

/** The best of some runs: what else the machine does makes runs slower, never faster. */
async function measure(query: string, source: MetricSource, seconds: number): Promise<number> {
  const expr = parsePromql(query)
  let best = Infinity
  const deadline = performance.now() + seconds * 1_000
  for (let runs = 0; runs < 2 || performance.now() < deadline; runs++) {
    const before = process.cpuUsage()
    const { data } = await evaluateRange(expr, RANGE, {
      source,
      scope: { tenants: 'all' },
      signal: new AbortController().signal,
      query,
    })
    const { user, system } = process.cpuUsage(before)
    if (data.type !== 'matrix' || data.series.length === 0) throw new Error(`${query}: no answer`)
    best = Math.min(best, ((user + system) * 1_000) / (SERIES * TICKS))
  }
  return best
}

/** Only `pieces` is ever asked of it. The same samples stand under all labels: making others would be measured, too. */
function syntheticSource(): MetricSource {
  const samples = Array.from({ length: SERIES_PER_PIECE }, (_, i) => ({
    timesMs: Float64Array.from({ length: TICKS }, (__, tick) => START_MS + tick * SCRAPE_MS + ((i * 37) % 15_000)),
    values: Float64Array.from({ length: TICKS }, (__, tick) => {
      const since = (tick + i * 7) % 997
      return since * ((i % 50) + 1) + ((i * 31 + tick * 17) % 11)
    }),
  }))
  const none = (): Promise<readonly []> => Promise.resolve([])
  return {
    select: none,
    // eslint-disable-next-line @typescript-eslint/require-await -- as asynchronous as a store
    pieces: async function* (_, request) {
      const labelsOf = labeller(request)
      for (let first = 0; first < SERIES; first += SERIES_PER_PIECE) {
        const size = Math.min(SERIES_PER_PIECE, SERIES - first)
        yield samples
          .slice(0, size)
          .map((one, i): SeriesSamples => ({ ...one, labels: labelsOf(first + i), staleFree: true }))
      }
    },
    series: none,
    labelNames: none,
    labelValues: none,
    metadata: none,
  }
}

/** Series that have the same labels, as far as these are wanted, share an object. */
function labeller({ labels: wanted }: SelectRequest): (i: number) => SeriesSamples['labels'] {
  const all = (i: number): Record<string, string> => ({
    [METRIC_NAME]: 'x',
    instance: `host-${i / 100}`,
    le: BOUNDS[i % 10] ?? '',
    pod: `pod-${i}`,
    zone: `z${i % 10}`,
  })
  if (wanted === undefined) return all
  const shared = new Map<string, Record<string, string>>()
  return (i) => {
    const kept = Object.fromEntries(Object.entries(all(i)).filter(([label]) => wanted.includes(label)))
    const key = JSON.stringify(kept)
    const known = shared.get(key) ?? kept
    shared.set(key, known)
    return known
  }
}
