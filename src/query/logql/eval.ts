import { AppError } from '../../core/index.ts'
import type { Labels, Scope } from '../../model/index.ts'
import { compareLabels, labelsKey } from '../labels.ts'
import { compileRegexp } from '../regexp.ts'
import type { LineCondition, LogSource, NsRange } from '../log-source.ts'
import { createPacer, type Pacer } from '../pacer.ts'
import { evaluateAggregation } from '../promql/aggregate.ts'
import { Annotations } from '../promql/annotations.ts'
import { evaluateBinary } from '../promql/binary.ts'
import type { StepContext } from '../promql/context.ts'
import { hasValues, newSeries, type StepGrid, type StepSeries, stepTime, type Value } from '../promql/values.ts'
import { clampTimeNs } from '../time-bounds.ts'
import type { BinaryExpr, LineFilter, LogSelector, MetricExpr, RangeAggregation, VectorAggregation } from './ast.ts'

/** How many log lines one metric query may read; more is an error, never a smaller count. */
const MAX_LINES = 200_000

export interface LogqlOptions {
  readonly source: LogSource
  readonly scope: Scope
  readonly signal: AbortSignal
}

export interface LogsRequest {
  /** start ≤ t < end, as Loki reads a range of logs. */
  readonly startNs: bigint
  readonly endNs: bigint
  readonly limit: number
  readonly direction: 'forward' | 'backward'
}

export interface LogLine {
  /** Nanoseconds since the epoch. */
  readonly timeNs: bigint
  readonly line: string
  readonly structuredMetadata: Labels
}

export interface LogStream {
  /** The index labels. */
  readonly labels: Labels
  readonly lines: readonly LogLine[]
}

/** The lines that the selector selects. */
export async function evaluateLogs(
  selector: LogSelector,
  request: LogsRequest,
  options: LogqlOptions,
): Promise<readonly LogStream[]> {
  const { startNs, endNs, limit, direction } = request
  const range: NsRange = { startNs: clampTimeNs(startNs), endNs: clampTimeNs(endNs), ends: '[start, end)' }
  return await readStreams(selector, { range, limit, direction }, options)
}

async function readStreams(
  { matchers, filters }: LogSelector,
  { range, limit, direction }: { range: NsRange; limit: number; direction: 'forward' | 'backward' },
  { source, scope, signal }: LogqlOptions,
): Promise<readonly LogStream[]> {
  const condition: LineCondition = { t: 'all', of: filters.map(toCondition) }
  const tests = filters.map(compileFilter)
  const request = { matchers, range, condition, columns: { line: 'text', metadata: 'all' }, direction } as const
  const found = new Map<unknown, { labels: Labels; lines: LogLine[] }>()
  let left = limit
  for await (const block of source.select(scope, { ...request, expected: limit }, signal)) {
    for (let row = 0; row < block.rows && left > 0; row++) {
      const line = block.line(row)
      if (!tests.every((test) => test(line))) continue
      left -= 1
      const stream = block.stream(row)
      const known = found.get(stream) ?? { labels: stream.labels, lines: [] }
      found.set(stream, known)
      const metadata = block.metadata(row)
      const structuredMetadata: Record<string, string> = {}
      for (let i = 0; i < metadata.length; i += 2) structuredMetadata[metadata[i] ?? ''] = metadata[i + 1] ?? ''
      known.lines.push({ timeNs: block.timesNs[row] ?? 0n, line, structuredMetadata })
    }
    if (left <= 0) break
  }
  return [...found.values()]
}

function toCondition({ operator, value }: LineFilter): LineCondition {
  if (operator === '|=') return { t: 'line-contains', text: value }
  if (operator === '!=') return { t: 'line-lacks', text: value }
  return { t: operator === '|~' ? 'line-matches' : 'line-fails', expression: value }
}

function compileFilter({ operator, value }: LineFilter): (line: string) => boolean {
  if (operator === '|=') return (line) => line.includes(value)
  if (operator === '!=') return (line) => !line.includes(value)
  const regexp = compileRegexp(value, { dotMatchesNewline: false })
  return operator === '|~' ? (line) => regexp.matchesPart(line) : (line) => !regexp.matchesPart(line)
}

/** A metric query's value at each step: one number, or rows with labels. */
export type MetricResult =
  | { readonly type: 'scalar'; readonly values: Float64Array }
  | { readonly type: 'vector'; readonly series: readonly StepSeries[] }

interface Context extends StepContext, LogqlOptions {
  readonly pacer: Pacer
}

/** Evaluates a metric query at every step of the grid; rows are in the order of their labels. */
export async function evaluateMetric(expr: MetricExpr, grid: StepGrid, options: LogqlOptions): Promise<MetricResult> {
  const context = { grid, pacer: createPacer(options.signal), annotations: new Annotations(), ...options }
  const value = await evaluate(expr, context)
  if (value.type === 'scalar') return value
  return { type: 'vector', series: [...seriesOf(value)].sort((a, b) => compareLabels(a.labels, b.labels)) }
}

function seriesOf(value: Value): readonly StepSeries[] {
  if (value.type !== 'vector') throw new AppError('internal', `BUG: a LogQL expression gave a ${value.type}`)
  return value.series
}

