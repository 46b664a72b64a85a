import { referencesIn } from './interpolate.ts'
import type { VariableDefinition } from './definition.ts'

/**
 * In rounds: variables of a round need only what earlier rounds have. Those that need each other come last, as they stand,
 * because no order helps them.
 */
export function inRounds(variables: readonly VariableDefinition[]): readonly (readonly VariableDefinition[])[] {
  const names = new Set(variables.map(({ name }) => name))
  const known = new Set<string>()
  const rounds: VariableDefinition[][] = []
  let left = [...variables]
  while (left.length > 0) {
    const ready = left.filter((variable) => needsOf(variable, names).every((name) => known.has(name)))
    const round = ready.length === 0 ? left : ready
    rounds.push(round)
    for (const { name } of round) known.add(name)
    left = left.filter((variable) => !round.includes(variable))
  }
  return rounds
}

/** Other variables of the dashboard in its query, its expression and its data source. */
function needsOf(variable: VariableDefinition, names: ReadonlySet<string>): readonly string[] {
  const text = [variable.query, variable.regex, variable.datasource?.uid ?? ''].join('\n')
  return [...referencesIn(text)].filter((name) => name !== variable.name && names.has(name))
}
