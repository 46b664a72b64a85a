import { reduce, toReducer } from '../fields/reduce.ts'
import { displayNameOf, type Field, type Frame, lengthOf } from '../frame.ts'
import { flagAt, type Json, numberAt, objectAt, textAt, textsAt } from '../json.ts'
import { fieldOf, isNumber, type NumberField, titleOf } from './rows.ts'
import type { Transformation } from './transformation.ts'

/** A new column out of two others, or out of all of a row. */
export const calculateField: Transformation = (frames, options) =>
  frames.map((frame) => {
    const made = madeOf(frame, options)
    if (made === undefined) return frame
    const alias = textAt(options, 'alias')
    const field: Field = { ...made, name: alias === undefined || alias === '' ? made.name : alias }
    if (flagAt(options, 'replaceFields') !== true) return { ...frame, fields: [...frame.fields, field] }
    return { ...frame, fields: [...frame.fields.filter(({ type }) => type === 'time'), field] }
  })

function madeOf(frame: Frame, options: Json): Field | undefined {
  switch (options['mode'] ?? 'binary') {
    case 'reduceRow':
      return overRow(frame, objectAt(options, 'reduce'))
    case 'unary':
      return ofOne(frame, objectAt(options, 'unary'))
    case 'cumulativeFunctions':
      return cumulated(frame, objectAt(options, 'cumulative'))
    case 'windowFunctions':
      return overWindow(frame, objectAt(options, 'window'))
    case 'index':
      return indexed(frame, flagAt(objectAt(options, 'index'), 'asPercentile') === true)
    default:
      return ofTwo(frame, objectAt(options, 'binary'))
  }
}

const FUNCTIONS: Readonly<Record<string, (value: number) => number>> = {
  abs: Math.abs,
  exp: Math.exp,
  ln: Math.log,
  floor: Math.floor,
  ceil: Math.ceil,
}

function ofOne(frame: Frame, json: Json): Field | undefined {
  const operator = textAt(json, 'operator') ?? 'abs'
  const operate = FUNCTIONS[operator]
  const field = numbersIn(frame, textAt(json, 'fieldName'))
  if (operate === undefined || field === undefined) return undefined
  return figures(
    `${operator}(${displayNameOf(field)})`,
    field.values.map((value) => (value === null ? null : operate(value))),
  )
}

function cumulated(frame: Frame, json: Json): Field | undefined {
  const field = numbersIn(frame, textAt(json, 'field'))
  if (field === undefined) return undefined
  const isMean = json['reducer'] === 'mean'
  let sum = 0
  let count = 0
  const values = field.values.map((value) => {
    sum += value ?? 0
    count += value === null ? 0 : 1
    return isMean ? (count === 0 ? null : sum / count) : sum
  })
  return figures(`cumulative ${isMean ? 'mean' : 'sum'}(${displayNameOf(field)})`, values)
}

/** Over so many rows before each, or around it; a size below one is a share of all. */
function overWindow(frame: Frame, json: Json): Field | undefined {
  const field = numbersIn(frame, textAt(json, 'field'))
  const calc = toReducer(textAt(json, 'reducer') ?? 'mean')
  if (field === undefined || calc === undefined) return undefined
  const asked = numberAt(json, 'windowSize') ?? 0.1
  const size = Math.max(1, Math.round(json['windowSizeMode'] === 'fixed' ? asked : asked * field.values.length))
  const isCentered = json['windowAlignment'] === 'centered'
  const values = field.values.map((_, row) => {
    const last = isCentered ? row + Math.floor(size / 2) : row
    return reduce(field.values.slice(Math.max(0, last - size + 1), last + 1), calc)
  })
  return figures(`${isCentered ? 'centered' : 'trailing'} moving ${calc}(${displayNameOf(field)})`, values)
}

function indexed(frame: Frame, isShare: boolean): Field {
  const length = lengthOf(frame)
  return figures(
    'Row',
    Array.from({ length }, (_, row) => (isShare ? row / Math.max(1, length - 1) : row)),
  )
}

function numbersIn(frame: Frame, name: string | undefined): NumberField | undefined {
  return frame.fields.filter(isNumber).find((field) => displayNameOf(field) === name || field.name === name)
}

function figures(name: string, values: readonly (number | null)[]): Field {
  return { name, labels: {}, type: 'number', values }
}

function overRow(frame: Frame, json: Json): Field | undefined {
  const calc = toReducer(textAt(json, 'reducer') ?? '')
  if (calc === undefined) return undefined
  const include = textsAt(json, 'include')
  const columns = frame.fields
    .filter(isNumber)
    .filter((field) => include.length === 0 || include.includes(displayNameOf(field)))
  const values = Array.from({ length: lengthOf(frame) }, (_, row) =>
    reduce(
      columns.map((column) => column.values[row] ?? null),
      calc,
    ),
  )
  return { name: titleOf(calc), labels: {}, type: 'number', values }
}

const OPERATORS: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '**': (a, b) => a ** b,
  '%': (a, b) => a % b,
}

function ofTwo(frame: Frame, json: Json): Field | undefined {
  const operator = textAt(json, 'operator') ?? '+'
  const operate = OPERATORS[operator]
  const left = operandOf(frame, json['left'])
  const right = operandOf(frame, json['right'])
  if (operate === undefined || left === undefined || right === undefined) return undefined
  const values = Array.from({ length: lengthOf(frame) }, (_, row) => {
    const [a, b] = [left.at(row), right.at(row)]
    return a === null || b === null ? null : operate(a, b)
  })
  return { name: `${left.name} ${operator} ${right.name}`, labels: {}, type: 'number', values }
}

interface Operand {
  readonly name: string
  at(row: number): number | null
}

/** A column's name, a number, or `{ matcher: { id: 'byName', options }, fixed }` as newer editors write it. */
function operandOf(frame: Frame, json: unknown): Operand | undefined {
  const isObject = typeof json === 'object' && json !== null
  const fixed = isObject && 'fixed' in json ? json.fixed : json
  const matcher = isObject && 'matcher' in json ? json.matcher : undefined
  const named = typeof matcher === 'object' && matcher !== null && 'options' in matcher ? matcher.options : fixed
  const field = typeof named === 'string' ? fieldOf(frame, named) : undefined
  if (field !== undefined && field.type === 'number') {
    return { name: displayNameOf(field), at: (row) => field.values[row] ?? null }
  }
  if ((typeof fixed !== 'string' || fixed === '') && typeof fixed !== 'number') return undefined
  const number = Number(fixed)
  return Number.isNaN(number) ? undefined : { name: String(fixed), at: () => number }
}
