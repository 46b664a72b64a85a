import { alignGrid, type Grid } from '../../data/prometheus/matrix.ts'
import type { Interval } from '../../data/time-range.ts'
import { addMatcher } from '../../editors/selectors.ts'
import type { Panel } from '../../grafana/dashboard.ts'
import { flagAt, isJson, type Json, numberAt, objectsAt, textAt } from '../../grafana/json.ts'
import { isTraceId, isTraceMetrics, traceMetricsOf, traceQueryOf } from '../../grafana/trace-query.ts'
import { builtIns } from '../../grafana/variables/built-in.ts'
import type { VariableDefinition } from '../../grafana/variables/definition.ts'
import { interpolate, regexDialect, textDialect, type Variable } from '../../grafana/variables/interpolate.ts'
import { type Source, sourceOf } from './data-source.ts'
import { leastStepOf, type PageTime, panelTime, stepOf } from './panel-time.ts'

export type QuestionKind =
  | 'range'
  | 'instant'
  | 'table'
  | 'lines'
  | 'line-rows'
  | 'search'
  | 'trace'
  | 'trace-range'
  | 'trace-instant'
  | 'service-map'

/** One question of a panel, all variables filled in. */
export interface Question {
  readonly refId: string
  readonly source: Source
  readonly query: string
  readonly legend: string
  readonly kind: QuestionKind
  readonly limit: number
  /** How many examples are wanted beside the series. */
  readonly exemplars: number
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

export interface QuestionContext extends PageTime {
  readonly definitions: readonly VariableDefinition[]
  /** Of the dashboard. */
  readonly title: string
  readonly uid: string
  /** Of the panel, in pixels: how many points it can show. */
  readonly width: number
}

/** What is drawn of exemplars at most. */
const MOST_EXEMPLARS = 500
const MOST_LINES = 5_000

/** What the panel asks, now: the same question is not asked twice, because it is the key of its answer. */
export function questionOf(panel: Panel, context: QuestionContext): PanelQuestion {
  const { definitions } = context
  const { interval } = panelTime(panel, context)
  const stepMs = stepOf(panel, interval, context.width, context.variables)
  const variablesFor = (scrapeMs?: number): ReadonlyMap<string, Variable> =>
    new Map([
      ...context.variables,
      ...builtIns({ range: interval, stepMs, dashboard: context.title, uid: context.uid, scrapeMs }),
    ])
  const variables = variablesFor()
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
    if (found.source === 'expression') return []
    return ask(target, panel, found.source, {
      context,
      variables: variablesFor(leastStepOf(target, context.variables)),
    })
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

/** Nothing where the target's query is empty. */
function ask(
  target: Json,
  panel: Panel,
  source: Source,
  { context, variables }: { readonly context: QuestionContext; readonly variables: ReadonlyMap<string, Variable> },
): Question[] {
  const text = source === 'traces' ? traceQueryOf(target) : (textAt(target, 'expr') ?? textAt(target, 'query') ?? '')
  const filled = interpolate(text, variables, regexDialect)
  const query = source === 'metrics' || source === 'logs' ? withFilters(filled, source, context) : filled
  const kind = kindOf(target, panel, source, query)
  if (query.trim() === '' && kind !== 'service-map') return []
  return [
    {
      refId: textAt(target, 'refId') ?? 'A',
      source,
      query,
      legend: interpolate(textAt(target, 'legendFormat') ?? '', variables, textDialect),
      kind,
      limit: Math.min(MOST_LINES, Math.max(1, numberAt(target, 'maxLines') ?? numberAt(target, 'limit') ?? 200)),
      exemplars: exemplarsOf(target, panel, kind),
    },
  ]
}

/** Where the panel can show them. */
function exemplarsOf(target: Json, { kind: panelKind }: Panel, kind: QuestionKind): number {
  if (panelKind !== 'timeseries') return 0
  if (kind === 'trace-range') return traceMetricsOf(target).exemplars
  return kind === 'range' && flagAt(target, 'exemplar') === true ? MOST_EXEMPLARS : 0
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

function kindOf(target: Json, panel: Panel, source: Source, query: string): QuestionKind {
  if (source === 'traces') {
    if (target['queryType'] === 'serviceMap') return 'service-map'
    if (isTraceId(query)) return 'trace'
    if (!isTraceMetrics(query)) return 'search'
    return traceMetricsOf(target).isInstant ? 'trace-instant' : 'trace-range'
  }
  const isInstant = target['queryType'] === 'instant' || flagAt(target, 'instant') === true
  if (source === 'logs') {
    if (panel.kind === 'logs') return 'lines'
    if (!isMetricOfLogs(query)) return panel.kind === 'table' ? 'line-rows' : 'lines'
    return isInstant ? 'instant' : 'range'
  }
  if (target['format'] === 'table' && (isInstant || panel.kind === 'table')) return 'table'
  return isInstant && flagAt(target, 'range') !== true ? 'instant' : 'range'
}

/** A query that begins with a selector asks for lines; `sum(…)`, `rate(…)` for numbers. */
function isMetricOfLogs(query: string): boolean {
  return !/^\s*[({]*\s*\{/.test(query.replaceAll(/#[^\n]*\n/g, ''))
}

function isExpression(target: Json, { json }: Panel, definitions: readonly VariableDefinition[]): boolean {
  const found = sourceOf(target, json, definitions)
  return 'source' in found && found.source === 'expression'
}
