/** What a query variable asks a data source of Prometheus' or Loki's kind. */
export type VariableQuery =
  | { readonly kind: 'label-names'; readonly selector?: string }
  | { readonly kind: 'label-values'; readonly label: string; readonly selector?: string }
  | { readonly kind: 'metric-names'; readonly expression: string }
  | { readonly kind: 'query-result'; readonly query: string }
  | { readonly kind: 'series'; readonly selector: string }

const LABEL_NAMES = /^\s*label_names\(([\s\S]+?)?\)\s*$/
const LABEL_VALUES = /^\s*label_values\((?:([\s\S]+),\s*)?([a-zA-Z_][\w.]*|"(?:[^"\\]|\\.)*")\s*\)\s*$/
const METRIC_NAMES = /^\s*metrics\((.+)\)\s*$/
const QUERY_RESULT = /^\s*query_result\((.+)\)\s*$/s

/** By Grafana's functions for variables; anything else is a selector whose series are listed. */
export function parseVariableQuery(text: string): VariableQuery {
  const labelValues = LABEL_VALUES.exec(text)
  if (labelValues !== null) {
    const [, selector, label = ''] = labelValues
    const name = label.startsWith('"') ? label.slice(1, -1).replaceAll(/\\(.)/g, '$1') : label
    return selector === undefined
      ? { kind: 'label-values', label: name }
      : { kind: 'label-values', label: name, selector: selector.trim() }
  }
  const labelNames = LABEL_NAMES.exec(text)
  if (labelNames !== null) {
    const [, selector] = labelNames
    return selector === undefined ? { kind: 'label-names' } : { kind: 'label-names', selector: selector.trim() }
  }
  const metrics = METRIC_NAMES.exec(text)
  if (metrics !== null) return { kind: 'metric-names', expression: (metrics[1] ?? '').trim() }
  const result = QUERY_RESULT.exec(text)
  if (result !== null) return { kind: 'query-result', query: (result[1] ?? '').trim() }
  return { kind: 'series', selector: text.trim() }
}

export interface Option {
  readonly text: string
  readonly value: string
  /** What else is known of it, for `${name.field}`. */
  readonly fields?: Readonly<Record<string, string>>
}

/**
 * The options that a variable's own expression leaves: `/…/flags`, or a bare expression that must match the whole.
 * Named groups `text` and `value` say which is which, wherever in the text they are found; else the first group is both,
 * and with `g` every match is an option.
 */
export function pickOptions(found: readonly string[], expression: string): readonly Option[] {
  const regex = toRegExp(expression)
  const options = new Map<string, Option>()
  for (const text of found) {
    const picked = regex === undefined ? [{ text, value: text }] : pick(text, regex)
    for (const option of picked) if (!options.has(option.value)) options.set(option.value, option)
  }
  return [...options.values()]
}

/** Variables' expressions come from the dashboard's author and run over short texts. */
function toRegExp(expression: string): RegExp | undefined {
  if (expression === '') return undefined
  const slashed = /^\/(.*)\/([gimsuy]*)$/s.exec(expression)
  try {
    return slashed === null ? new RegExp(`^${expression}$`) : new RegExp(slashed[1] ?? '', slashed[2] ?? '')
  } catch {
    return undefined
  }
}

function pick(text: string, regex: RegExp): readonly Option[] {
  const matches = regex.global ? [...text.matchAll(regex)] : [regex.exec(text)].filter((match) => match !== null)
  if (matches.length === 0) return []
  const groupOf = (name: 'text' | 'value'): string | undefined =>
    matches.map((match) => match.groups?.[name]).find((group: string | undefined) => group !== undefined)
  const value = groupOf('value') ?? groupOf('text')
  if (value !== undefined) return [{ text: groupOf('text') ?? value, value }]
  const groups = matches.map((match) => match.slice(1).find((one: string | undefined) => one !== undefined))
  const known = groups.filter((group) => group !== undefined)
  if (known.length === 0) return [{ text, value: text }]
  return known.map((group) => ({ text: group, value: group }))
}

const NUMBER_IN = /\d+(?:\.\d+)?/

/** Grafana's numbers for the order of options: 0 as found, then alphabetical, numerical, without case, natural. */
export function sortOptions(options: readonly Option[], sort: number): readonly Option[] {
  const compare = compareBy(Math.ceil(sort / 2))
  if (compare === undefined) return options
  const sorted = [...options].sort((a, b) => compare(a.text, b.text))
  return sort % 2 === 0 ? sorted.reverse() : sorted
}

function compareBy(kind: number): ((a: string, b: string) => number) | undefined {
  switch (kind) {
    case 1:
      return (a, b) => (a < b ? -1 : a > b ? 1 : 0)
    case 2:
      return (a, b) => numberIn(a) - numberIn(b)
    case 3:
      return (a, b) => a.toLowerCase().localeCompare(b.toLowerCase(), 'en')
    case 4:
      return (a, b) => a.localeCompare(b, 'en', { numeric: true })
    default:
      return undefined
  }
}

function numberIn(text: string): number {
  return Number(NUMBER_IN.exec(text)?.[0] ?? -1)
}
