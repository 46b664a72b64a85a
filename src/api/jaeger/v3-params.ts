import { AppError } from '../../core/index.ts'
import type { TraceQuery } from '../../query/index.ts'
import type { Params } from '../handlers/params.ts'
import { parseRfc3339 } from '../handlers/time.ts'
import { parseFilter } from './filter.ts'
import { ofParameter, parseBool, parseDuration, parseTextMap, refuseWrongDurations } from './parameters.ts'
import { parseLimit, toTraceQuery } from './trace-search.ts'

/** A parameter's value and the name under which it was given: its own or an older one. */
interface Named {
  readonly name: string
  readonly text: string
}

/** The `query.…` parameters of a search for traces or their summaries. */
export function parseFindTraces(params: Params): TraceQuery {
  const startMin = named(params, 'query.startTimeMin', 'query.start_time_min')
  const startMax = named(params, 'query.startTimeMax', 'query.start_time_max')
  if (startMin.text === '' || startMax.text === '') {
    throw new AppError('invalid', 'query.startTimeMin and query.startTimeMax are required')
  }
  const startNs = timeOf(startMin)
  // The end of the interval is not part of it.
  const endNs = timeOf(startMax) - 1n
  if (endNs < startNs) throw new AppError('invalid', 'query.startTimeMin must be before query.startTimeMax')
  const depth = named(params, 'query.searchDepth', 'query.search_depth', 'query.num_traces')
  parseRaw(params, 'query.rawTraces', 'query.raw_traces')
  refusePages(params)
  const within = { startNs, endNs, limit: parseLimit(depth.text, depth.name) }

  const filter = params.get('query.filter')
  const search = searchOf(params)
  if (filter === '') return toTraceQuery(search, within)
  refuseBoth(search)
  return { ...within, predicate: ofParameter(malformed('query.filter'), () => parseFilter(filter)) }
}

/** `startTime` and `endTime` of a look-up by id, which are not needed. */
export function parseTraceTimes(params: Params): { readonly startNs?: bigint; readonly endNs?: bigint } {
  parseRaw(params, 'rawTraces', 'raw_traces')
  const start = named(params, 'startTime', 'start_time')
  const end = named(params, 'endTime', 'end_time')
  return {
    ...(start.text === '' ? {} : { startNs: timeOf(start) }),
    ...(end.text === '' ? {} : { endNs: timeOf(end) }),
  }
}

/** `startTime` and `endTime`, both required, in nanoseconds. */
export function parseTimeRange(params: Params): { readonly startNs: bigint; readonly endNs: bigint } {
  const start = named(params, 'startTime', 'start_time')
  const end = named(params, 'endTime', 'end_time')
  if (start.text === '' || end.text === '') throw new AppError('invalid', 'startTime and endTime are required')
  const range = { startNs: timeOf(start), endNs: timeOf(end) }
  if (range.endNs < range.startNs) throw new AppError('invalid', 'startTime must be before endTime')
  return range
}

/** The first of the names that is given; the last if none is. */
export function named(params: Params, ...names: readonly string[]): Named {
  const name = names.find((one) => params.get(one) !== '') ?? names[0] ?? ''
  return { name, text: params.get(name) }
}

function timeOf({ name, text }: Named): bigint {
  // Clients write the offset's plus sign as it is, which a form reads as a space.
  const ns = parseRfc3339(text.replace(' ', '+'))
  if (ns === undefined) {
    throw new AppError('invalid', `${malformed(name)}: parsing time ${JSON.stringify(text)} as RFC 3339`)
  }
  return ns
}

function malformed(name: string): string {
  return `malformed parameter ${name}`
}

function parseRaw(params: Params, ...names: readonly string[]): void {
  const raw = named(params, ...names)
  parseBool(raw.text, malformed(raw.name))
}

function refusePages(params: Params): void {
  if (params.get('query.pagination.pageSize') === '' && params.get('query.pagination.pageToken') === '') return
  throw new AppError('invalid', 'pagination is not supported: bound the search by query.searchDepth')
}

function searchOf(params: Params): Parameters<typeof toTraceQuery>[0] {
  const attributes = params.get('query.attributes')
  const min = named(params, 'query.durationMin', 'query.duration_min')
  const max = named(params, 'query.durationMax', 'query.duration_max')
  const minDurationNs = parseDuration(min.text, malformed(min.name))
  const maxDurationNs = parseDuration(max.text, malformed(max.name))
  refuseWrongDurations(minDurationNs, maxDurationNs, [min.name, max.name])
  return {
    service: named(params, 'query.serviceName', 'query.service_name').text,
    operation: named(params, 'query.operationName', 'query.operation_name').text,
    tags: attributes === '' ? new Map() : parseTextMap(attributes, malformed('query.attributes')),
    ...(minDurationNs === undefined || minDurationNs === 0n ? {} : { minDurationNs }),
    ...(maxDurationNs === undefined || maxDurationNs === 0n ? {} : { maxDurationNs }),
  }
}

function refuseBoth({ service, operation, tags, minDurationNs, maxDurationNs }: ReturnType<typeof searchOf>): void {
  const others = service !== '' || operation !== '' || tags.size > 0
  if (!others && minDurationNs === undefined && maxDurationNs === undefined) return
  throw new AppError(
    'invalid',
    'query.filter can not stand beside query.serviceName, query.operationName, query.attributes or durations: put them into it',
  )
}
