import { type Chosen, escapeRegex, formatValues, isFormat } from './format.ts'

/** `$name`, `${name}`, `${name:format}`, `${name.field}`, `[[name]]`, `[[name:format]]`. */
const REFERENCE = /\$(\w+)|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}|\[\[(\w+?)(?::(\w+))?\]\]/g

/** What `All` means where a variable has no value of its own for it: everything that it lists. */
export const ALL = '$__all'

export interface Variable extends Chosen {
  /** What stands for all values, as it is, never escaped. */
  readonly allValue?: string
  /** Whether several may be chosen: then even one is written as a part of a regular expression. */
  readonly multi: boolean
}

/** How a data source wants a variable that names no format. */
export type Dialect = (variable: Variable) => string

/**
 * PromQL and LogQL: values of a variable of several are a part of a regular expression, the value of any other stands as
 * it is. Either stands between quotes, so backslashes are doubled.
 */
export const regexDialect: Dialect = ({ values, multi }) => {
  const [first = ''] = values
  if (!multi) return escapeQuoted(first)
  const escaped = values.map((value) => escapeQuoted(escapeRegex(value)))
  return escaped.length === 1 ? (escaped[0] ?? '') : `(${escaped.join('|')})`
}

function escapeQuoted(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')
}

/** For titles, links and the like: `a + b`. */
export const textDialect: Dialect = ({ texts }) => texts.join(' + ')

/**
 * The text with every known variable filled in. What is not known stays as it is, `$__interval` and its kind among it
 * unless they are among the variables.
 */
export function interpolate(text: string, variables: ReadonlyMap<string, Variable>, dialect: Dialect): string {
  return text.replaceAll(
    REFERENCE,
    (
      whole: string,
      plain: string | undefined,
      braced: string | undefined,
      field: string | undefined,
      format: string | undefined,
      bracketed: string | undefined,
      bracketedFormat: string | undefined,
    ) => {
      const variable = variables.get(plain ?? braced ?? bracketed ?? '')
      if (variable === undefined) return whole
      if (variable.allValue !== undefined && variable.values.includes(ALL)) return variable.allValue
      if (field === 'text') return variable.texts.join(' + ')
      const asked = format ?? bracketedFormat
      if (asked?.startsWith('date') === true) return writeDate(variable.values[0] ?? '', asked)
      return asked !== undefined && isFormat(asked) ? formatValues(variable, asked) : dialect(variable)
    },
  )
}

/** `${__from:date}` and `:date:iso` are ISO 8601, `:date:seconds` seconds; other patterns of Grafana's stay ISO 8601. */
function writeDate(value: string, format: string): string {
  const date = new Date(Number(value))
  if (Number.isNaN(date.getTime())) return value
  return format === 'date:seconds' ? String(Math.floor(date.getTime() / 1_000)) : date.toISOString()
}

/** The names of the variables that the text refers to. */
export function referencesIn(text: string): ReadonlySet<string> {
  const names = new Set<string>()
  for (const [, plain, braced, , , bracketed] of text.matchAll(REFERENCE)) {
    const name = plain ?? braced ?? bracketed
    if (name !== undefined) names.add(name)
  }
  return names
}
