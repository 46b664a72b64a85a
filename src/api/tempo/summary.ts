import { AppError } from '../../core/index.ts'
import {
  formatTraceqlValue,
  type NamedValue,
  parseTraceqlField,
  parseTraceql,
  printTraceqlField,
  printTraceql,
  type TraceqlQuery,
  type TraceqlSeries,
  type TraceqlValue,
} from '../../query/index.ts'
import type { ApiHandler, HandlerContext } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { jsonResponse } from '../messages.ts'
import { evaluate } from './metrics.ts'
import { metricsRange, wholeNumber } from './params.ts'
import { toDouble } from './values.ts'

const MAX_GROUPS = 5
const DEFAULT_LIMIT = 1_000
const QUANTILES = ['0.99', '0.95', '0.9', '0.5'] as const
const SECOND_NS = 1e9

/**
 * `/api/metrics/summary`: how many spans of server kind match, how many of them failed and how long they took, by the
 * fields in `groupBy`. It is made of three metrics queries.
 */
export const summary: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const { q, by } = parse(params)
  const limit = wholeNumber(params, 'limit') ?? DEFAULT_LIMIT
  const range = metricsRange(params, context.clock.now())
  const run = (pipeline: string): Promise<readonly TraceqlSeries[]> =>
    seriesOf(parseTraceql(`${q} | ${pipeline} by (${by.join(', ')})`), range, context)
  const spans = await run('{ kind = server } | count_over_time()')
  const failed = await run('{ kind = server && status = error } | count_over_time()')
  const lasted = await run(`{ kind = server } | quantile_over_time(duration, ${QUANTILES.join(', ')})`)

  const groups = new Map<string, Group>()
  for (const { labels, samples } of spans) {
    groups.set(keyOf(labels, by), { labels, spans: samples[0]?.value ?? 0, errors: 0, quantiles: new Map() })
  }
  for (const { labels, samples } of failed) {
    const group = groups.get(keyOf(labels, by))
    if (group !== undefined) group.errors = samples[0]?.value ?? 0
  }
  for (const { labels, samples } of lasted) {
    const quantile = labels.find(({ name }) => name === 'p')
    if (quantile === undefined) continue
    groups.get(keyOf(labels, by))?.quantiles.set(formatTraceqlValue(quantile.value), samples[0]?.value ?? 0)
  }
  const summaries = [...groups.values()].slice(0, limit).map((group) => toJson(group, by))
  return jsonResponse(JSON.stringify({ summaries }))
}

interface Group {
  readonly labels: readonly NamedValue[]
  readonly spans: number
  errors: number
  /** In seconds, by the quantile's number. */
  readonly quantiles: Map<string, number>
}

function parse(params: Params): { readonly q: string; readonly by: readonly string[] } {
  const text = params.queryText('q')
  if (text === '') throw new AppError('invalid', 'missing required parameter q')
  const query = parseTraceql(text)
  if (query.kind !== 'spans') throw new AppError('invalid', 'q must select spans: it has a metrics function')
  const names = params
    .get('groupBy')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  if (names.length === 0) throw new AppError('invalid', 'missing required parameter groupBy')
  if (names.length > MAX_GROUPS) throw new AppError('invalid', `groupBy takes at most ${String(MAX_GROUPS)} fields`)
  return { q: printTraceql(query), by: names.map((name) => printTraceqlField(parseTraceqlField(name))) }
}

async function seriesOf(
  query: TraceqlQuery,
  range: { readonly startNs: bigint; readonly endNs: bigint },
  context: HandlerContext,
): Promise<readonly TraceqlSeries[]> {
  return (await evaluate(query, range, 0, context)).series
}

function keyOf(labels: readonly NamedValue[], by: readonly string[]): string {
  return JSON.stringify(groupLabels(labels, by).map(({ value }) => [value.type, formatTraceqlValue(value)]))
}

/** Labels of the grouping, in its order: those of the function itself are behind or before them. */
function groupLabels(labels: readonly NamedValue[], by: readonly string[]): readonly NamedValue[] {
  return by.flatMap((name) => labels.find((label) => label.name === name) ?? [])
}

function toJson(group: Group, by: readonly string[]): unknown {
  const quantile = (number: string): string => String(Math.round((group.quantiles.get(number) ?? 0) * SECOND_NS))
  return {
    spanCount: String(group.spans),
    ...(group.errors === 0 ? {} : { errorSpanCount: String(group.errors) }),
    series: groupLabels(group.labels, by).map(({ name, value }) => ({ key: name, value: toStatic(value) })),
    p99: quantile('0.99'),
    p95: quantile('0.95'),
    p90: quantile('0.9'),
    p50: quantile('0.5'),
  }
}

/** Tempo's `TraceQLStatic`: the number of a type and a member for each. */
function toStatic(value: TraceqlValue): unknown {
  switch (value.type) {
    case 'nil':
    case 'array':
      return {}
    case 'int':
      return { type: 3, n: value.value.toString() }
    case 'float':
      return { type: 4, f: toDouble(value.value) }
    case 'string':
      return { type: 5, s: value.value }
    case 'bool':
      return { type: 6, b: value.value }
    case 'duration':
      return { type: 7, d: value.value.toString() }
    case 'status':
      return { type: 8, status: value.value }
    case 'kind':
      return { type: 9, kind: value.value }
  }
}
