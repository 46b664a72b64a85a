import { AppError, createMetrics, messageOf, silentLogger, systemClock } from '../../../../core/index.ts'
import { createRandom } from '../../../../core/testing/random.ts'
import type { Batch, Identity } from '../../../../model/index.ts'
import {
  evaluateInstant,
  evaluateRange,
  type MetricSource,
  NO_FEATURES,
  parsePromql,
  type PromqlFeatures,
} from '../../../../query/index.ts'
import { createMetricSource, type StoreClient, StoreWriter } from '../../../../storage/index.ts'
import { differenceOf, ownAnswer, prometheusAnswer } from './compare-answers.ts'
import { comparisonOf, createComparableQueries } from '../../../../query/promql/testing/comparable-query.ts'
import { createDataSet, type DataSet } from './data-set.ts'
import { type PrometheusServer, startPrometheusServer } from './prometheus-server.ts'

interface DifferentialOptions {
  readonly client: StoreClient
  /** The program of the Prometheus to compare with. */
  readonly prometheus: string
  readonly queries: number
  readonly seed: number
  readonly write: (line: string) => void
}

interface DifferentialResult {
  readonly compared: number
  readonly differences: number
  /** Queries that a Prometheus 3 does not read because it is older than the language here. */
  readonly notRead: number
}

const IDENTITY: Identity = {
  tenant: 'differential',
  cluster: 'conformance',
  environment: 'test',
  region: 'none',
  clusterType: 'none',
}
const LABELS = {
  tenant_id: IDENTITY.tenant,
  cluster: IDENTITY.cluster,
  environment: IDENTITY.environment,
  region: IDENTITY.region,
  cluster_type: IDENTITY.clusterType,
}
const TRIAL: PromqlFeatures = new Set(['promql-experimental-functions'])
const NOT_READ = 'not read'
const AT_ONCE = 4
const MOST_SHOWN = 50
const MOST_NOTES = 10

/**
 * Feeds our store and a Prometheus with the same remote write and asks both the same random queries, at one time and
 * over ranges. Each difference is written as a line. Before Prometheus 3 the edges of ranges were inside, so with
 * an older one there is no sample at any edge.
 */
export async function runDifferential(options: DifferentialOptions): Promise<DifferentialResult> {
  const prometheus = await startPrometheusServer(options.prometheus)
  try {
    const isOld = prometheus.major < 3
    const data = createDataSet({
      seed: options.seed,
      onGrid: !isOld,
      farFromZero: isOld,
      histograms: !isOld,
      labels: LABELS,
    })
    for (const request of data.requests) await prometheus.write(request)
    await fillStore(options.client, data.requests)
    return await compareAll(options, prometheus, data)
  } finally {
    await prometheus.stop()
  }
}

async function fillStore(client: StoreClient, requests: readonly Uint8Array[]): Promise<void> {
  const now = systemClock.now()
  const envelope = { signal: 'metrics', format: 'remote-write-2', items: 1, identity: IDENTITY } as const
  let current: Batch | undefined
  const writer = new StoreWriter({
    client,
    decodeRecord: () => {
      if (current === undefined) throw new AppError('internal', 'BUG: a record without a batch')
      return current
    },
    unstorable: { keep: ({ message }) => Promise.reject(new AppError('invalid', `cannot be stored: ${message}`)) },
    clock: systemClock,
    log: silentLogger(),
    metrics: createMetrics(),
  })
  for (const [i, payload] of requests.entries()) {
    current = { envelope: { ...envelope, collectedAtMs: now, receivedAtMs: now }, payload }
    const flush = writer.prepare([{ sequence: i + 1, bytes: payload }])
    const range = { epoch: 'differential', first: i + 1, last: i + 1 }
    const plan = { range, refused: [], onRefused: () => Promise.resolve() }
    const stored = await writer.store(flush, plan, new AbortController().signal)
    if (stored.some(({ rejected }) => rejected.size > 0)) throw new AppError('invalid', 'the store refuses the data')
  }
}

/** A query at one time if `stepMs` is 0, else over a range. */
interface Case {
  readonly query: string
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
}

