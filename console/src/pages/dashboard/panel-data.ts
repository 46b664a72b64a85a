import type { LogEntry } from '../../data/loki/entry.ts'
import { nsOf, queryLogInstant, queryLogMetric, queryLogs } from '../../data/loki/client.ts'
import { type Caller, queryInstant, queryRange } from '../../data/prometheus/client.ts'
import { alignGrid, type Grid, gridTimes, type Series } from '../../data/prometheus/matrix.ts'
import { searchTraces, type TraceSummary } from '../../data/tempo/client.ts'
import type { Interval } from '../../data/time-range.ts'
import type { Panel } from '../../grafana/dashboard.ts'
import type { Frame } from '../../grafana/frame.ts'
import { flagAt, isJson, type Json, numberAt, objectsAt, textAt } from '../../grafana/json.ts'
import { addMatcher } from '../../grafana/doctor/selectors.ts'
import { evaluate } from '../../grafana/expression/index.ts'
import { seriesFrames, tableFrame } from '../../grafana/metric-frames.ts'
import { transform } from '../../grafana/transform/index.ts'
import { builtIns, intervalFor } from '../../grafana/variables/built-in.ts'
import type { VariableDefinition } from '../../grafana/variables/definition.ts'
import { interpolate, regexDialect, type Variable } from '../../grafana/variables/interpolate.ts'
import { type Source, sourceOf } from './data-source.ts'
import { askServices, type ServiceCall } from './service-calls.ts'

/** What a panel has to show. */
export interface PanelData {
  readonly frames: readonly Frame[]
  readonly logs: readonly LogEntry[]
  readonly traces: readonly TraceSummary[]
  /** As it came, for heat maps. */
  readonly series: readonly Series[]
  readonly grid: Grid
  /** Of the panel, which may look at another time than its page. */
  readonly interval: Interval
  readonly services: readonly ServiceCall[]
  /** Answers as they came, by query, for those who look into them. */
  readonly raw: Readonly<Record<string, unknown>>
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
  readonly kind: 'range' | 'instant' | 'table' | 'lines' | 'search' | 'service-map'
  readonly limit: number
}

export interface PanelQuestion {
  readonly questions: readonly Question[]
  readonly grid: Grid
  readonly interval: Interval
  readonly transformations: readonly Json[]
  /** Worked out in the page, in their order, from what the questions answer. */
  readonly expressions: readonly Json[]
  /** Queries that are there for expressions only. */
  readonly hidden: readonly string[]
  readonly unknown: readonly string[]
}

const LEAST_STEP_MS = 1_000
/** What Prometheus and its kind answer at most, for one series. */
const MOST_POINTS = 11_000

export interface QuestionContext {
  readonly variables: ReadonlyMap<string, Variable>
  readonly definitions: readonly VariableDefinition[]
  readonly interval: Interval
  readonly title: string
  /** Of the panel, in pixels: how many points it can show. */
  readonly width: number
}

/** What the panel asks, now: the same question is not asked twice, because it is the key of its answer. */
export function questionOf(panel: Panel, context: QuestionContext): PanelQuestion {
  const { definitions } = context
  const { interval } = panelTime(panel, context)
  const asked = numberAt(panel.json, 'maxDataPoints') ?? Math.max(30, Math.round(context.width / 2))
  const stepMs = intervalFor(interval, Math.min(MOST_POINTS, Math.max(1, asked)), leastStepOf(panel, context))
  const variables = new Map([...context.variables, ...builtIns({ range: interval, stepMs, dashboard: context.title })])
  const unknown: string[] = []
  // What only expressions use is asked, too, and not shown.
  const all = objectsAt(panel.json, 'targets')
  const expressions = all.filter((target) => isExpression(target, panel, definitions))
  const targets = expressions.length > 0 ? all : panel.targets
  const questions = targets.flatMap((target): Question[] => {
    const found = sourceOf(target, panel.json, definitions)
    if ('unknown' in found) {
      unknown.push(`data source ${found.unknown}`)
      return []
    }
    const { source } = found
    if (source === 'expression') return []
    const kind = kindOf(target, panel, source)
    const text = textAt(target, 'expr') ?? textAt(target, 'query') ?? ''
    const filled = interpolate(text, variables, regexDialect)
    const query = source === 'metrics' || source === 'logs' ? withFilters(filled, source, context) : filled
    if (query.trim() === '' && kind !== 'service-map') return []
    return [
      {
        refId: textAt(target, 'refId') ?? 'A',
        source,
        query,
        legend: interpolate(textAt(target, 'legendFormat') ?? '', variables, ({ texts }) => texts.join(' + ')),
        kind,
        limit: Math.min(5_000, Math.max(1, numberAt(target, 'maxLines') ?? numberAt(target, 'limit') ?? 200)),
      },
    ]
  })
  return {
    questions,
    unknown,
    interval,
    grid: alignGrid(interval, stepMs / 1_000),
    expressions: expressions.map((one) => fillIn(one, variables)),
    hidden:
      expressions.length === 0
        ? []
        : all.filter((target) => flagAt(target, 'hide') === true).map((target) => textAt(target, 'refId') ?? 'A'),
    transformations: objectsAt(panel.json, 'transformations').map((one) => fillIn(one, variables)),
  }
}

