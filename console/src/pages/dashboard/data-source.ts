import type { Json } from '../../grafana/json.ts'
import { type DataSourceRef, readDataSource, type VariableDefinition } from '../../grafana/variables/definition.ts'

/** What can be asked here. */
export type Source = 'metrics' | 'logs' | 'traces'

/**
 * The kind of data source that a target means. A uid is somebody else's Grafana's, so only its kind counts: its type, or that of
 * the variable it refers to; where nothing says, metrics. Undefined with the type's name for what is not there.
 */
export function sourceOf(
  target: Json,
  panel: Json,
  variables: readonly VariableDefinition[],
): { readonly source: Source } | { readonly unknown: string } {
  const type =
    typeOf(readDataSource(target['datasource']), variables) ?? typeOf(readDataSource(panel['datasource']), variables)
  return sourceOfType(type ?? 'prometheus')
}

export function sourceOfType(type: string): { readonly source: Source } | { readonly unknown: string } {
  switch (type) {
    case 'prometheus':
    case 'grafana-amazonprometheus-datasource':
    case 'datasource':
      return { source: 'metrics' }
    case 'loki':
      return { source: 'logs' }
    case 'tempo':
    case 'jaeger':
      return { source: 'traces' }
    default:
      return { unknown: type }
  }
}

export function typeOf(ref: DataSourceRef | undefined, variables: readonly VariableDefinition[]): string | undefined {
  if (ref === undefined) return undefined
  if (ref.type !== undefined && ref.type !== 'datasource') return ref.type
  const name = /^\$\{?(\w+)\}?$/.exec(ref.uid ?? '')?.[1]
  return variables.find((variable) => variable.kind === 'datasource' && variable.name === name)?.query
}
