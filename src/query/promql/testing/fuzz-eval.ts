import { AppError } from '../../../core/index.ts'
import { createRandom } from '../../../core/testing/random.ts'
import type { SeriesSamples } from '../../metric-source.ts'
import { ParseError } from '../../parse-error.ts'
import { createMemoryMetrics, seriesOf } from '../../testing/memory-metrics.ts'
import type { Expr } from '../ast.ts'
import { evaluateInstant, evaluateRange, type QueryResult } from '../eval.ts'
import { ALL_FEATURES } from '../features.ts'
import { parsePromql } from '../parse.ts'
import type { Finding } from './fuzz.ts'
import { createQueryGenerator } from './generate.ts'
import { mutateQuery } from './mutate.ts'
import { PROMETHEUS_FUNCTIONS } from './prometheus-functions.ts'

const START_MS = 1_000_000
const STEP_MS = 15_000
const SAMPLES = 40
const MAX_SAMPLES = 20_000
const MOST_FINDINGS = 20
/** A query within its budget of samples that holds the thread for longer than this has got around it. */
const MAX_MS = 10_000

const METRICS = ['requests_total', 'temperature', 'odd', 'd_bucket']

/**
 * Evaluates random queries over a few series in memory, every second of them broken, at one time or over a range, with a
 * budget of samples. Whatever does not parse or evaluate must say so with an AppError that is no fault of ours.
 */
export async function fuzzEvaluator(options: {
  readonly executions: number
  readonly seed: number
  /** Told of each query before it is tried: what hangs can be named. */
  readonly onQuery?: (query: string) => void
}): Promise<{ readonly answered: number; readonly refused: number; readonly findings: readonly Finding[] }> {
  const random = createRandom(options.seed)
  const generator = createQueryGenerator({
    random,
    vocabulary: {
      metrics: METRICS,
      labels: { job: ['a', 'b'], le: ['0.5', '+Inf'], cluster: ['c'], 'http.method': ['GET', '"'] },
      regexps: ['.*', '.+', 'a|b', '(a+)+', ''],
      durations: ['15s', '1m', '5m', '1h', '1ms', '1y'],
      times: ['0', '1200', '-3', '1e9'],
    },
    features: ALL_FEATURES,
    functions: new Map(Object.entries(PROMETHEUS_FUNCTIONS)),
    depth: 3,
  })
  const source = createMemoryMetrics(createSeries(random))
  const findings: Finding[] = []
  let answered = 0
  let refused = 0
  for (let i = 0; i < options.executions && findings.length < MOST_FINDINGS; i++) {
    const whole = generator.query()
    const query = i % 2 === 0 ? whole : mutateQuery(whole, random)
    options.onQuery?.(query)
    const isRange = random() < 0.5
    const started = performance.now()
    const signal = new AbortController().signal
    const how = { source, scope: { tenants: 'all' }, signal, query, maxSamples: MAX_SAMPLES } as const
    try {
      const expr = parsePromql(query, ALL_FEATURES)
      const asRange = isRange && (expr.type === 'vector' || expr.type === 'scalar')
      const result = await (asRange
        ? evaluateRange(expr, rangeOf(random), how)
        : evaluateInstant(expr, timeOf(random), how))
      answered += 1
      const problem = problemOf(result, expr, asRange)
      if (problem !== undefined) findings.push({ query, problem })
    } catch (reason) {
      refused += 1
      if (!isRefusal(reason)) findings.push({ query, problem: String(reason) })
    }
    const ms = performance.now() - started
    if (ms > MAX_MS) findings.push({ query, problem: `took ${String(Math.round(ms))} ms` })
  }
  return { answered, refused, findings }
}

function isRefusal(reason: unknown): boolean {
  if (reason instanceof ParseError) return true
  return reason instanceof AppError && (reason.code === 'invalid' || reason.code === 'exhausted')
}

/** What must hold of every answer, whatever was asked. */
function problemOf({ data }: QueryResult, expr: Expr, isRange: boolean): string | undefined {
  const type = isRange ? 'matrix' : expr.type
  if (data.type !== type) return `a ${data.type} for a ${type}`
  if (data.type !== 'matrix') return undefined
  for (const { timesMs, values } of data.series) {
    if (timesMs.length !== values.length) return 'times and values are not beside each other'
    if (timesMs.some((time, i) => i > 0 && time <= (timesMs[i - 1] ?? 0))) return 'times do not ascend'
  }
  return undefined
}

function timeOf(random: () => number): number {
  return START_MS + Math.floor(random() * SAMPLES * STEP_MS)
}

function rangeOf(random: () => number): { startMs: number; endMs: number; stepMs: number } {
  const startMs = timeOf(random)
  const stepMs = [1, 15_000, 60_000][Math.floor(random() * 3)] ?? 1
  return { startMs, endMs: startMs + Math.floor(random() * 20) * stepMs, stepMs }
}

function createSeries(random: () => number): SeriesSamples[] {
  return METRICS.flatMap((name) =>
    ['a', 'b'].flatMap((job) =>
      (name === 'd_bucket' ? ['0.5', '+Inf'] : ['']).map((le) => {
        let value = 0
        const samples = Array.from({ length: SAMPLES }, (_, i): [number, number] => {
          value = name === 'odd' ? ([NaN, Infinity, -0, 1e308][Math.floor(random() * 4)] ?? 0) : value + random()
          return [START_MS + i * STEP_MS, value]
        })
        const labels = { job, cluster: 'c', tenant_id: 't', ...(le === '' ? {} : { le }) }
        return seriesOf(name, labels, samples)
      }),
    ),
  )
}