/** Variables may stand in what transformations are told. */
function fillIn(json: Json, variables: ReadonlyMap<string, Variable>): Json {
  const text = JSON.stringify(json)
  if (!text.includes('$')) return json
  const filled: unknown = JSON.parse(text, (_key, value: unknown) =>
    typeof value === 'string' ? interpolate(value, variables, ({ values }) => values.join(',')) : value,
  )
  return isJson(filled) ? filled : json
}

/** A panel may look at another time than its page: `timeFrom` is how far back, `timeShift` how much earlier. */
export function panelTime(
  { json }: Panel,
  { interval, variables }: Pick<QuestionContext, 'interval' | 'variables'>,
): { readonly interval: Interval; readonly words: string } {
  const textOf = (key: string): string =>
    interpolate(textAt(json, key) ?? '', variables, ({ values }) => values.join(''))
  const back = durationMs(textOf('timeFrom'))
  const shift = durationMs(textOf('timeShift')) ?? 0
  if (back === undefined && shift === 0) return { interval, words: '' }
  const toMs = interval.toMs - shift
  const words = [
    back === undefined ? '' : `last ${textOf('timeFrom')}`,
    shift === 0 ? '' : `${textOf('timeShift')} earlier`,
  ]
  return {
    interval: { fromMs: back === undefined ? interval.fromMs - shift : toMs - back, toMs },
    words: words.filter((word) => word !== '').join(', '),
  }
}

/** `>30s`, `1m` or a variable: a panel's least step, and that of its targets. */
function leastStepOf({ json, targets }: Panel, { variables }: QuestionContext): number {
  const texts = [textAt(json, 'interval') ?? '', ...targets.map((target) => textAt(target, 'interval') ?? '')]
  const least = texts.map((text) => durationMs(interpolate(text, variables, ({ values }) => values.join(''))) ?? 0)
  return Math.max(LEAST_STEP_MS, ...least)
}

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  M: 2_592_000_000,
  y: 31_536_000_000,
}

function durationMs(text: string): number | undefined {
  const found = /^(?:now-|[<>]=?)?(\d+)(ms|[smhdwMy])$/.exec(text.trim())
  return found === null ? undefined : Number(found[1]) * (UNITS_MS[found[2] ?? ''] ?? 0)
}

/** Filters of ad-hoc variables are put into every selector. */
function withFilters(query: string, source: 'metrics' | 'logs', { definitions, variables }: QuestionContext): string {
  let text = query
  for (const { kind, name } of definitions) {
    if (kind !== 'adhoc') continue
    for (const value of variables.get(name)?.values ?? []) {
      const [label = '', operator = '', wanted = ''] = value.split('|')
      if (!/^[a-zA-Z_]\w*$/.test(label) || !['=', '!=', '=~', '!~'].includes(operator)) continue
      const matcher = `${label}${operator}${JSON.stringify(wanted)}`
      text = addMatcher(text, source === 'metrics' ? 'promql' : 'logql', { matcher, needs: () => true })
    }
  }
  return text
}

function kindOf(target: Json, panel: Panel, source: Source): Question['kind'] {
  if (source === 'traces') return target['queryType'] === 'serviceMap' ? 'service-map' : 'search'
  if (source === 'logs') {
    if (panel.kind === 'logs' || !isMetricOfLogs(textAt(target, 'expr') ?? '')) return 'lines'
    return target['queryType'] === 'instant' || flagAt(target, 'instant') === true ? 'instant' : 'range'
  }
  const isTable = target['format'] === 'table'
  if (isTable && (flagAt(target, 'instant') === true || panel.kind === 'table')) return 'table'
  return flagAt(target, 'instant') === true && flagAt(target, 'range') !== true ? 'instant' : 'range'
}

