import { objectsAt, textAt } from '../json.ts'
import type { VariableDefinition } from './definition.ts'
import { ALL, type Variable } from './interpolate.ts'
import type { Option } from './query.ts'

/**
 * What is chosen of a variable: what the address says, else what the dashboard was saved with, as far as there are such
 * options; else all, if that may be, else the first.
 */
export function chooseValues(
  definition: VariableDefinition,
  options: readonly Option[],
  asked: readonly string[] | undefined,
): readonly string[] {
  const { kind, includeAll, multi, current } = definition
  const wanted = asked ?? current.values
  if (kind === 'adhoc') return asked ?? filtersOf(definition)
  if (kind === 'textbox' || kind === 'constant') {
    return wanted.length > 0 ? wanted.slice(0, 1) : [definition.query]
  }
  if (includeAll && wanted.includes(ALL)) return [ALL]
  const there = new Set(options.map(({ value }) => value))
  // An interval's `auto` is not among the options.
  const kept = wanted.filter((value) => there.has(value) || (kind === 'interval' && value.startsWith('$__auto')))
  if (kept.length > 0) return multi ? kept : kept.slice(0, 1)
  // What somebody typed into the address is taken at its word: lists of values are not always whole.
  if (asked !== undefined && asked.length > 0) return multi ? asked : asked.slice(0, 1)
  if (includeAll) return [ALL]
  const [first] = options
  return first === undefined ? [] : [first.value]
}

/** Of an ad-hoc variable, as Grafana's addresses write them: `label|=~|value`. */
function filtersOf({ json }: VariableDefinition): readonly string[] {
  const filters = [...objectsAt(json, 'baseFilters'), ...objectsAt(json, 'filters')]
  return filters.flatMap((filter) => {
    const [key, value] = [textAt(filter, 'key') ?? '', textAt(filter, 'value') ?? '']
    return key === '' ? [] : [`${key}|${textAt(filter, 'operator') ?? '='}|${value}`]
  })
}

/** The variable as queries see it: `All` without a value of its own stands for every option. */
export function toVariable(
  definition: VariableDefinition,
  options: readonly Option[],
  values: readonly string[],
): Variable {
  const { name, allValue, multi, includeAll } = definition
  const textOf = new Map(options.map(({ value, text }) => [value, text]))
  const isAll = values.includes(ALL)
  const base = { name, multi: multi || includeAll }
  if (isAll && allValue !== undefined) return { ...base, values, texts: ['All'], allValue }
  const chosen = isAll ? options.map(({ value }) => value) : values
  const fields = chosen.length === 1 ? options.find(({ value }) => value === chosen[0])?.fields : undefined
  if (fields !== undefined)
    return { ...base, values: chosen, texts: chosen.map((value) => textOf.get(value) ?? value), fields }
  return { ...base, values: chosen, texts: isAll ? ['All'] : chosen.map((value) => textOf.get(value) ?? value) }
}
