import { type Chosen, escapeRegex, formatValues, isFormat } from './format.ts'

/** `$name`, `${name}`, `${name:format}`, `${name.field}`, `[[name]]`, `[[name:format]]`. */
const REFERENCE = /\$(\w+)|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}|\[\[(\w+?)(?::([\w:-]+))?\]\]/g

/** What `All` means where a variable has no value of its own for it: everything that it lists. */
export const ALL = '$__all'

export interface Variable extends Chosen {
  /** What stands for all values, as it is, never escaped. */
  readonly allValue?: string
  /** Whether several may be chosen: then even one is written as a part of a regular expression. */
  readonly multi: boolean
  /** What `${name.field}` says, of variables whose values are more than a text. */
  readonly fields?: Readonly<Record<string, string>>
}

/** How a data source wants a variable that names no format; `isRaw`: between backticks, where nothing is escaped. */
export type Dialect = (variable: Variable, isRaw: boolean) => string

/**
 * PromQL and LogQL: values of a variable of several are a part of a regular expression, the value of any other stands as
 * it is. Between quotes backslashes are doubled.
 */
export const regexDialect: Dialect = ({ values, multi }, isRaw) => {
  const [first = ''] = values
  const quote = isRaw ? (value: string): string => value : escapeQuoted
  if (!multi) return quote(first)
  const escaped = values.map((value) => quote(escapePattern(value)))
  return escaped.length === 1 ? (escaped[0] ?? '') : `(${escaped.join('|')})`
}

/** As `:regex` does, but for slashes: a path that is compared with `=` is still that path. */
function escapePattern(value: string): string {
  return escapeRegex(value).replaceAll(String.raw`\/`, '/')
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
      at: number,
    ) => {
      const variable = variables.get(plain ?? braced ?? bracketed ?? '')
      if (variable === undefined) return whole
      const [asked, ...args] = (format ?? bracketedFormat ?? '').split(':')
      const isAll = variable.values.includes(ALL)
      if (isAll && variable.allValue !== undefined && asked !== 'text' && asked !== 'queryparam') {
        // A value of its own for all may refer to others, but not to itself.
        const others = new Map([...variables].filter(([name]) => name !== variable.name))
        return interpolate(variable.allValue, others, dialect)
      }
      if (field === 'text') return variable.texts.join(' + ')
      const told = field === undefined ? variable : ofField(variable, field)
      return asked !== undefined && isFormat(asked)
        ? formatValues(told, asked, args)
        : dialect(told, isInBackticks(text, at))
    },
  )
}

/** Whether the place lies within a raw string of PromQL, LogQL or TraceQL. */
function isInBackticks(text: string, at: number): boolean {
  let open = ''
  for (let index = 0; index < at; index += 1) {
    const character = text[index] ?? ''
    if (open === '') {
      if (character === '`' || character === '"' || character === "'") open = character
    } else if (character === '\\' && open !== '`') index += 1
    else if (character === open) open = ''
  }
  return open === '`'
}

/** `${name.field}`; a field that is not there is that of the values themselves, as `${name.value}` is. */
function ofField(variable: Variable, field: string): Variable {
  const text = variable.fields?.[field]
  return text === undefined ? variable : { ...variable, values: [text], texts: [text], multi: false }
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
