import { AppError } from '../../core/index.ts'
import { evaluateLogs, type LogResultStream, parseLogql } from '../../query/index.ts'
import type { ApiHandler } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import type { ApiResponse } from '../messages.ts'
import { NEXT_PAGE_HEADER } from './export-header.ts'
import { renderLabels } from './json.ts'
import { directionParameter, type NsRange, rangeParameters } from './params.ts'

/** Lines of one page: a page is all of the export that is held at once. */
const PAGE_LINES = 2_000
const MAX_PAGE_LINES = 256_000

/**
 * One page of an export as NDJSON: `{"time":"…ns","line":"…","labels":{…},"metadata":{…},"parsed":{…}}`. The server asks for page
 * after page and passes them on, so that an export may have any size.
 */
export const exportPage: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const expr = parseLogql(params.queryText('query'))
  if (expr.kind !== 'logs') throw new AppError('invalid', 'only log queries can be exported')
  const range = rangeParameters(params, context)
  const direction = params.get('direction') === '' ? 'forward' : directionParameter(params)
  const { sources, scope, signal } = context
  for (let limit = PAGE_LINES; ; limit *= 4) {
    const wanted = { ...range, limit: limit + 1, direction }
    const { streams } = await evaluateLogs(expr, wanted, { source: sources.logs, scope, signal })
    const rows = sorted(streams, direction)
    if (rows.length <= limit) return page(rows, undefined)
    const last = rows.at(-1)?.timeNs ?? 0n
    const whole = rows.filter(({ timeNs }) => timeNs !== last)
    // All of the page can have one time only if so many lines have it; then a larger page is needed.
    if (whole.length > 0) return page(whole, nextRange(range, direction, last))
    if (limit > MAX_PAGE_LINES) {
      throw new AppError('exhausted', `more than ${String(limit)} lines have the same time: narrow the query`)
    }
  }
}

interface Row {
  readonly timeNs: bigint
  readonly text: string
}

function sorted(streams: readonly LogResultStream[], direction: 'forward' | 'backward'): readonly Row[] {
  const rows = streams.flatMap(({ stream, structuredMetadata, parsed, lines }) => {
    const rest =
      `"labels":${renderLabels(stream)},"metadata":${renderLabels(structuredMetadata)},` +
      `"parsed":${renderLabels(parsed)}}\n`
    return lines.map(({ timeNs, line }) => ({
      timeNs,
      text: `{"time":"${timeNs.toString()}","line":${JSON.stringify(line)},${rest}`,
    }))
  })
  const sign = direction === 'forward' ? 1 : -1
  return rows.sort((a, b) => (a.timeNs === b.timeNs ? 0 : a.timeNs < b.timeNs ? -sign : sign))
}

function nextRange(range: NsRange, direction: 'forward' | 'backward', lastNs: bigint): NsRange {
  return direction === 'forward' ? { ...range, startNs: lastNs } : { ...range, endNs: lastNs + 1n }
}

function page(rows: readonly Row[], next: NsRange | undefined): ApiResponse {
  return {
    status: 200,
    headers: {
      'content-type': 'application/x-ndjson',
      ...(next === undefined ? {} : { [NEXT_PAGE_HEADER]: `${String(next.startNs)} ${String(next.endNs)}` }),
    },
    body: new TextEncoder().encode(rows.map(({ text }) => text).join('')),
  }
}
