import { AGGREGATORS, ARITHMETIC_OPERATORS, COMPARISON_OPERATORS, SET_OPERATORS, TRIM_OPERATORS } from './ast.ts'
import type { PromqlFeatures } from './features.ts'
import { listFunctions } from './functions/index.ts'

/** What may stand in a query, by the categories and names of Prometheus' `/api/v1/features`; true where switched on. */
export interface FeatureList {
  readonly promql: Readonly<Record<string, boolean>>
  readonly promql_functions: Readonly<Record<string, boolean>>
  readonly promql_operators: Readonly<Record<string, boolean>>
}

const ALWAYS = [
  ...['at_modifier', 'bool', 'by', 'group_left', 'group_right', 'ignoring', 'negative_offset', 'offset', 'on'],
  ...['per_query_lookback_delta', 'subqueries', 'without', 'duration_expr'],
]
const NEVER = ['delayed_name_removal', 'type_and_unit_labels']
const EXPERIMENTAL_AGGREGATORS: ReadonlySet<string> = new Set(['limitk', 'limit_ratio'])

export function listFeatures(features: PromqlFeatures): FeatureList {
  const experimental = features.has('promql-experimental-functions')
  const extended = features.has('promql-extended-range-selectors')
  const fill = features.has('promql-binop-fill-modifiers')
  const operators = [...ARITHMETIC_OPERATORS, ...COMPARISON_OPERATORS, ...SET_OPERATORS, ...TRIM_OPERATORS]
  return {
    promql: sorted([
      ...ALWAYS.map((name) => [name, true] as const),
      ...NEVER.map((name) => [name, false] as const),
      ['anchored', extended],
      ['smoothed', extended],
      ['per_step_stats', features.has('promql-per-step-stats')],
      ['fill', fill],
      ['fill_left', fill],
      ['fill_right', fill],
    ]),
    promql_functions: sorted(listFunctions().map(([name, one]) => [name, one.experimental !== true || experimental])),
    promql_operators: sorted([
      ...[...operators, '=~', '!~', '@'].map((name) => [name, true] as const),
      ...AGGREGATORS.map((name) => [name, !EXPERIMENTAL_AGGREGATORS.has(name) || experimental] as const),
    ]),
  }
}

function sorted(entries: readonly (readonly [name: string, on: boolean])[]): Record<string, boolean> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))
}
