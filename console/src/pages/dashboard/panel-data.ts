import type { LogEntry } from '../../data/loki/entry.ts'
import { nsOf, queryLogInstant, queryLogMetric, queryLogs } from '../../data/loki/client.ts'
import { type Caller, queryInstant, queryRange } from '../../data/prometheus/client.ts'
import { alignGrid, type Grid, gridTimes, type Series } from '../../data/prometheus/matrix.ts'
import { searchTraces, type TraceSummary } from '../../data/tempo/client.ts'
import type { Interval } from '../../data/time-range.ts'
import type { Panel } from '../../grafana/dashboard.ts'
import type { Frame } from '../../grafana/frame.ts'
import { flagAt, type Json, numberAt, objectsAt, textAt } from '../../grafana/json.ts'
import { seriesFrames, tableFrame } from '../../grafana/metric-frames.ts'
import { transform } from '../../grafana/transform/index.ts'
import { builtIns, intervalFor } from '../../grafana/variables/built-in.ts'
import type { VariableDefinition } from '../../grafana/variables/definition.ts'
import { interpolate, regexDialect, type Variable } from '../../grafana/variables/interpolate.ts'
import { type Source, sourceOf } from './data-source.ts'

/** What a panel has to show. */
export interface PanelData {
  readonly frames: readonly Frame[]
  readonly logs: readonly LogEntry[]
  readonly traces: readonly TraceSummary[]
  /** As it came, for heat maps. */
  readonly series: readonly Series[]
  readonly grid: Grid
  readonly warnings: readonly string[]
  /** What this console does not have: data sources and transformations, by name. */
  readonly unknown: readonly string[]
}

/** One question of a panel, all variables filled in. */
export interface Question {
  readonly refId: string
  readonly source: Source
  readonly query: string
  readonly legend: string
  readonly kind: 'range' | 'instant' | 'table' | 'lines' | 'search'
  readonly limit: number
}

export interface PanelQuestion {
  readonly questions: readonly Question[]
  readonly grid: Grid
  readonly interval: Interval
  readonly transformations: readonly Json[]
  readonly unknown: readonly string[]
}

const LEAST_STEP_MS = 1_000
const MOST_POINTS = 600

/** What the panel asks, now: the same question is not asked twice, because it is the key of its answer. */
export function questionOf(
  panel: Panel,
  context: {
    readonly variables: ReadonlyMap<string, Variable>
    readonly definitions: readonly VariableDefinition[]
    readonly interval: Interval
    readonly title: string
    /** Of the panel, in pixels: how many points it can show. */
    readonly width: number
  },
): PanelQuestion {
  const { interval, definitions } = context
  const asked = numberAt(panel.json, 'maxDataPoints') ?? Math.round(context.width / 2)
  const stepMs = intervalFor(interval, Math.min(MOST_POINTS, Math.max(30, asked)), LEAST_STEP_MS)
  const variables = new Map([...context.variables, ...builtIns({ range: interval, stepMs, dashboard: context.title })])
  const unknown: string[] = []
  const questions = panel.targets.flatMap((target): Question[] => {
    const found = sourceOf(target, panel.json, definitions)
    if ('unknown' in found) {
      unknown.push(`data source ${found.unknown}`)
      return []
    }
    const query = interpolate(textAt(target, 'expr') ?? textAt(target, 'query') ?? '', variables, regexDialect)
    if (query.trim() === '') return []
    return [
      {
        refId: textAt(target, 'refId') ?? 'A',
        source: found.source,
        query,
        legend: interpolate(textAt(target, 'legendFormat') ?? '', variables, ({ texts }) => texts.join(' + ')),
        kind: kindOf(target, panel, found.source),
        limit: Math.min(1_000, numberAt(target, 'maxLines') ?? numberAt(target, 'limit') ?? 200),
      },
    ]
  })
  return {
    questions,
    unknown,
    interval,
    grid: alignGrid(interval, stepMs / 1_000),
    transformations: objectsAt(panel.json, 'transformations'),
  }
}

function kindOf(target: Json, panel: Panel, source: Source): Question['kind'] {
  if (source === 'traces') return 'search'
  if (source === 'logs') {
    if (panel.kind === 'logs') return 'lines'
    return target['queryType'] === 'instant' || flagAt(target, 'instant') === true ? 'instant' : 'range'
  }
  const isTable = target['format'] === 'table'
  if (isTable && (flagAt(target, 'instant') === true || panel.kind === 'table')) return 'table'
  return flagAt(target, 'instant') === true && flagAt(target, 'range') !== true ? 'instant' : 'range'
}

/** Asks everything that the panel asks, side by side. */
export async function fetchPanel(question: PanelQuestion, caller: Caller): Promise<PanelData> {
  const { questions, grid } = question
  const isOnly = questions.length === 1
  const answers = await Promise.all(questions.map((one) => answer(one, question, { caller, isOnly })))
  const { frames, unknown } = transform(
    answers.flatMap((one) => one.frames ?? []),
    question.transformations,
  )
  return {
    frames,
    grid,
    logs: answers.flatMap((one) => one.logs ?? []),
    traces: answers.flatMap((one) => one.traces ?? []),
    series: answers.flatMap((one) => one.series ?? []),
    warnings: [...new Set(answers.flatMap((one) => one.warnings ?? []))],
    unknown: [...question.unknown, ...unknown.map((id) => `transformation ${id}`)],
  }
}

type Answer = Partial<Pick<PanelData, 'frames' | 'logs' | 'traces' | 'series' | 'warnings'>>

async function answer(
  one: Question,
  { grid, interval }: PanelQuestion,
  { caller, isOnly }: { readonly caller: Caller; readonly isOnly: boolean },
): Promise<Answer> {
  const look = { refId: one.refId, legend: one.legend, timesMs: gridTimes(grid).map((at) => at * 1_000) }
  const toTable = (rows: readonly { labels: Readonly<Record<string, string>>; value: number | null }[]): Answer =>
    one.kind === 'table'
      ? { frames: [tableFrame(rows, { refId: one.refId, timeMs: grid.endS * 1_000, isOnly })] }
      : {
          frames: seriesFrames(
            rows.map(({ labels, value }) => ({ labels, values: [value] })),
            { ...look, timesMs: [grid.endS * 1_000] },
          ),
        }
  switch (one.kind) {
    case 'search':
      return { traces: (await searchTraces(one.query, interval, one.limit, caller)).traces }
    case 'lines': {
      const ends = { fromNs: nsOf(interval.fromMs), toNs: nsOf(interval.toMs) }
      const { entries, warnings } = await queryLogs(
        { query: one.query, ...ends, direction: 'backward', limit: one.limit },
        caller,
      )
      return { logs: entries, warnings }
    }
    case 'table':
    case 'instant': {
      if (one.source === 'logs') {
        const rows = await queryLogInstant(one.query, grid.endS, caller)
        return toTable(rows.map(({ labels, count }) => ({ labels, value: count })))
      }
      const { rows, warnings } = await queryInstant(one.query, grid.endS, caller)
      return { ...toTable(rows.map(({ labels, value }) => ({ labels, value: toNumber(value) }))), warnings }
    }
    case 'range': {
      const found =
        one.source === 'logs'
          ? await queryLogMetric(one.query, grid, caller)
          : await queryRange(one.query, grid, caller)
      return { frames: seriesFrames(found.series, look), series: found.series, warnings: found.warnings }
    }
  }
}

function toNumber(text: string): number | null {
  const value = Number(text)
  return Number.isNaN(value) ? null : value
}
