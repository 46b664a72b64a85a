import { AskError } from '../../data/ask.ts'
import type { LogEntry } from '../../data/loki/entry.ts'
import { nsOf, queryLogInstant, queryLogMetric, queryLogs } from '../../data/loki/client.ts'
import { type Caller, type Exemplar, queryExemplars, queryInstant, queryRange } from '../../data/prometheus/client.ts'
import { type Grid, gridTimes, type Series } from '../../data/prometheus/matrix.ts'
import { fetchTrace, searchTraces, type TraceSummary } from '../../data/tempo/client.ts'
import { queryTraceFigures, queryTraceMetrics } from '../../data/tempo/metrics.ts'
import type { Interval } from '../../data/time-range.ts'
import type { TraceSpan } from '../../data/trace/span.ts'
import type { Frame } from '../../grafana/frame.ts'
import { linesFrame } from '../../grafana/log-frames.ts'
import { seriesFrames, tableFrame } from '../../grafana/metric-frames.ts'
import type { Question } from './panel-question.ts'
import { askServices, type ServiceCall } from './service-calls.ts'

/** What one query of a panel came to. */
export interface Answer {
  readonly frames?: readonly Frame[]
  readonly logs?: readonly LogEntry[]
  readonly traces?: readonly TraceSummary[]
  readonly series?: readonly Series[]
  readonly services?: readonly ServiceCall[]
  readonly exemplars?: readonly Exemplar[]
  readonly warnings?: readonly string[]
  readonly raw?: unknown
}

type Rows = readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number | null }[]

export interface AnswerContext {
  readonly grid: Grid
  readonly interval: Interval
  readonly caller: Caller
  /** Whether the panel asks nothing else: then a table's figures have no suffix. */
  readonly isOnly: boolean
}

/** Asks one question. Its failures are those of `ask`; exemplars that are not had are no failure. */
export async function answer(one: Question, context: AnswerContext): Promise<Answer> {
  const { grid, interval, caller } = context
  switch (one.kind) {
    case 'service-map':
      return await askServices(interval, caller)
    case 'search': {
      const { traces, raw } = await searchTraces(one.query, interval, one.limit, caller)
      return { traces, raw }
    }
    case 'trace':
      return await askTrace(one.query.trim(), caller)
    case 'trace-range': {
      const { series, exemplars, raw } = await queryTraceMetrics(one.query, grid, one.exemplars, caller)
      return { ...ofSeries(series.map(withOneName), one, grid), exemplars, raw }
    }
    case 'trace-instant': {
      const { rows, raw } = await queryTraceFigures(one.query, grid, caller)
      return { ...ofRows(rows.map(withOneName), one, context), raw }
    }
    case 'lines':
    case 'line-rows': {
      const ends = { fromNs: nsOf(interval.fromMs), toNs: nsOf(interval.toMs) }
      const asked = { query: one.query, ...ends, direction: 'backward', limit: one.limit } as const
      const { entries, warnings, raw } = await queryLogs(asked, caller)
      const told = one.kind === 'lines' ? { logs: entries } : { frames: [linesFrame(entries, one.refId)] }
      return { ...told, warnings, raw }
    }
    case 'table':
    case 'instant': {
      if (one.source === 'logs') {
        const rows = await queryLogInstant(one.query, endOf(interval), caller)
        return {
          ...ofRows(
            rows.map(({ labels, count }) => ({ labels, value: count })),
            one,
            context,
          ),
          raw: rows,
        }
      }
      const { rows, warnings, raw } = await queryInstant(one.query, endOf(interval), caller)
      const figures = rows.map(({ labels, value }) => ({ labels, value: toNumber(value) }))
      return { ...ofRows(figures, one, context), warnings, raw }
    }
    case 'range':
      return one.source === 'logs' ? await askLogSeries(one, context) : await askSeries(one, context)
  }
}

/** A trace that is not there is no data. */
async function askTrace(traceId: string, caller: Caller): Promise<Answer> {
  try {
    const { spans, raw } = await fetchTrace(traceId, caller)
    return { traces: summaryOf(traceId, spans), raw }
  } catch (reason) {
    if (reason instanceof AskError && reason.kind === 'missing') return {}
    throw reason
  }
}

async function askLogSeries(one: Question, { grid, caller }: AnswerContext): Promise<Answer> {
  const { series, warnings } = await queryLogMetric(one.query, grid, caller)
  return { ...ofSeries(series, one, grid), warnings, raw: series }
}

async function askSeries(one: Question, { grid, caller }: AnswerContext): Promise<Answer> {
  const [found, exemplars] = await Promise.all([
    queryRange(one.query, grid, caller),
    one.exemplars === 0 ? [] : askExemplars(one, grid, caller),
  ])
  return { ...ofSeries(found.series, one, grid), exemplars, warnings: found.warnings, raw: found.raw }
}

/** Evenly out of all, at most as many as are wanted. */
async function askExemplars(one: Question, grid: Grid, caller: Caller): Promise<readonly Exemplar[]> {
  try {
    const all = (await queryExemplars(one.query, grid, caller)).filter(({ traceId }) => traceId !== undefined)
    const every = Math.ceil(all.length / one.exemplars)
    return every <= 1 ? all : all.filter((_, at) => at % every === 0)
  } catch (reason) {
    if (caller.signal.aborted) throw reason
    return []
  }
}

function ofSeries(series: readonly Series[], { refId, legend }: Question, grid: Grid): Answer {
  const timesMs = gridTimes(grid).map((at) => at * 1_000)
  return { series, frames: seriesFrames(series, { refId, legend, timesMs }) }
}

/** Figures are those of the end itself, not of the last step before it. */
function endOf({ toMs }: Interval): number {
  return Math.floor(toMs / 1_000)
}

function ofRows(rows: Rows, { refId, legend, kind }: Question, { interval, isOnly }: AnswerContext): Answer {
  const timeMs = endOf(interval) * 1_000
  if (kind === 'table') return { frames: [tableFrame(rows, { refId, timeMs, isOnly })] }
  const series = rows.map(({ labels, value }) => ({ labels, values: [value] }))
  return { frames: seriesFrames(series, { refId, legend, timesMs: [timeMs] }) }
}

/** A single attribute names its series by its value, as Tempo's data source does. */
function withOneName<T extends { readonly labels: Readonly<Record<string, string>> }>(one: T): T {
  const [only, ...others] = Object.values(one.labels)
  return only === undefined || others.length > 0 ? one : { ...one, labels: { __name__: only } }
}

function toNumber(text: string): number | null {
  const value = Number(text)
  return Number.isNaN(value) ? null : value
}

/** One trace as a search would list it. */
function summaryOf(traceId: string, spans: readonly TraceSpan[]): readonly TraceSummary[] {
  const [first] = spans
  if (first === undefined) return []
  const root = spans.find(({ parentId }) => parentId === undefined) ?? first
  const startMs = spans.reduce((least, span) => Math.min(least, span.startMs), root.startMs)
  const endMs = spans.reduce((most, span) => Math.max(most, span.endMs), root.endMs)
  return [
    {
      traceId,
      service: root.service,
      name: root.name,
      startMs,
      durationMs: endMs - startMs,
      matched: spans.length,
      services: [],
    },
  ]
}
