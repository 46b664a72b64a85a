import { isJson, type Json, numberAt, objectAt, objectsAt, textAt } from '../json.ts'

/** What a value is shown as: words and perhaps a colour of Grafana's. */
export interface Mapped {
  readonly text?: string
  readonly color?: string
}

export type Mapping = (value: number | string | null) => Mapped | undefined

/** Grafana's value mappings, the first that fits wins: by value, by range, by expression, for what is special. */
export function readMappings(config: Json): readonly Mapping[] {
  return objectsAt(config, 'mappings').map(toMapping)
}

export function mapValue(value: number | string | null, mappings: readonly Mapping[]): Mapped | undefined {
  for (const mapping of mappings) {
    const mapped = mapping(value)
    if (mapped !== undefined) return mapped
  }
  return undefined
}

function toMapping(json: Json): Mapping {
  const options = objectAt(json, 'options')
  switch (json['type']) {
    case 'value':
      return (value) => {
        const found = options[value === null ? 'null' : String(value)]
        return isJson(found) ? toMapped(found) : undefined
      }
    case 'range':
      return inRange(numberAt(options, 'from'), numberAt(options, 'to'), resultOf(options))
    case 'regex':
      return matching(textAt(options, 'pattern') ?? '', resultOf(options))
    case 'special':
      return special(textAt(options, 'match') ?? '', resultOf(options))
    case 1:
    case '1':
      return oldValue(textAt(json, 'value') ?? '', textAt(json, 'text') ?? '')
    case 2:
    case '2':
      return inRange(numberAt(json, 'from'), numberAt(json, 'to'), { text: textAt(json, 'text') ?? '' })
    default:
      return () => undefined
  }
}

const resultOf = (options: Json): Mapped => toMapped(objectAt(options, 'result'))

function toMapped(json: Json): Mapped {
  const text = textAt(json, 'text')
  const color = textAt(json, 'color')
  return { ...(text === undefined ? {} : { text }), ...(color === undefined ? {} : { color }) }
}

function inRange(from: number | undefined, to: number | undefined, mapped: Mapped): Mapping {
  return (value) => {
    const number = typeof value === 'string' ? Number(value) : value
    if (number === null || Number.isNaN(number)) return undefined
    return number >= (from ?? -Infinity) && number <= (to ?? Infinity) ? mapped : undefined
  }
}

/** The expression is the dashboard author's; groups may stand in the text as `$1`. */
function matching(pattern: string, mapped: Mapped): Mapping {
  const slashed = /^\/(.*)\/([gimsuy]*)$/s.exec(pattern)
  let regex: RegExp
  try {
    regex = slashed === null ? new RegExp(`^${pattern}$`) : new RegExp(slashed[1] ?? '', slashed[2] ?? '')
  } catch {
    return () => undefined
  }
  return (value) => {
    if (value === null) return undefined
    const text = String(value)
    if (text.search(regex) === -1) return undefined
    return mapped.text === undefined ? mapped : { ...mapped, text: text.replace(regex, mapped.text) }
  }
}

function special(match: string, mapped: Mapped): Mapping {
  const fits: Readonly<Record<string, (value: number | string | null) => boolean>> = {
    null: (value) => value === null,
    nan: (value) => typeof value === 'number' && Number.isNaN(value),
    'null+nan': (value) => value === null || (typeof value === 'number' && Number.isNaN(value)),
    empty: (value) => value === '',
    true: (value) => value === 'true',
    false: (value) => value === 'false',
  }
  return (value) => (fits[match]?.(value) === true ? mapped : undefined)
}

function oldValue(wanted: string, text: string): Mapping {
  return (value) => ((value === null ? 'null' : String(value)) === wanted ? { text } : undefined)
}
