import { evaluateTraceMetrics, parseTraceql, searchTraces, type TraceSource } from '../../src/query/index.ts'
import { SPAN_MS, SPANS_OF_TRACE, START_MS } from './fill.ts'

/** What the store is asked, as the API asks it. */
export interface Question {
  readonly what: string
  readonly ask: (source: TraceSource) => Promise<void>
}

const SCOPE = { tenants: 'all' } as const
/** A question that takes longer has failed. */
const DEADLINE_MS = 15_000
const STEP_NS = 900_000_000_000n

/** The traces are asked for by turns. */
export function questions(traceIds: readonly string[]): readonly Question[] {
  return [
    { what: 'a trace by id', ask: byId(traceIds) },
    search('nothing has the value', '{ span.user.id = "nobody" }', 0),
    search('nothing has the value, scope not given', '{ .user.id = "nobody" }', 0),
    search('nothing has the name', '{ span.nowhere != nil }', 0),
    search('a number that nothing has', '{ span.http.response.status_code = 599 }', 0),
    search('a status code above', '{ span.http.response.status_code > 500 }', 0),
    search('a name that nothing has', '{ name = "never" }', 0),
    search('a name by expression that nothing has', '{ name =~ ".*never.*" }', 0),
    search('a duration that nothing has', '{ duration > 1h }', 0),
    search('a rare value', '{ span.user.id = "user-4711" }'),
    search('errors of a service, newest 20', '{ resource.service.name = "service-3" && status = error }', 20),
    search('structure that is there', '{ resource.service.name = "service-1" } >> { status = error }', 20),
    search('structure that is nowhere', '{ span.user.id = "user-4711" } >> { span.user.id = "nobody" }', 0),
    search(
      'structure of what is frequent, nowhere',
      '{ resource.service.name = "service-1" && status = error } > { name = "never" }',
      0,
    ),
    search('no such parent', '{ status = error } !< { resource.service.name = "service-1" }', 20),
    search('roots that last, newest 20', '{ nestedSetParent < 0 && duration > 500ms }', 20),
    search('a count of spans', '{ resource.service.name = "service-1" } | count() > 3', 20),
    metrics('{} | rate() by (resource.service.name)'),
    metrics('{ status = error } | quantile_over_time(duration, .9)'),
    metrics('{ resource.service.name = "service-1" } | rate() by (span.http.response.status_code)'),
  ]
}

function byId(traceIds: readonly string[]): Question['ask'] {
  let next = 0
  return async (source) => {
    const id = traceIds[next++ % traceIds.length] ?? ''
    const found = await source.trace(SCOPE, id, {}, AbortSignal.timeout(DEADLINE_MS))
    if (found.length !== SPANS_OF_TRACE) throw new Error(`BUG: ${String(found.length)} spans of trace ${id}`)
  }
}

function search(what: string, text: string, wanted?: number): Question {
  const query = parseTraceql(text)
  const range = { startMs: START_MS, endMs: START_MS + SPAN_MS, limit: 20, spansPerSpanset: 3 }
  const ask = async (source: TraceSource): Promise<void> => {
    const { traces } = await searchTraces(query, range, {
      source,
      scope: SCOPE,
      signal: AbortSignal.timeout(DEADLINE_MS),
    })
    if (wanted !== undefined && traces.length !== wanted)
      throw new Error(`BUG: ${String(traces.length)} found: ${text}`)
  }
  return { what: `search: ${what}`, ask }
}

function metrics(text: string): Question {
  const query = parseTraceql(text)
  const startNs = BigInt(START_MS) * 1_000_000n
  const grid = { startNs, endNs: startNs + BigInt(SPAN_MS) * 1_000_000n, stepNs: STEP_NS }
  const ask = async (source: TraceSource): Promise<void> => {
    await evaluateTraceMetrics(query, grid, { source, scope: SCOPE, signal: AbortSignal.timeout(DEADLINE_MS) })
  }
  return { what: `metrics: ${text}`, ask }
}
