import { AppError } from '../../core/index.ts'
import type { Labels, Matcher } from '../../model/index.ts'
import { labelsKey, parseStreamSelector, type StreamVolume } from '../../query/index.ts'
import type { ApiHandler, HandlerContext } from '../handlers/handler.ts'
import { Params } from '../handlers/params.ts'
import { type ApiResponse, jsonResponse } from '../messages.ts'
import { renderLabels, successResponse } from './json.ts'
import { type NsRange, rangeParameters, stepParameter } from './params.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 10_000
const MAX_STEPS = 11_000
const MS = 1_000_000n

/** `/loki/api/v1/index/stats`, without envelope. What Loki calls a chunk is here a stream's lines of a day. */
export const indexStats: ApiHandler = async (request, context) => {
  const params = new Params(request)
  const matchers = parseStreamSelector(params.queryText('query'))
  const volumes = await volumesOf(matchers, rangeParameters(params, context), 1, context)
  const sum = (of: (volume: StreamVolume) => number): number => volumes.reduce((total, one) => total + of(one), 0)
  return jsonResponse(
    JSON.stringify({
      streams: volumes.length,
      chunks: sum(({ days }) => days),
      entries: sum(({ lines }) => lines[0] ?? 0),
      bytes: sum(({ bytes }) => bytes[0] ?? 0),
    }),
  )
}

/** `/loki/api/v1/index/volume`: bytes by label or stream over the whole range, the largest first. */
export const volume: ApiHandler = async (request, context) => {
  const { rows, range } = await readRows(request, context, () => 1)
  const time = String(Number(range.endNs / MS) / 1000)
  const result = rows.map(({ name, values }) => `{"metric":${name},"value":[${time},"${String(values[0] ?? 0)}"]}`)
  return withData('vector', result)
}

/** `/loki/api/v1/index/volume_range`: the same step by step; a step's time is its end. */
export const volumeRange: ApiHandler = async (request, context) => {
  const { rows, range, steps } = await readRows(request, context, (params, of) => {
    const stepMs = stepParameter(params, of)
    return Math.max(1, Math.ceil(Number((of.endNs - of.startNs) / MS) / stepMs))
  })
  const widthMs = Number((range.endNs - range.startNs) / MS) / steps
  const result = rows.map(({ name, values }) => {
    const points: string[] = []
    values.forEach((value, step) => {
      const time = Number(range.startNs / MS) + (step + 1) * widthMs
      if (value > 0) points.push(`[${String(Math.round(time) / 1000)},"${String(value)}"]`)
    })
    return `{"metric":${name},"values":[${points.join(',')}]}`
  })
  return withData('matrix', result)
}

interface Row {
  /** The labels, rendered. */
  readonly name: string
  readonly values: Float64Array
}

async function readRows(
  request: Parameters<ApiHandler>[0],
  context: HandlerContext,
  stepsOf: (params: Params, range: NsRange) => number,
): Promise<{ readonly rows: readonly Row[]; readonly range: NsRange; readonly steps: number }> {
  const params = new Params(request)
  const matchers = parseStreamSelector(params.queryText('query'))
  const range = rangeParameters(params, context)
  const steps = stepsOf(params, range)
  if (steps > MAX_STEPS) {
    throw new AppError('invalid', 'exceeded maximum resolution of 11,000 points per time series. Increase the step')
  }
  const limit = limitOf(params)
  const namesOf = aggregation(params, matchers)
  const rows = new Map<string, Row>()
  for (const one of await volumesOf(matchers, range, steps, context)) {
    for (const labels of namesOf(one.labels)) {
      const key = labelsKey(labels)
      const row = rows.get(key) ?? { name: renderLabels(labels), values: new Float64Array(steps) }
      rows.set(key, row)
      one.bytes.forEach((bytes, step) => {
        row.values[step] = (row.values[step] ?? 0) + bytes
      })
    }
  }
  const total = ({ values }: Row): number => values.reduce((sum, value) => sum + value, 0)
  const sorted = [...rows.values()].sort((a, b) => total(b) - total(a) || (a.name < b.name ? -1 : 1))
  return { rows: sorted.slice(0, limit), range, steps }
}

/** What a stream counts for: its labels of these names as one, or each of them. */
function aggregation(params: Params, matchers: readonly Matcher[]): (labels: Labels) => readonly Labels[] {
  const targets = params
    .get('targetLabels')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const by = params.get('aggregateBy')
  if (by !== '' && by !== 'series' && by !== 'labels') {
    throw new AppError('invalid', "invalid aggregation option: use 'series' or 'labels'")
  }
  if (by === 'labels') {
    const wanted = new Set(targets)
    return (labels) => {
      const names = Object.keys(labels).filter((name) => wanted.size === 0 || wanted.has(name))
      return names.map((name) => ({ [name]: '' }))
    }
  }
  const names = targets.length > 0 ? targets : [...new Set(matchers.map(({ name }) => name))]
  return (labels) => {
    const chosen = names.flatMap((name) => (Object.hasOwn(labels, name) ? [[name, labels[name] ?? ''] as const] : []))
    return targets.length > 0 && chosen.length === 0 ? [] : [Object.fromEntries(chosen)]
  }
}

function limitOf(params: Params): number {
  const text = params.get('limit')
  const limit = text === '' ? DEFAULT_LIMIT : Number(text)
  if (!Number.isInteger(limit) || limit <= 0) throw new AppError('invalid', 'limit must be a positive value')
  return Math.min(limit, MAX_LIMIT)
}

async function volumesOf(
  matchers: readonly Matcher[],
  range: NsRange,
  steps: number,
  { sources, scope, signal }: HandlerContext,
): Promise<readonly StreamVolume[]> {
  if (range.endNs <= range.startNs) return []
  return await sources.logVolumes.volumes(scope, { matchers, ...range, steps }, signal)
}

function withData(resultType: string, result: readonly string[]): ApiResponse {
  return successResponse(`{"resultType":"${resultType}","result":[${result.join(',')}]}`)
}