async function evaluate(expr: MetricExpr, context: Context): Promise<Value> {
  const { count } = context.grid
  switch (expr.kind) {
    case 'number':
      return { type: 'scalar', values: new Float64Array(count).fill(expr.value) }
    case 'vector': {
      const row = newSeries({}, count, false)
      row.values.fill(expr.value)
      row.present.fill(1)
      return { type: 'vector', series: [row] }
    }
    case 'binary':
      return await evaluateOperator(expr, context)
    case 'vector-aggregation':
      return { type: 'vector', series: await aggregate(expr, context) }
    case 'range-aggregation':
      return { type: 'vector', series: await aggregateRange(expr, context) }
  }
}

async function evaluateOperator(expr: BinaryExpr, context: Context): Promise<Value> {
  const [left, right] = await Promise.all([evaluate(expr.left, context), evaluate(expr.right, context)])
  const matching = { cardinality: 'one-to-one', on: false, labels: [], include: [] } as const
  const node = { operator: expr.operator, bool: expr.bool, matching, ...NOWHERE }
  return await evaluateBinary(node, left, right, context)
}

/** Operators of PromQL can name their place in annotations, which LogQL does not have. */
const NOWHERE = { start: 0, end: 0 }

async function aggregate(expr: VectorAggregation, context: Context): Promise<StepSeries[]> {
  const operand = await evaluate(expr.expr, context)
  const parameter: Value = {
    type: 'scalar',
    values: new Float64Array(context.grid.count).fill(expr.parameter ?? NaN),
  }
  const node = { operator: expr.operator, grouping: expr.grouping, without: expr.without, expr: NOWHERE }
  return await evaluateAggregation(node, operand.type === 'vector' ? operand.series : [], parameter, context)
}

/** Reads the lines of all windows once and counts them in each: a window holds end - range < t ≤ end. */
async function aggregateRange(expr: RangeAggregation, context: Context): Promise<StepSeries[]> {
  const { grid, pacer } = context
  const firstEnd = stepTime(grid, 0) - expr.offsetMs
  const lastEnd = stepTime(grid, grid.count - 1) - expr.offsetMs
  const range: NsRange = {
    startNs: clampTimeNs(toNs(firstEnd - expr.rangeMs)),
    endNs: clampTimeNs(toNs(lastEnd)),
    ends: '(start, end]',
  }
  const streams = await readStreams(expr.selector, { range, limit: MAX_LINES + 1, direction: 'forward' }, context)
  const lines = streams.reduce((sum, stream) => sum + stream.lines.length, 0)
  if (lines > MAX_LINES) {
    const message = `the query would read more than ${String(MAX_LINES)} log lines: narrow its selector or its range`
    throw new AppError('exhausted', message, { retryable: false })
  }
  const rows: StepSeries[] = []
  for (const samples of samplesByLabels(streams).values()) {
    if (pacer.due()) await pacer.pause()
    const row = countInWindows(samples, expr, grid)
    if (hasValues(row)) rows.push(row)
  }
  return rows
}

interface Samples {
  readonly labels: Labels
  readonly lines: { readonly timeNs: bigint; readonly bytes: number }[]
}

/** In metric queries a line's labels are those of its stream and its structured metadata. */
function samplesByLabels(streams: readonly LogStream[]): Map<string, Samples> {
  const found = new Map<string, Samples>()
  for (const stream of streams) {
    for (const { timeNs, line, structuredMetadata } of stream.lines) {
      const labels: Labels = { ...structuredMetadata, ...stream.labels }
      const key = labelsKey(labels)
      const samples = found.get(key) ?? { labels, lines: [] }
      found.set(key, samples)
      samples.lines.push({ timeNs, bytes: Buffer.byteLength(line) })
    }
  }
  for (const { lines } of found.values()) lines.sort((a, b) => (a.timeNs < b.timeNs ? -1 : a.timeNs > b.timeNs ? 1 : 0))
  return found
}

function countInWindows({ labels, lines }: Samples, expr: RangeAggregation, grid: StepGrid): StepSeries {
  const row = newSeries(labels, grid.count, false)
  const bytes = expr.operation === 'bytes_over_time' || expr.operation === 'bytes_rate'
  const perSecond = expr.operation === 'rate' || expr.operation === 'bytes_rate'
  let from = 0
  let to = 0
  let total = 0
  const weight = (index: number): number => (bytes ? (lines[index]?.bytes ?? 0) : 1)
  for (let step = 0; step < grid.count; step++) {
    const end = stepTime(grid, step) - expr.offsetMs
    const endNs = toNs(end)
    const startNs = toNs(end - expr.rangeMs)
    while (to < lines.length && (lines[to]?.timeNs ?? 0n) <= endNs) total += weight(to++)
    while (from < to && (lines[from]?.timeNs ?? 0n) <= startNs) total -= weight(from++)
    if (from === to) continue
    row.present[step] = 1
    row.values[step] = perSecond ? total / (expr.rangeMs / 1000) : total
  }
  return row
}

/** Nanoseconds do not fit a double: lines are compared as they are. */
function toNs(ms: number): bigint {
  return BigInt(Math.trunc(ms)) * 1_000_000n
}