/** A query that begins with a selector asks for lines; `sum(…)`, `rate(…)` for numbers. */
function isMetricOfLogs(query: string): boolean {
  return !/^\s*[({]*\s*\{/.test(query)
}

/** Asks everything that the panel asks, side by side. */
export async function fetchPanel(question: PanelQuestion, caller: Caller): Promise<PanelData> {
  const { questions, grid } = question
  const isOnly = questions.length === 1
  const answers = await Promise.all(questions.map((one) => answer(one, question, { caller, isOnly })))
  const answered = withExpressions(
    answers.flatMap((one) => one.frames ?? []),
    question,
  )
  const { frames, unknown } = transform(
    answered.frames.filter(({ refId }) => !question.hidden.includes(refId)),
    question.transformations,
  )
  return {
    frames,
    grid,
    interval: question.interval,
    services: answers.flatMap((one) => one.services ?? []),
    raw: Object.fromEntries(questions.map(({ refId }, at) => [refId, answers[at]?.raw])),
    logs: answers.flatMap((one) => one.logs ?? []),
    traces: answers.flatMap((one) => one.traces ?? []),
    series: answers.flatMap((one) => one.series ?? []),
    warnings: [...new Set([...answers.flatMap((one) => one.warnings ?? []), ...answered.warnings])],
    unknown: [...question.unknown, ...unknown.map((id) => `transformation ${id}`)],
  }
}

function isExpression(target: Json, { json }: Panel, definitions: readonly VariableDefinition[]): boolean {
  const found = sourceOf(target, json, definitions)
  return 'source' in found && found.source === 'expression'
}

function withExpressions(
  frames: readonly Frame[],
  { expressions }: PanelQuestion,
): { readonly frames: readonly Frame[]; readonly warnings: readonly string[] } {
  let all = frames
  const warnings: string[] = []
  for (const target of expressions) {
    const name = `The expression ${textAt(target, 'refId') ?? ''}`
    try {
      const made = evaluate(target, all)
      if (made === undefined)
        warnings.push(`${name} is of the kind ${textAt(target, 'type') ?? ''}, which this console does not have.`)
      else all = [...all, ...made]
    } catch (reason) {
      warnings.push(`${name} cannot be worked out: ${reason instanceof Error ? reason.message : String(reason)}`)
    }
  }
  return { frames: all, warnings }
}

type Answer = Partial<Pick<PanelData, 'frames' | 'logs' | 'traces' | 'series' | 'services' | 'warnings'>> & {
  readonly raw?: unknown
}

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
    case 'service-map':
      return await askServices(interval, caller)
    case 'search': {
      const { traces, raw } = await searchTraces(one.query, interval, one.limit, caller)
      return { traces, raw }
    }
    case 'lines': {
      const ends = { fromNs: nsOf(interval.fromMs), toNs: nsOf(interval.toMs) }
      const { entries, warnings, raw } = await queryLogs(
        { query: one.query, ...ends, direction: 'backward', limit: one.limit },
        caller,
      )
      return { logs: entries, warnings, raw }
    }
    case 'table':
    case 'instant': {
      if (one.source === 'logs') {
        const rows = await queryLogInstant(one.query, grid.endS, caller)
        return { ...toTable(rows.map(({ labels, count }) => ({ labels, value: count }))), raw: rows }
      }
      const { rows, warnings, raw } = await queryInstant(one.query, grid.endS, caller)
      return { ...toTable(rows.map(({ labels, value }) => ({ labels, value: toNumber(value) }))), warnings, raw }
    }
    case 'range': {
      const found =
        one.source === 'logs'
          ? await queryLogMetric(one.query, grid, caller)
          : await queryRange(one.query, grid, caller)
      return {
        frames: seriesFrames(found.series, look),
        series: found.series,
        warnings: found.warnings,
        raw: 'raw' in found ? found.raw : found.series,
      }
    }
  }
}

function toNumber(text: string): number | null {
  const value = Number(text)
  return Number.isNaN(value) ? null : value
}