async function compareAll(
  { client, queries, seed, write }: DifferentialOptions,
  prometheus: PrometheusServer,
  data: DataSet,
): Promise<DifferentialResult> {
  const isOld = prometheus.major < 3
  const features = isOld ? NO_FEATURES : TRIAL
  const random = createRandom(seed)
  const between = (): number => {
    const seconds = Math.floor((data.startMs + random() * (data.endMs - data.startMs)) / 1000)
    return isOld ? seconds * 1000 + 500 : Math.floor(seconds / 15) * 15_000
  }
  const times = Array.from({ length: 4 }, () => String(between() / 1000))
  const next = createComparableQueries(random, { isOld, features }, times)
  const cases = Array.from({ length: queries }, (): Case => {
    const query = next()
    const startMs = between()
    if (random() < 0.5) return { query, startMs, endMs: startMs, stepMs: 0 }
    const stepMs = [15_000, 30_000, 60_000, 47_000, 300_000][Math.floor(random() * 5)] ?? 15_000
    return { query, startMs, endMs: startMs + stepMs * Math.floor(random() * 30), stepMs }
  })
  const source = createMetricSource(client)
  let at = 0
  let differences = 0
  let notRead = 0
  const work = async (): Promise<void> => {
    for (let one = cases[at++]; one !== undefined; one = cases[at++]) {
      const difference = await compare(one, { source, features, prometheus })
      if (difference === undefined) continue
      if (difference === NOT_READ) {
        notRead += 1
        continue
      }
      differences += 1
      if (differences <= MOST_SHOWN) write(`${describe(one)}: ${difference}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return { compared: cases.length - notRead, differences, notRead }
}

interface Sides {
  readonly source: MetricSource
  readonly features: PromqlFeatures
  readonly prometheus: PrometheusServer
}

async function compare(one: Case, { source, features, prometheus }: Sides): Promise<string | undefined> {
  const [ours, theirs] = await Promise.all([evaluateOurs(one, source, features), prometheus.query(parametersOf(one))])
  if (typeof ours === 'string' || theirs.data === undefined) {
    if (typeof ours === 'string' && theirs.data === undefined) return undefined
    if (prometheus.major >= 3 && /parse error: /.test(theirs.error ?? '')) return NOT_READ
    return typeof ours === 'string' ? `fails: ${ours}` : `Prometheus fails: ${theirs.error ?? ''}`
  }
  const difference = differenceOf(ours.answer, prometheusAnswer(theirs.data), comparisonOf(one.query, features))
  return difference ?? (prometheus.major < 3 ? undefined : noteDifference(ours, theirs))
}

interface Notes {
  readonly warnings?: readonly string[]
  readonly infos?: readonly string[]
}

/**
 * Without the names of metrics, which Prometheus has dropped from some by then unless it is told not to, and without
 * notes that depend on these or, in subqueries, on its own way to lay out steps.
 */
function notesOf(texts: readonly string[] = []): ReadonlySet<string> {
  const compared = texts.filter((text) => !/metric might not be a counter|sort is ineffective/.test(text))
  return new Set(compared.map((text) => text.replace(/ for metric name "[^"]*"/, '')))
}

/** Which warnings and infos only one of the two has. Prometheus shows ten of each at most, whichever comes first. */
function noteDifference(ours: Notes, theirs: Notes): string | undefined {
  for (const kind of ['warnings', 'infos'] as const) {
    const [mine, other] = [notesOf(ours[kind]), notesOf(theirs[kind])]
    if (Math.max(mine.size, other.size) >= MOST_NOTES) continue
    const missing = [...other].filter((text) => !mine.has(text))
    const own = [...mine].filter((text) => !other.has(text))
    if (missing.length > 0) return `${kind} without ${missing.join('; ')}`
    if (own.length > 0) return `Prometheus' ${kind} without ${own.join('; ')}`
  }
  return undefined
}

async function evaluateOurs(
  { query, startMs, endMs, stepMs }: Case,
  source: MetricSource,
  features: PromqlFeatures,
): Promise<(Notes & { readonly answer: ReturnType<typeof ownAnswer> }) | string> {
  const options = { source, scope: { tenants: [IDENTITY.tenant] }, signal: AbortSignal.timeout(60_000), query }
  try {
    const expr = parsePromql(query, features)
    if (stepMs > 0 && (expr.type === 'matrix' || expr.type === 'string')) return `a ${expr.type} over a range`
    const range = { startMs, endMs, stepMs }
    const evaluate = stepMs === 0 ? evaluateInstant(expr, startMs, options) : evaluateRange(expr, range, options)
    const { data, warnings, infos } = await evaluate
    return { answer: ownAnswer(data), warnings, infos }
  } catch (reason) {
    const { code } = AppError.from(reason)
    if (code === 'internal' || code === 'unavailable') throw reason
    return messageOf(reason)
  }
}

function parametersOf({ query, startMs, endMs, stepMs }: Case): Readonly<Record<string, string>> {
  if (stepMs === 0) return { query, time: String(startMs / 1000) }
  return { query, start: String(startMs / 1000), end: String(endMs / 1000), step: String(stepMs / 1000) }
}

function describe({ query, startMs, endMs, stepMs }: Case): string {
  if (stepMs === 0) return `${query} at ${String(startMs / 1000)}`
  return `${query} from ${String(startMs / 1000)} to ${String(endMs / 1000)} step ${String(stepMs / 1000)}`
}
