import { AppError } from '../../core/index.ts'
import { HUB_RECEIVED_AT } from '../../model/index.ts'
import { evaluateLogs, type LogSource, parseLogql } from '../../query/index.ts'
import type { ApiHandler } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { jsonResponse } from '../messages.ts'
import { renderLabels } from './json.ts'
import { directionParameter, limitParameter, rangeParameters } from './params.ts'

/** What one look at a tail's query found: the entries in the order of time, and how late the hub had the last. */
export interface TailLook {
  readonly entries: readonly TailEntry[]
  readonly receivedMs: number
}

export interface TailEntry {
  readonly ns: string
  /** Of the stream, rendered as Loki has them in a frame. */
  readonly labels: string
  readonly line: string
}

/**
 * `/loki/api/v1/tail` without a WebSocket: one look at what a tail would show. `received` is the time of receipt in
 * milliseconds from which on lines are new.
 */
export const tailLook: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const expr = parseLogql(params.queryText('query'))
  if (expr.kind !== 'logs') throw new AppError('invalid', 'only log queries can be tailed')
  const range = rangeParameters(params, context)
  const received = Number(params.get('received') || '0')
  const source = newSince(context.sources.logs, received)
  const wanted = { ...range, limit: limitParameter(params), direction: directionParameter(params) }
  const options = { source, scope: context.scope, signal: context.signal }
  let latest = 0
  const entries: (TailEntry & { readonly timeNs: bigint })[] = []
  const { streams } = await evaluateLogs(expr, wanted, options)
  for (const { labels: all, lines } of streams) {
    const { [HUB_RECEIVED_AT]: at = '', ...others } = all
    latest = Math.max(latest, Date.parse(at) || 0)
    const labels = renderLabels(others)
    for (const { timeNs, line } of lines) entries.push({ timeNs, ns: timeNs.toString(), labels, line })
  }
  entries.sort((a, b) => (a.timeNs < b.timeNs ? -1 : a.timeNs > b.timeNs ? 1 : 0))
  const look: TailLook = {
    entries: entries.map(({ ns, labels, line }) => ({ ns, labels, line })),
    receivedMs: latest,
  }
  return jsonResponse(JSON.stringify(look))
}

/** The source with only those lines that the hub received from then on, and when it did. */
function newSince(source: LogSource, receivedSinceMs: number): LogSource {
  return {
    labelNames: (...request) => source.labelNames(...request),
    labelValues: (...request) => source.labelValues(...request),
    streams: (...request) => source.streams(...request),
    select: (scope, request, signal) =>
      source.select(scope, { ...request, columns: { ...request.columns, received: true }, receivedSinceMs }, signal),
  }
}
