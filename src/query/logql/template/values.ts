import { formatFloatShort } from '../../go-float.ts'
import { formatGoTime, type GoTime, isGoTime } from './go-time.ts'
import { TemplateError } from './template-error.ts'

/**
 * What templates calculate with: integers are bigints, floats are numbers; undefined is nil. Maps and lists come of
 * JSON.
 */
export type Value =
  | string
  | number
  | bigint
  | boolean
  | undefined
  | GoTime
  | readonly Value[]
  | ReadonlyMap<string, Value>

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

export function isMap(value: Value): value is ReadonlyMap<string, Value> {
  return value instanceof Map
}

/** Whether a value counts as true: what is not empty, not zero, not nil. */
export function isTrue(value: Value): boolean {
  if (isList(value)) return value.length > 0
  if (isMap(value)) return value.size > 0
  if (typeof value === 'string') return value !== ''
  return isGoTime(value) || Boolean(value)
}

/** The value as `{{ . }}` prints it. */
export function printValue(value: Value): string {
  return value === undefined ? '<no value>' : formatValue(value)
}

/** The value as Go's `%v` prints it. */
export function formatValue(value: Value): string {
  if (value === undefined) return '<nil>'
  if (typeof value === 'string') return value
  if (typeof value === 'number') return formatFloatShort(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'boolean') return String(value)
  if (isGoTime(value)) return formatGoTime(value, '2006-01-02 15:04:05.999999999 -0700 MST')
  if (isList(value)) return `[${value.map(formatValue).join(' ')}]`
  if (isMap(value)) {
    const entries = [...value].sort(([a], [b]) => (a < b ? -1 : 1))
    return `map[${entries.map(([name, item]) => `${name}:${formatValue(item)}`).join(' ')}]`
  }
  return ''
}

/** What Go calls the value's type. */
export function typeOf(value: Value): string {
  if (value === undefined) return 'nil'
  if (typeof value === 'number') return 'float64'
  if (typeof value === 'bigint') return 'int64'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'string') return 'string'
  if (isGoTime(value)) return 'time.Time'
  return isList(value) ? '[]interface {}' : 'map[string]interface {}'
}

/** The integer that a value stands for, 0 where it is none, as the functions for integers read it. */
export function toInteger(value: Value): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') return Number.isFinite(value) ? BigInt.asIntN(64, BigInt(Math.trunc(value))) : 0n
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value !== 'string') return 0n
  const text = value.replace(/\.0*$/, '').replaceAll('_', '')
  if (/^[+-]?0\d+$/.test(text)) return /[89]/.test(text) ? 0n : signed(text, (digits) => BigInt(`0o${digits}`))
  if (!/^[+-]?(?:\d+|0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+)$/.test(text)) return 0n
  const integer = signed(text, BigInt)
  return integer === BigInt.asIntN(64, integer) ? integer : 0n
}

function signed(text: string, parse: (digits: string) => bigint): bigint {
  const digits = text.replace(/^[+-]/, '')
  return text.startsWith('-') ? -parse(digits) : parse(digits)
}

/** The float that a value stands for, 0 where it is none. */
export function toFloat(value: Value): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value !== 'string' || value.trim() !== value || value === '') return 0
  const special = /^[+-]?(?:inf|infinity|nan)$/i.test(value)
  if (special) return /nan/i.test(value) ? NaN : value.startsWith('-') ? -Infinity : Infinity
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(value) ? Number(value) : 0
}

export function expectString(value: Value): string {
  if (typeof value === 'string') return value
  throw wrongType('string', value)
}

export function expectInteger(value: Value): number {
  if (typeof value === 'bigint') return Number(value)
  throw wrongType('int', value)
}

export function expectTime(value: Value): GoTime {
  if (isGoTime(value)) return value
  throw wrongType('time.Time', value)
}

function wrongType(wanted: string, value: Value): TemplateError {
  return new TemplateError(`wrong type for value; expected ${wanted}; got ${typeOf(value)}`)
}
