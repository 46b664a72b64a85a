import { writePattern } from './date-pattern.ts'

/** How a variable's values stand in a text, by Grafana's names for it: `${name:regex}`. */
export const FORMATS = [
  'csv',
  'date',
  'distributed',
  'doublequote',
  'glob',
  'html',
  'join',
  'json',
  'lucene',
  'percentencode',
  'pipe',
  'queryparam',
  'raw',
  'regex',
  'singlequote',
  'sqlstring',
  'text',
  'uriencode',
  'customqueryparam',
] as const
export type Format = (typeof FORMATS)[number]

export function isFormat(name: string): name is Format {
  return FORMATS.some((format) => format === name)
}

/** The chosen values of a variable, and how they are called. */
export interface Chosen {
  readonly name: string
  readonly values: readonly string[]
  readonly texts: readonly string[]
  /** Whether several may be chosen: some formats write a list even of one. */
  readonly multi?: boolean
}

/** `args` is what stands behind the format's name: `${__from:date:YYYY-MM}`, `${v:join: or }`. */
export function formatValues(chosen: Chosen, format: Format, args: readonly string[] = []): string {
  const { name, values, texts, multi = values.length !== 1 } = chosen
  const [first = ''] = values
  const isOne = values.length === 1
  switch (format) {
    case 'raw':
    case 'csv':
      return values.join(',')
    case 'join':
      return values.join(args.length === 0 ? ',' : args.join(':'))
    case 'date':
      return writeDate(first, args)
    case 'distributed':
      return isOne ? first : values.map((value, at) => (at === 0 ? value : `${name}=${value}`)).join(',')
    case 'doublequote':
      return values.map((value) => `"${value.replaceAll('"', '\\"')}"`).join(',')
    case 'singlequote':
      return values.map((value) => `'${value.replaceAll("'", "\\'")}'`).join(',')
    case 'sqlstring':
      return values.map((value) => `'${value.replaceAll("'", "''")}'`).join(',')
    case 'glob':
      return isOne ? first : `{${values.join(',')}}`
    case 'html':
      return values.map(escapeHtml).join(', ')
    case 'json':
      // A variable of one value is a text already: the quotes are the author's.
      return multi ? JSON.stringify(values) : first
    case 'lucene':
      if (values.length === 0) return '__empty__'
      return multi ? `(${values.map((value) => `"${escapeLucene(value)}"`).join(' OR ')})` : escapeLucene(first)
    case 'percentencode':
      return encodeStrictly(multi ? `{${values.join(',')}}` : first)
    case 'uriencode':
      return encodeURI(multi ? `{${values.join(',')}}` : first)
    case 'pipe':
      return values.join('|')
    case 'queryparam':
      // All of them are one word in an address, too.
      if (texts.length === 1 && texts[0] === 'All') return `var-${encodeStrictly(name)}=%24__all`
      return values.map((value) => `var-${encodeStrictly(name)}=${encodeStrictly(value)}`).join('&')
    case 'customqueryparam': {
      const [parameter = name, prefix = ''] = args
      return values.map((value) => `${encodeStrictly(parameter)}=${prefix}${encodeStrictly(value)}`).join('&')
    }
    case 'regex':
      return isOne ? escapeRegex(first) : `(${values.map(escapeRegex).join('|')})`
    case 'text':
      return texts.join(' + ')
  }
}

/** ms since the epoch as `iso` (also when nothing is said), `ms`, `seconds`, or by a pattern such as `YYYY-MM-DD HH:mm`. */
function writeDate(value: string, args: readonly string[]): string {
  const ms = Number(value)
  const date = new Date(ms)
  if (value.trim() === '' || Number.isNaN(date.getTime())) return value
  const [kind = 'iso'] = args
  switch (kind) {
    case 'iso':
      return date.toISOString()
    case 'ms':
      return String(ms)
    case 'seconds':
      return String(Math.round(ms / 1_000))
    default:
      return writePattern(date, args.join(':'))
  }
}

/** For a regular expression of RE2. */
export function escapeRegex(value: string): string {
  return value.replaceAll(/[\\^$*+?.()|[\]{}/]/g, String.raw`\$&`)
}

function escapeLucene(value: string): string {
  return value.replaceAll(/[+\-=&|><!(){}[\]^"~*?:\\/]/g, String.raw`\$&`)
}

/** RFC 3986: the five that `encodeURIComponent` leaves are reserved, too. */
function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
}

const ENTITIES: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[<>&"']/g, (one) => ENTITIES[one] ?? one)
}
