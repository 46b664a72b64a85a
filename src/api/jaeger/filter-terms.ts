import { AppError } from '../../core/index.ts'
import {
  parseGoDuration,
  type SpanConstant,
  type SpanLevel,
  type SpanOperand,
  type SpanTextField,
  type SpanTimeField,
} from '../../query/index.ts'
import { parseDecimal, parseRfc3339 } from '../handlers/time.ts'

/** Levels that filters may speak of. */
export const FILTER_LEVELS = ['span', 'resource', 'scope', 'event', 'link'] as const satisfies readonly SpanLevel[]

export type Json = Readonly<Record<string, unknown>>

/** A value of the span, and what its constants must be. */
export interface Reference {
  readonly operand: SpanOperand
  readonly holds: 'attribute' | 'text' | 'kind' | 'status' | 'duration' | 'timestamp'
}

/** A constant as it was written; '' is a type that nobody named. */
export interface WrittenConstant {
  readonly value: string
  readonly type: '' | 'string' | 'int' | 'double' | 'bool'
}

const WORDS = {
  kind: ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'],
  status: ['unset', 'ok', 'error'],
} as const

const TEXTS: Readonly<Record<SpanTextField, Reference['holds']>> = {
  'span.traceID': 'text',
  'span.spanID': 'text',
  'span.parentSpanID': 'text',
  'span.traceState': 'text',
  'span.name': 'text',
  'span.kind': 'kind',
  'span.status': 'status',
  'span.statusMessage': 'text',
  'resource.service': 'text',
  'scope.name': 'text',
  'scope.version': 'text',
  'event.name': 'text',
  'link.traceID': 'text',
  'link.spanID': 'text',
  'link.traceState': 'text',
}

const TIMES: Readonly<Record<SpanTimeField, Reference['holds']>> = {
  'span.startTime': 'timestamp',
  'span.endTime': 'timestamp',
  'span.duration': 'duration',
  'event.time': 'timestamp',
  'event.timeSinceStart': 'duration',
}

/** `{"key","level"}`: without a level the span's and the resource's. */
export function readAttribute(json: unknown): Reference {
  const { key, level = '' } = object(json, 'attr')
  if (typeof key !== 'string' || key === '') throw refusal('an attr needs a key')
  if (level === '') return { operand: { kind: 'attribute', key, levels: ['span', 'resource'] }, holds: 'attribute' }
  return { operand: { kind: 'attribute', key, levels: [levelOf(level)] }, holds: 'attribute' }
}

/** `{"name","level"}`. */
export function readField(json: unknown): Reference {
  const { name, level } = object(json, 'field')
  const field = `${levelOf(level)}.${String(name)}`
  if (isOneOf(field, TEXTS)) return { operand: { kind: 'text', field }, holds: TEXTS[field] }
  if (isOneOf(field, TIMES)) return { operand: { kind: 'time', field }, holds: TIMES[field] }
  throw refusal(`there is no field ${field}, or it is not stored`)
}

/** `{"value","type"}`. */
export function readScalar(json: unknown): WrittenConstant {
  const { value = '', type = '' } = object(json, 'scalar')
  if (typeof value !== 'string') throw refusal('the value of a scalar must be a text')
  return { value, type: typeOf(type) }
}

/** `{"values","type"}`. */
export function readList(json: unknown): readonly WrittenConstant[] {
  const { values, type = '' } = object(json, 'list')
  if (!Array.isArray(values) || values.length === 0) throw refusal('a list needs values')
  return values.map((value: unknown) => {
    if (typeof value !== 'string') throw refusal('the values of a list must be texts')
    return { value, type: typeOf(type) }
  })
}

/** The constant as it is compared with what the reference holds. */
export function constantFor({ holds }: Reference, { value, type }: WrittenConstant): SpanConstant {
  if (holds === 'attribute') return attributeConstant(value, type)
  if (type !== '' && (type !== 'string' || holds === 'duration' || holds === 'timestamp')) {
    throw refusal(`a ${type} can not be compared with a ${holds}`)
  }
  switch (holds) {
    case 'text':
      return { type: 'string', value }
    case 'kind':
    case 'status': {
      const word = WORDS[holds].find((one) => one === value)
      if (word === undefined) throw refusal(`${JSON.stringify(value)} is none of ${WORDS[holds].join(', ')}`)
      return { type: 'string', value: word }
    }
    case 'duration': {
      const ns = parseGoDuration(value)
      if (ns === undefined) throw refusal(`${JSON.stringify(value)} is no duration`)
      return { type: 'ns', value: BigInt(ns) }
    }
    case 'timestamp': {
      const ns = parseRfc3339(value)
      if (ns === undefined) throw refusal(`${JSON.stringify(value)} is no time of RFC 3339`)
      return { type: 'ns', value: ns }
    }
  }
}

function attributeConstant(value: string, type: WrittenConstant['type']): SpanConstant {
  switch (type) {
    case '':
      return { type: 'any', value }
    case 'string':
      return { type: 'string', value }
    case 'int':
      if (!/^[-+]?\d{1,19}$/.test(value)) throw refusal(`${JSON.stringify(value)} is no int`)
      return { type: 'int', value: BigInt(value) }
    case 'double': {
      const number = parseDecimal(value)
      if (number === undefined) throw refusal(`${JSON.stringify(value)} is no double`)
      return { type: 'double', value: number }
    }
    case 'bool':
      if (value !== 'true' && value !== 'false') throw refusal(`${JSON.stringify(value)} is no bool`)
      return { type: 'bool', value: value === 'true' }
  }
}

export function levelOf(json: unknown): SpanLevel {
  const level = FILTER_LEVELS.find((one) => one === json)
  if (level === undefined) throw refusal(`${String(json)} is no level: it is one of ${FILTER_LEVELS.join(', ')}`)
  return level
}

export function object(json: unknown, what: string): Json {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw refusal(`${what} must be an object`)
  return json as Json
}

export function refusal(why: string): AppError {
  return new AppError('invalid', why)
}

function typeOf(json: unknown): WrittenConstant['type'] {
  const type = (['', 'string', 'int', 'double', 'bool'] as const).find((one) => one === json)
  if (type === undefined) throw refusal(`${String(json)} is no type of constants`)
  return type
}

function isOneOf<K extends string>(name: string, table: Readonly<Record<K, unknown>>): name is K {
  return Object.hasOwn(table, name)
}
