import { sprintf } from '../go-printf.ts'
import { isGoTime } from '../go-time.ts'
import { TemplateError } from '../template-error.ts'
import { expectString, formatValue, isList, isMap, isTrue, type Value } from '../values.ts'
import type { TemplateFunction } from './function.ts'

type Kind = 'int' | 'float' | 'string' | 'bool' | 'time'

function kindOf(value: Value): Kind | undefined {
  if (typeof value === 'bigint') return 'int'
  if (typeof value === 'number') return 'float'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  return isGoTime(value) ? 'time' : undefined
}

function equals(left: Value, right: Value): boolean {
  if (left === undefined || right === undefined) return left === right
  const [a, b] = [kindOf(left), kindOf(right)]
  if (a === undefined || b === undefined) throw new TemplateError('error calling eq: non-comparable types')
  if (a !== b) throw new TemplateError('error calling eq: incompatible types for comparison')
  return isGoTime(left) && isGoTime(right) ? left.ns === right.ns : left === right
}

function isLess(name: string, left: Value, right: Value): boolean {
  const [a, b] = [kindOf(left), kindOf(right)]
  if (a === undefined || b === undefined || a === 'bool' || a === 'time') {
    throw new TemplateError(`error calling ${name}: invalid type for comparison`)
  }
  if (a !== b) throw new TemplateError(`error calling ${name}: incompatible types for comparison`)
  if (typeof left === 'bigint' && typeof right === 'bigint') return left < right
  if (typeof left === 'number' && typeof right === 'number') return left < right
  return formatValue(left) < formatValue(right)
}

function comparison(name: string, holds: (left: Value, right: Value) => boolean): TemplateFunction {
  return { parameters: ['any', 'any'], call: ([left, right]) => holds(left, right) }
}

function index(value: Value, key: Value): Value {
  if (isMap(value)) return value.get(expectString(key))
  if (typeof key !== 'bigint') {
    throw new TemplateError(`error calling index: cannot index slice/array with type ${typeof key}`)
  }
  const at = Number(key)
  const items = isList(value) ? value : typeof value === 'string' ? [...Buffer.from(value)].map(BigInt) : undefined
  if (items === undefined) throw new TemplateError('error calling index: index of untyped nil')
  if (at < 0 || at >= items.length) throw new TemplateError(`error calling index: index out of range: ${String(at)}`)
  return items[at]
}

function slice(value: Value, start: Value, end: Value): Value {
  const from = typeof start === 'bigint' ? Number(start) : 0
  const size = typeof value === 'string' ? Buffer.byteLength(value) : isList(value) ? value.length : -1
  const to = typeof end === 'bigint' ? Number(end) : size
  if (size < 0) throw new TemplateError("error calling slice: can't slice item of this type")
  if (from < 0 || from > size || to < from || to > size) {
    throw new TemplateError(`error calling slice: index out of range: ${String(to > size ? to : from)}`)
  }
  return typeof value === 'string'
    ? Buffer.from(value).subarray(from, to).toString()
    : isList(value)
      ? value.slice(from, to)
      : value
}

function lengthOf(value: Value): bigint {
  if (typeof value === 'string') return BigInt(Buffer.byteLength(value))
  if (isList(value)) return BigInt(value.length)
  if (isMap(value)) return BigInt(value.size)
  throw new TemplateError('error calling len: len of nil pointer or of a type without one')
}

/** What JSON says, `nil` where it is none. */
function fromJson(text: string): Value {
  try {
    return toValue(JSON.parse(text))
  } catch {
    return undefined
  }
}

function toValue(json: unknown): Value {
  if (json === null || json === undefined) return undefined
  if (typeof json === 'string' || typeof json === 'number' || typeof json === 'boolean') return json
  if (Array.isArray(json)) return json.map(toValue)
  return new Map(Object.entries(json).map(([name, value]): [string, Value] => [name, toValue(value)]))
}

/** Go puts a space between two that are both no texts. */
function print(args: readonly Value[]): string {
  return args.reduce((text: string, value, i) => {
    const apart = i > 0 && typeof value !== 'string' && typeof args[i - 1] !== 'string'
    return text + (apart ? ' ' : '') + formatValue(value)
  }, '')
}

export const BASIC_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  __line__: { parameters: [], call: (_, { line }) => line },
  not: { parameters: ['any'], call: ([value]) => !isTrue(value) },
  eq: {
    parameters: ['any', 'any'],
    variadic: 'any',
    call: ([left, ...others]) => others.some((right) => equals(left, right)),
  },
  ne: comparison('ne', (left, right) => !equals(left, right)),
  lt: comparison('lt', (left, right) => isLess('lt', left, right)),
  le: comparison('le', (left, right) => isLess('le', left, right) || equals(left, right)),
  gt: comparison('gt', (left, right) => !isLess('gt', left, right) && !equals(left, right)),
  ge: comparison('ge', (left, right) => !isLess('ge', left, right)),
  len: { parameters: ['any'], call: ([value]) => lengthOf(value) },
  index: { parameters: ['any'], variadic: 'any', call: ([value, ...keys]) => keys.reduce(index, value) },
  slice: { parameters: ['any'], variadic: 'any', call: ([value, start, end]) => slice(value, start, end) },
  print: { parameters: [], variadic: 'any', call: (args) => print(args) },
  println: { parameters: [], variadic: 'any', call: (args) => `${args.map(formatValue).join(' ')}\n` },
  printf: {
    parameters: ['string'],
    variadic: 'any',
    call: ([format, ...args], { spend }) => {
      const text = sprintf(expectString(format), args)
      spend(text.length)
      return text
    },
  },
  fromJson: { parameters: ['string'], call: ([text]) => fromJson(expectString(text)) },
}
