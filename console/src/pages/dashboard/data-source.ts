import { type Json, textAt } from '../../grafana/json.ts'
import { type DataSourceRef, readDataSource, type VariableDefinition } from '../../grafana/variables/definition.ts'

/** What can be asked here. `expression`: Grafana's server-side expressions, worked out in the page. */
export type Source = 'metrics' | 'logs' | 'traces' | 'expression'

export type FoundSource = { readonly source: Source } | { readonly unknown: string }

/**
 * The kind of data source that a target means. A uid is somebody else's Grafana's, so only its kind counts: its type, or that of
 * the variable or input it refers to, or what its name says; where nothing says, metrics. Undefined with the type's name for what
 * is not there.
 */
export function sourceOf(target: Json, panel: Json, variables: readonly VariableDefinition[]): FoundSource {
  const type =
    typeOf(readDataSource(target['datasource']), variables) ??
    typeOf(readDataSource(panel['datasource']), variables) ??
    guess(target, panel)
  return sourceOfType(type)
}

/** Targets of dashboards that name no source at all: their fields tell. */
function guess(target: Json, panel: Json): string {
  if (textAt(target, 'expr') !== undefined) return panel['type'] === 'logs' ? 'loki' : 'prometheus'
  const isTraces =
    panel['type'] === 'traces' || target['queryType'] === 'traceql' || target['queryType'] === 'serviceMap'
  return isTraces ? 'tempo' : 'prometheus'
}

export function sourceOfType(type: string): FoundSource {
  switch (type) {
    case 'prometheus':
    case 'grafana-amazonprometheus-datasource':
    case 'grafana-azureprometheus-datasource':
    case 'victoriametrics-metrics-datasource':
    case 'victoriametrics-datasource':
    case 'mimir':
    case 'thanos':
      return { source: 'metrics' }
    case 'loki':
      return { source: 'logs' }
    case 'tempo':
    case 'jaeger':
      return { source: 'traces' }
    case '__expr__':
      return { source: 'expression' }
    default:
      return { unknown: type }
  }
}

/** What a mixed panel says is nothing: its targets say. Undefined, too, for the default source. */
const NOTHING: ReadonlySet<string> = new Set(['', 'default', '-- Mixed --', '-- Default --', 'mixed', 'null'])
const OF_GRAFANA: Readonly<Record<string, string>> = {
  '-- Grafana --': 'grafana',
  '-- Dashboard --': '-- Dashboard --',
  grafana: 'grafana',
  __expr__: '__expr__',
}

export function typeOf(ref: DataSourceRef | undefined, variables: readonly VariableDefinition[]): string | undefined {
  if (ref === undefined) return undefined
  const uid = ref.uid ?? ''
  const own = OF_GRAFANA[uid]
  if (own !== undefined) return own
  if (ref.type !== undefined && ref.type !== 'datasource' && ref.type !== 'mixed')
    return ofVariable(ref.type, variables) ?? ref.type
  if (NOTHING.has(uid)) return undefined
  return ofVariable(uid, variables) ?? byName(uid)
}

function ofVariable(text: string, variables: readonly VariableDefinition[]): string | undefined {
  const name = /^\$\{?(\w+)(?::\w+)?\}?$/.exec(text)?.[1] ?? /^\[\[(\w+)\]\]$/.exec(text)?.[1]
  if (name === undefined) return undefined
  return variables.find((variable) => variable.kind === 'datasource' && variable.name === name)?.query ?? byName(name)
}

/** `Loki`, `DS_LOKI`, `my-tempo`: what people call them. */
function byName(name: string): string | undefined {
  const found = /loki|tempo|jaeger|prom|mimir|thanos|victoria/i.exec(name)?.[0].toLowerCase()
  if (found === 'prom') return 'prometheus'
  return found === 'victoria' ? 'victoriametrics-metrics-datasource' : found
}
