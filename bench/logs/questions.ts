import { evaluateLogs, evaluateMetric, type LogSource, parseLogql } from '../../src/query/index.ts'
import { NEEDLE, SPAN_MS, START_MS } from './lines.ts'

/** What the store is asked, as the API asks it. */
export interface Question {
  readonly what: string
  /** `nowMs` is where the newest lines are. */
  readonly ask: (source: LogSource, nowMs: number) => Promise<void>
}

const HOUR_MS = 3_600_000
const SCOPE = { tenants: 'all' } as const
const ALL = '{service_name=~".+"}'

export const QUESTIONS: readonly Question[] = [
  { what: 'a needle in all lines', ask: lines(`${ALL} |= "${NEEDLE}"`, 1) },
  { what: 'a piece of a word in all lines', ask: lines(`${ALL} |= "capaci"`, 1) },
  { what: 'any case, in all lines', ask: lines(`${ALL} |~ "(?i)FLUX CAP"`, 1) },
  { what: 'what is in no line', ask: lines(`${ALL} |= "never written"`, 0) },
  { what: 'last 100 lines of a namespace', ask: lines('{k8s_namespace_name="ns-1"}', 100) },
  { what: 'last 100 errors in JSON of a service', ask: lines('{service_name="svc-7"} | json | level="error"', 100) },
  {
    what: 'count by level of JSON, an hour of a service',
    ask: steps('sum by (level) (count_over_time({service_name="svc-7"} | json [1m]))', 3),
  },
  {
    what: 'rate by status of JSON where slow, an hour of a service',
    ask: steps('sum by (status) (rate({service_name="svc-7"} | json | duration_ms > 2000 [1m]))', 5),
  },
  {
    what: 'p99 of a JSON field, an hour of a service',
    ask: steps('quantile_over_time(0.99, {service_name="svc-7"} | json | unwrap duration_ms [1m]) by (level)', 3),
  },
  {
    what: 'count by detected level, an hour of all',
    ask: steps(`sum by (detected_level) (count_over_time(${ALL}[1m]))`, 3),
  },
]

/** Asks for a hundred lines, the newest first. */
function lines(query: string, wanted: number): Question['ask'] {
  const expr = parseLogql(query)
  if (expr.kind !== 'logs') throw new Error('BUG: no log query')
  return async (source, nowMs) => {
    const range = { startNs: BigInt(START_MS) * 1_000_000n, endNs: BigInt(nowMs) * 1_000_000n }
    const request = { ...range, limit: 100, direction: 'backward' } as const
    const { streams } = await evaluateLogs(expr, request, { source, scope: SCOPE, signal: AbortSignal.timeout(60_000) })
    const found = streams.reduce((sum, stream) => sum + stream.lines.length, 0)
    if (found !== wanted) throw new Error(`BUG: ${String(found)} lines instead of ${String(wanted)}: ${query}`)
  }
}

/** Asks for an hour in the middle of the day, minute by minute. */
function steps(query: string, wanted: number): Question['ask'] {
  const expr = parseLogql(query)
  if (expr.kind === 'logs') throw new Error('BUG: no metric query')
  const grid = { startMs: START_MS + SPAN_MS / 2, stepMs: 60_000, count: HOUR_MS / 60_000 }
  return async (source) => {
    const result = await evaluateMetric(expr, grid, { source, scope: SCOPE, signal: AbortSignal.timeout(60_000) })
    const found = result.type === 'scalar' ? 0 : result.series.length
    if (found !== wanted) throw new Error(`BUG: ${String(found)} series instead of ${String(wanted)}: ${query}`)
  }
}
