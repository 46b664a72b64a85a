import { AppError } from '../../core/index.ts'
import type { TraceQuery } from '../../query/index.ts'
import type { Params } from '../handlers/params.ts'
import {
  ofParameter,
  parseBool,
  parseDuration,
  parseTextMap,
  parseTraceId,
  refuseWrongDurations,
} from './parameters.ts'
import { parseLimit, toTraceQuery } from './trace-search.ts'

const DEFAULT_LOOKBACK_NS = 172_800_000_000_000n

/** `/api/traces` asks for traces by their ids, or for a search. */
export type TracesRequest =
  | { readonly kind: 'ids'; readonly ids: readonly string[]; readonly startNs?: bigint; readonly endNs?: bigint }
  | { readonly kind: 'search'; readonly query: TraceQuery }

/** Times are in microseconds since the epoch, durations as Go writes them. */
export function parseTracesRequest(params: Params, nowMs: number): TracesRequest {
  const endNs = microseconds(params, 'end')
  const startNs = microseconds(params, 'start')
  const tags = parseTags(params)
  const limit = parseLimit(params.get('limit'), 'limit')
  const minDurationNs = durationOf(params, 'minDuration')
  const maxDurationNs = durationOf(params, 'maxDuration')
  const ids = ofParameter('cannot parse traceID param', () => params.all('traceID').map(parseTraceId))
  parseBool(params.get('raw'), complaint('raw'))
  if (ids.length > 0) return { kind: 'ids', ids, ...optionalRange(startNs, endNs) }

  const service = params.get('service')
  if (service === '') throw new AppError('invalid', "parameter 'service' is required")
  refuseWrongDurations(minDurationNs, maxDurationNs, ['minDuration', 'maxDuration'])
  const end = endNs ?? BigInt(nowMs) * 1_000_000n
  const query = toTraceQuery(
    {
      service,
      operation: params.get('operation'),
      tags,
      ...(minDurationNs === undefined ? {} : { minDurationNs }),
      // Zero is the same as none, as Jaeger has it.
      ...(maxDurationNs === undefined || maxDurationNs === 0n ? {} : { maxDurationNs }),
    },
    { startNs: startNs ?? BigInt(nowMs) * 1_000_000n - lookback(params), endNs: end, limit },
  )
  return { kind: 'search', query }
}

/** `start` and `end` of a look-up by id, which are not needed. */
export function parseTraceRange(params: Params): { readonly startNs?: bigint; readonly endNs?: bigint } {
  parseBool(params.get('raw'), complaint('raw'))
  return optionalRange(microseconds(params, 'start'), microseconds(params, 'end'))
}

function complaint(name: string): string {
  return `unable to parse param '${name}'`
}

function optionalRange(startNs?: bigint, endNs?: bigint): { readonly startNs?: bigint; readonly endNs?: bigint } {
  return { ...(startNs === undefined ? {} : { startNs }), ...(endNs === undefined ? {} : { endNs }) }
}

function microseconds(params: Params, name: string): bigint | undefined {
  const text = params.get(name)
  if (text === '') return undefined
  if (!/^[-+]?\d{1,16}$/.test(text)) {
    const why = `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`
    throw new AppError('invalid', `${complaint(name)}: ${why}`)
  }
  return BigInt(text) * 1000n
}

function durationOf(params: Params, name: string): bigint | undefined {
  return parseDuration(params.get(name), complaint(name))
}

/** The UI says beside `start` how it came by it; without a start it is what counts. */
function lookback(params: Params): bigint {
  const days = /^(\d{1,4})d$/.exec(params.get('lookback'))
  if (days !== null) return BigInt(days[1] ?? '') * 86_400_000_000_000n
  const text = params.get('lookback')
  return text === '' || text === 'custom'
    ? DEFAULT_LOOKBACK_NS
    : (durationOf(params, 'lookback') ?? DEFAULT_LOOKBACK_NS)
}

/** `tag=key:value` any number of times, and `tags` as a JSON object. */
function parseTags(params: Params): ReadonlyMap<string, string> {
  const tags = new Map<string, string>()
  for (const tag of params.all('tag')) {
    const colon = tag.indexOf(':')
    if (colon < 0) throw new AppError('invalid', `malformed 'tag' parameter, expecting key:value, received: ${tag}`)
    tags.set(tag.slice(0, colon), tag.slice(colon + 1))
  }
  for (const json of params.all('tags')) {
    if (json === '') continue
    for (const [key, value] of parseTextMap(json, "malformed 'tags' parameter, cannot unmarshal JSON"))
      tags.set(key, value)
  }
  return tags
}
