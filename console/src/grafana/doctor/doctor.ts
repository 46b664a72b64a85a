import { isJson, type Json, objectAt, objectsAt, textAt } from '../json.ts'
import { readVariables, type VariableDefinition } from '../variables/definition.ts'
import { parseVariableQuery } from '../variables/query.ts'
import { addMatcher, type Language } from '../../editors/selectors.ts'

/** A query that mixes all clusters, because it says nothing of them; and how it would say so. */
export interface Finding {
  /** `CPU / A`, `variable pod`. */
  readonly place: string
  readonly before: string
  readonly after: string
}

export interface Diagnosis {
  readonly findings: readonly Finding[]
  /** Whether the dashboard has a variable `cluster` already. */
  readonly hasVariable: boolean
  /** The dashboard with every finding mended, and with the variable. */
  readonly mended: Json
}

const MATCHER = 'cluster=~"$cluster"'
/** A selector with one of these names its clusters already. */
const NAMED: ReadonlySet<string> = new Set(['cluster', 'source_cluster', 'server_cluster', 'client_cluster'])

/** Looks for queries of panels and variables without a matcher for clusters. */
export function examine(dashboard: Json): Diagnosis {
  const findings: Finding[] = []
  const note = (finding: Finding): void => {
    if (finding.before !== finding.after) findings.push(finding)
  }
  const templating = objectAt(dashboard, 'templating')
  const variables = objectsAt(templating, 'list').map((json) => mendVariable(json, note))
  const hasVariable = variables.some(({ name }) => name === 'cluster')
  const panels = mendChildren(dashboard, note)
  const list = hasVariable || findings.length === 0 ? variables : withClusterVariable(variables)
  return { findings, hasVariable, mended: { ...dashboard, ...panels, templating: { ...templating, list } } }
}

type Note = (finding: Finding) => void

function mendQuery(text: string, language: Language): string {
  return addMatcher(text, language, {
    matcher: MATCHER,
    needs: ({ labels }) => !labels.some((label) => NAMED.has(label)),
  })
}

/** Panels stand in rows, in old dashboards and in collapsed rows. */
function mendChildren(parent: Json, note: Note): Json {
  const mended: Record<string, unknown> = {}
  for (const key of ['panels', 'rows']) {
    const children = parent[key]
    if (Array.isArray(children))
      mended[key] = children.map((child: unknown) => (isJson(child) ? mendPanel(child, note) : child))
  }
  return mended
}

function mendPanel(panel: Json, note: Note): Json {
  const targets = panel['targets']
  const children = mendChildren(panel, note)
  if (!Array.isArray(targets)) return { ...panel, ...children }
  const title = textAt(panel, 'title') ?? ''
  const mended = targets.map((target: unknown) =>
    isJson(target) ? mendTarget(target, { panel, title, note }) : target,
  )
  return { ...panel, ...children, targets: mended }
}

function mendTarget(target: Json, { panel, title, note }: { panel: Json; title: string; note: Note }): Json {
  const before = textAt(target, 'expr')
  const language = languageOf(target) ?? languageOf(panel) ?? 'promql'
  if (before === undefined || language === 'other') return target
  const after = mendQuery(before, language)
  note({ place: `${title} / ${textAt(target, 'refId') ?? 'A'}`, before, after })
  return { ...target, expr: after }
}

function languageOf(json: Json): Language | 'other' | undefined {
  switch (textAt(objectAt(json, 'datasource'), 'type')) {
    case undefined:
    case 'datasource':
      return undefined
    case 'prometheus':
      return 'promql'
    case 'loki':
      return 'logql'
    default:
      return 'other'
  }
}

function mendVariable(json: Json, note: Note): Json {
  const [definition] = readVariables({ list: [json] })
  if (definition === undefined || definition.kind !== 'query' || definition.name === 'cluster') return json
  const before = definition.query
  const after = mendVariableQuery(definition)
  if (after === before) return json
  note({ place: `variable ${definition.name}`, before, after })
  const query = json['query']
  const definitionText = textAt(json, 'definition') === undefined ? {} : { definition: after }
  return { ...json, ...definitionText, query: isJson(query) ? { ...query, query: after } : after }
}

function mendVariableQuery({ query, datasource }: VariableDefinition): string {
  const language = datasource?.type === 'loki' ? 'logql' : 'promql'
  const parsed = parseVariableQuery(query)
  switch (parsed.kind) {
    case 'label-values': {
      if (NAMED.has(parsed.label)) return query
      const selector = parsed.selector === undefined ? `{${MATCHER}}` : mendQuery(parsed.selector, language)
      return selector === parsed.selector ? query : `label_values(${selector}, ${parsed.label})`
    }
    case 'query-result':
      return query.replace(parsed.query, () => mendQuery(parsed.query, language))
    case 'series':
      return mendQuery(query, language)
    case 'label-names':
    case 'metric-names':
      return query
  }
}

/** Before the first variable that asks a data source, and behind the one that chooses it. */
function withClusterVariable(variables: readonly Json[]): readonly Json[] {
  const at = variables.findLastIndex(({ type }) => type === 'datasource') + 1
  const asked = variables.find(({ type }) => type === 'query')
  const variable: Json = {
    name: 'cluster',
    label: 'Cluster',
    type: 'query',
    ...(asked === undefined ? {} : { datasource: asked['datasource'] }),
    query: { query: 'label_values(cluster)', refId: 'variable-cluster' },
    multi: true,
    includeAll: true,
    allValue: '.+',
    refresh: 2,
    sort: 1,
    current: { text: ['All'], value: ['$__all'] },
  }
  return [...variables.slice(0, at), variable, ...variables.slice(at)]
}
