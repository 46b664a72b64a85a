import { addDecimals, divideDecimals, foldDecimals, multiplyDecimals, subtractDecimals } from '../decimal.ts'
import { parseByteSize, parseGoNanoseconds } from '../../../quantities.ts'
import { TemplateError } from '../template-error.ts'
import { expectInteger, expectString, toFloat, toInteger, type Value } from '../values.ts'
import type { TemplateFunction } from './function.ts'

const wrap = (value: bigint): bigint => BigInt.asIntN(64, value)

function ofIntegers(call: (left: bigint, right: bigint) => bigint, least = 0): TemplateFunction {
  return {
    parameters: least === 2 ? ['any', 'any'] : least === 1 ? ['any'] : [],
    ...(least === 2 ? {} : { variadic: 'any' as const }),
    call: (args) => {
      const [first = 0n, ...rest] = args.map(toInteger)
      return rest.reduce((left, right) => wrap(call(left, right)), first)
    },
  }
}

function divide(name: string, call: (left: bigint, right: bigint) => bigint): TemplateFunction {
  return ofIntegers((left, right) => {
    if (right === 0n) throw new TemplateError(`error calling ${name}: runtime error: integer divide by zero`)
    return call(left, right)
  }, 2)
}

type Fold = (values: readonly number[]) => number

function ofFloats(fold: Fold, least = 1): TemplateFunction {
  return {
    parameters: least === 1 ? ['any'] : [],
    variadic: 'any',
    call: (args) => fold(args.map(toFloat)),
  }
}

function divideFloats(values: readonly number[]): number {
  if (values.slice(1).includes(0)) throw new TemplateError('error calling divf: decimal division by 0')
  return foldDecimals(values, divideDecimals, (a, b) => a / b)
}

function round(value: number, places: number, roundOn: number): number {
  const power = 10 ** places
  const digit = power * value
  const rest = digit - Math.trunc(digit)
  return (rest >= roundOn ? Math.ceil(digit) : Math.floor(digit)) / power
}

function seconds(name: string): TemplateFunction {
  return {
    parameters: ['string'],
    call: ([value]) => {
      const text = expectString(value)
      const ns = parseGoNanoseconds(text)
      if (ns === undefined)
        throw new TemplateError(`error calling ${name}: time: invalid duration ${JSON.stringify(text)}`)
      return ns / 1e9
    },
  }
}

function byteSize(value: Value): number {
  const text = expectString(value)
  const bytes = parseByteSize(text)
  if (bytes === undefined) {
    throw new TemplateError(`error calling bytes: strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`)
  }
  return bytes
}

export const NUMBER_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  add: ofIntegers((left, right) => left + right),
  sub: ofIntegers((left, right) => left - right, 2),
  mul: ofIntegers((left, right) => left * right, 1),
  div: divide('div', (left, right) => left / right),
  mod: divide('mod', (left, right) => left % right),
  max: ofIntegers((left, right) => (right > left ? right : left), 1),
  min: ofIntegers((left, right) => (right < left ? right : left), 1),
  addf: ofFloats((values) => foldDecimals([0, ...values], addDecimals, (a, b) => a + b), 0),
  subf: ofFloats((values) => foldDecimals(values, subtractDecimals, (a, b) => a - b)),
  mulf: ofFloats((values) => foldDecimals(values, multiplyDecimals, (a, b) => a * b)),
  divf: ofFloats(divideFloats),
  maxf: ofFloats((values) => Math.max(...values)),
  minf: ofFloats((values) => Math.min(...values)),
  ceil: { parameters: ['any'], call: ([value]) => Math.ceil(toFloat(value)) },
  floor: { parameters: ['any'], call: ([value]) => Math.floor(toFloat(value)) },
  round: {
    parameters: ['any', 'int'],
    variadic: 'float',
    call: ([value, places, roundOn]) =>
      round(toFloat(value), expectInteger(places), roundOn === undefined ? 0.5 : toFloat(roundOn)),
  },
  int: { parameters: ['any'], call: ([value]) => toInteger(value) },
  float64: { parameters: ['any'], call: ([value]) => toFloat(value) },
  duration: seconds('duration'),
  duration_seconds: seconds('duration_seconds'),
  bytes: { parameters: ['string'], call: ([value]) => byteSize(value) },
}
