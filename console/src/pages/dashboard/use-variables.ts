import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type Interval, parseSpan } from '../../data/time-range.ts'
import { useView } from '../../data/view.tsx'
import type { Scope } from '../../data/view-state.ts'
import { intervalFor, writeInterval } from '../../grafana/variables/built-in.ts'
import { chooseValues, toVariable } from '../../grafana/variables/choice.ts'
import type { VariableDefinition } from '../../grafana/variables/definition.ts'
import type { Variable } from '../../grafana/variables/interpolate.ts'
import { inRounds } from '../../grafana/variables/order.ts'
import type { Option } from '../../grafana/variables/query.ts'
import { type OptionsContext, fetchOptions } from './variable-options.ts'

/** A variable with what can be chosen and what is. */
export interface VariableState {
  readonly definition: VariableDefinition
  readonly options: readonly Option[]
  readonly values: readonly string[]
  /** Why its options could not be had. */
  readonly failure: string | undefined
}

export interface Variables {
  readonly states: readonly VariableState[]
  readonly byName: ReadonlyMap<string, Variable>
}

/** A picker's list need not follow every second. */
const ROUND_MS = 60_000

/** All variables of a dashboard, in an order in which each can use those before it. */
export function useVariables(
  definitions: readonly VariableDefinition[],
  asked: ReadonlyMap<string, readonly string[]>,
): { readonly variables: Variables | undefined; readonly isAsking: boolean } {
  const { interval, scope, tenant } = useView()
  const rounded = {
    fromMs: Math.floor(interval.fromMs / ROUND_MS) * ROUND_MS,
    toMs: Math.ceil(interval.toMs / ROUND_MS) * ROUND_MS,
  }
  const names = definitions.map(({ json }) => json)
  const { data, isFetching } = useQuery({
    queryKey: ['dashboard', 'variables', names, [...asked], rounded, scope, tenant],
    queryFn: ({ signal }) => resolve(definitions, { asked, scope, interval: rounded, caller: { signal, tenant } }),
    placeholderData: keepPreviousData,
    staleTime: ROUND_MS,
    enabled: definitions.length > 0,
  })
  const none = { states: [], byName: new Map<string, Variable>() }
  return { variables: definitions.length === 0 ? none : data, isAsking: isFetching }
}

async function resolve(
  definitions: readonly VariableDefinition[],
  {
    asked,
    scope,
    interval,
    caller,
  }: Pick<OptionsContext, 'interval' | 'caller'> & {
    readonly asked: ReadonlyMap<string, readonly string[]>
    readonly scope: Scope
  },
): Promise<Variables> {
  const states = new Map<string, VariableState>()
  const byName = new Map<string, Variable>()
  for (const round of inRounds(definitions)) {
    const context = { variables: new Map(byName), definitions, interval, caller }
    const found = await Promise.all(round.map((definition) => optionsOf(definition, context)))
    round.forEach((definition, at) => {
      const { options, failure } = found[at] ?? { options: [], failure: undefined }
      const values = chooseValues(definition, options, asked.get(definition.name) ?? scopeFor(definition, scope))
      states.set(definition.name, { definition, options, values, failure })
      byName.set(definition.name, toVariable(definition, options, resolveAuto(definition, values, interval)))
    })
  }
  return { states: definitions.flatMap(({ name }) => states.get(name) ?? []), byName }
}

/** The top bar chooses environments and clusters, for dashboards too. */
function scopeFor({ name }: VariableDefinition, scope: Scope): readonly string[] | undefined {
  const chosen = name === 'cluster' ? scope.clusters : name === 'environment' ? scope.environments : []
  return chosen.length === 0 ? undefined : chosen
}

function resolveAuto({ auto }: VariableDefinition, values: readonly string[], interval: Interval): readonly string[] {
  if (auto === undefined) return values
  const ms = intervalFor(interval, auto.steps, parseSpan(auto.least) ?? 10_000)
  return values.map((value) => (value.startsWith('$__auto') ? writeInterval(ms) : value))
}

async function optionsOf(
  definition: VariableDefinition,
  context: OptionsContext,
): Promise<{ readonly options: readonly Option[]; readonly failure: string | undefined }> {
  try {
    return { options: await fetchOptions(definition, context), failure: undefined }
  } catch (reason) {
    // A variable that fails must not take the dashboard with it.
    if (context.caller.signal.aborted) throw reason
    return { options: [], failure: reason instanceof Error ? reason.message : String(reason) }
  }
}
