import type { Labels } from '../../../model/index.ts'
import { labelsKey } from '../../labels.ts'
import { createPacer } from '../../pacer.ts'
import { clampTimeNs } from '../../time-bounds.ts'
import type { LogSelector } from '../ast.ts'
import { compileStages } from '../pipeline/compile.ts'
import {
  type BaseLabels,
  baseLabels,
  ERROR_DETAILS_LABEL,
  ERROR_LABEL,
  LabelSet,
  METADATA,
  STREAM,
} from '../pipeline/label-set.ts'
import { type LineState, NEED_ALL } from '../pipeline/stage.ts'
import { conditionOf } from './condition.ts'
import { Budget, DEFAULT_LOGQL_LIMITS, type LogqlOptions } from './options.ts'
import type { QueryStatistics } from './metrics.ts'

export interface LogsRequest {
  /** start ≤ t < end, as Loki reads a range of logs. */
  readonly startNs: bigint
  readonly endNs: bigint
  readonly direction: 'forward' | 'backward'
  /** After so many lines it ends; without it, it goes on to the end of the range. */
  readonly limit?: number
  /** Of lines of one stream that are closer together than this only the first is given. Nanoseconds. */
  readonly intervalNs?: bigint
}

/** The labels of a line that came through a pipeline; equal ones are the same object. */
export interface ResultLabels {
  /** All of them, as Loki puts them into one set. */
  readonly labels: Labels
  /** The same by where they come from. Errors are among the parsed. */
  readonly stream: Labels
  readonly structuredMetadata: Labels
  readonly parsed: Labels
}

export interface ResultLine {
  /** Nanoseconds since the epoch. */
  readonly timeNs: bigint
  readonly line: string
  readonly labels: ResultLabels
}

/** The lines of the same labels, in the direction of the request. */
export interface LogResultStream extends ResultLabels {
  readonly lines: readonly Pick<ResultLine, 'timeNs' | 'line'>[]
}

export interface LogsResult {
  readonly streams: readonly LogResultStream[]
  readonly statistics: QueryStatistics
}

const LINES_OF_TURN = 500
const MAX_LABEL_SETS = 10_000

/** The lines of a log query one after the other, in portions as the source gives them. */
async function* readLogs(
  selector: LogSelector,
  request: LogsRequest,
  options: LogqlOptions,
  budget: Budget = new Budget({ ...DEFAULT_LOGQL_LIMITS, ...options.limits }),
): AsyncGenerator<readonly ResultLine[]> {
  const { source, scope, signal } = options
  const { direction, limit, intervalNs = 0n } = request
  const { condition, covered } = conditionOf(selector.stages)
  const run = compileStages(selector.stages, NEED_ALL)
  const rest = compileStages(
    selector.stages.filter((_, i) => covered[i] !== true),
    NEED_ALL,
  )
  const pacer = createPacer(signal)
  const bases = new Map<object, BaseLabels>()
  const results = new LabelResults()
  const spacing = new Spacing(intervalNs)
  const state: LineState = { line: '', timeNs: 0n, labels: new LabelSet() }
  let left = limit ?? Infinity
  const selection = {
    matchers: selector.matchers,
    range: { startNs: clampTimeNs(request.startNs), endNs: clampTimeNs(request.endNs), ends: '[start, end)' },
    condition,
    columns: { line: 'text', metadata: 'all' },
    direction,
    ...(limit === undefined ? {} : { expected: limit }),
  } as const
  for await (const block of source.select(scope, selection, signal)) {
    budget.takeLines(block.rows)
    const pass = block.exact === true ? rest : run
    const lines: ResultLine[] = []
    for (let row = 0; row < block.rows && left > 0; row++) {
      if (row % LINES_OF_TURN === 0 && pacer.due()) await pacer.pause()
      const stream = block.stream(row)
      let base = bases.get(stream)
      if (base === undefined) bases.set(stream, (base = baseLabels(stream.labels)))
      state.labels.reset(base, block.metadata(row))
      state.line = block.line(row)
      state.timeNs = block.timesNs[row] ?? 0n
      budget.bytes += state.line.length
      if (!pass(state)) continue
      const labels = results.of(state.labels)
      if (!spacing.passes(labels, state.timeNs)) continue
      lines.push({ timeNs: state.timeNs, line: state.line, labels })
      left -= 1
    }
    if (lines.length > 0) yield lines
    if (left <= 0) return
  }
}

/** The lines of a log query by their labels. */
export async function evaluateLogs(
  selector: LogSelector,
  request: LogsRequest & { readonly limit: number },
  options: LogqlOptions,
): Promise<LogsResult> {
  const budget = new Budget({ ...DEFAULT_LOGQL_LIMITS, ...options.limits })
  const streams = new Map<ResultLabels, { timeNs: bigint; line: string }[]>()
  for await (const lines of readLogs(selector, request, options, budget)) {
    for (const { labels, timeNs, line } of lines) {
      const known = streams.get(labels)
      if (known === undefined) streams.set(labels, [{ timeNs, line }])
      else known.push({ timeNs, line })
    }
  }
  return {
    streams: [...streams].map(([labels, lines]) => ({ ...labels, lines })),
    statistics: { lines: budget.lines, bytes: budget.bytes },
  }
}

/** Label sets of lines, each made once. */
class LabelResults {
  readonly #byBase = new Map<object, Map<string, ResultLabels>>()
  readonly #all = new Map<string, ResultLabels>()

  of(labels: LabelSet): ResultLabels {
    let ofBase = this.#byBase.get(labels.base)
    if (ofBase === undefined) this.#byBase.set(labels.base, (ofBase = new Map<string, ResultLabels>()))
    const key = labels.key
    const known = ofBase.get(key)
    if (known !== undefined) return known
    const made = resultLabels(labels)
    const whole = [made.stream, made.structuredMetadata, made.parsed].map(labelsKey).join('\u{10fffd}')
    const result = this.#all.get(whole) ?? made
    if (ofBase.size < MAX_LABEL_SETS) ofBase.set(key, result)
    this.#all.set(whole, result)
    return result
  }
}

function resultLabels(labels: LabelSet): ResultLabels {
  const stream: Record<string, string> = {}
  const structuredMetadata: Record<string, string> = {}
  const parsed: Record<string, string> = {}
  labels.forEach((name, value, category) => {
    if (category === STREAM) stream[name] = value
    else if (category === METADATA) structuredMetadata[name] = value
    else parsed[name] = value
  })
  if (labels.error !== '') parsed[ERROR_LABEL] = labels.error
  if (labels.errorDetails !== '') parsed[ERROR_DETAILS_LABEL] = labels.errorDetails
  return { labels: { ...stream, ...structuredMetadata, ...parsed }, stream, structuredMetadata, parsed }
}

/** Lets through one line of each stream in an interval. */
class Spacing {
  readonly #intervalNs: bigint
  #last: bigint | undefined

  constructor(intervalNs: bigint) {
    this.#intervalNs = intervalNs
  }

  /** Loki counts from the last line that it gave, of whatever stream. */
  passes(_labels: ResultLabels, timeNs: bigint): boolean {
    if (this.#intervalNs <= 0n) return true
    const distance = this.#last === undefined ? this.#intervalNs : timeNs - this.#last
    if ((distance < 0n ? -distance : distance) < this.#intervalNs) return false
    this.#last = timeNs
    return true
  }
}
