import type { AttributeValue } from '../../query/index.ts'

/** A value of OTLP with its nesting, read from OTLP's JSON encoding. */
export type OtlpJsonValue =
  | { readonly type: 'attribute'; readonly value: Exclude<AttributeValue, { type: 'json' }> }
  /** An `AnyValue` in which nothing is set. */
  | { readonly type: 'none' }
  | { readonly type: 'array'; readonly items: readonly OtlpJsonValue[] }
  | { readonly type: 'kvlist'; readonly entries: readonly (readonly [string, OtlpJsonValue])[] }

const NONE: OtlpJsonValue = { type: 'none' }

/** How deep values may nest; receivers refuse deeper ones. */
const MAX_DEPTH = 64

/**
 * Reads the JSON text of an `AnyValue`, or of the bare array or key-value list in it. Text that is not of that form
 * stands for itself, as a string: the store holds what senders sent.
 */
export function parseOtlpJsonValue(text: string): OtlpJsonValue {
  const asText: OtlpJsonValue = { type: 'attribute', value: { type: 'string', value: text } }
  try {
    return readValue(JSON.parse(text), 0) ?? asText
  } catch {
    return asText
  }
}

function readValue(json: unknown, depth: number): OtlpJsonValue | undefined {
  if (depth > MAX_DEPTH) return undefined
  if (Array.isArray(json)) return readArray(json, depth)
  if (!isObject(json)) return readPlain(json)
  if ('arrayValue' in json) return readArray(isObject(json['arrayValue']) ? json['arrayValue']['values'] : [], depth)
  if ('kvlistValue' in json) return readList(isObject(json['kvlistValue']) ? json['kvlistValue']['values'] : [], depth)
  if (Object.keys(json).length === 0) return NONE
  return readScalar(json)
}

function readArray(values: unknown, depth: number): OtlpJsonValue {
  const items = Array.isArray(values) ? values.map((value) => readValue(value, depth + 1) ?? NONE) : []
  return { type: 'array', items }
}

function readList(values: unknown, depth: number): OtlpJsonValue {
  const entries: (readonly [string, OtlpJsonValue])[] = []
  for (const entry of Array.isArray(values) ? (values as readonly unknown[]) : []) {
    if (!isObject(entry) || typeof entry['key'] !== 'string') continue
    entries.push([entry['key'], readValue(entry['value'], depth + 1) ?? NONE])
  }
  return { type: 'kvlist', entries }
}

function readScalar(json: Readonly<Record<string, unknown>>): OtlpJsonValue | undefined {
  const { stringValue, boolValue, intValue, doubleValue, bytesValue } = json
  if (typeof stringValue === 'string') return readPlain(stringValue)
  if (typeof boolValue === 'boolean') return readPlain(boolValue)
  if (typeof intValue === 'string' || typeof intValue === 'number') {
    return { type: 'attribute', value: { type: 'int', value: BigInt(intValue) } }
  }
  if (doubleValue !== undefined) return { type: 'attribute', value: { type: 'double', value: Number(doubleValue) } }
  if (typeof bytesValue === 'string') {
    return { type: 'attribute', value: { type: 'bytes', value: Buffer.from(bytesValue, 'base64') } }
  }
  return undefined
}

function readPlain(json: unknown): OtlpJsonValue | undefined {
  if (typeof json === 'string') return { type: 'attribute', value: { type: 'string', value: json } }
  if (typeof json === 'boolean') return { type: 'attribute', value: { type: 'bool', value: json } }
  if (typeof json === 'number') return { type: 'attribute', value: { type: 'double', value: json } }
  return undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
