import { type ArrayItem, NIL, type TraceqlValue } from './value.ts'

/**
 * OTLP's JSON of a value that is no plain one, as TraceQL sees it: an array if all items have one plain type, else
 * nothing that could be compared. Integers of 64 bits stand as texts in it.
 */
export function arrayOfJson(json: string): TraceqlValue {
  const items: ArrayItem[] = []
  for (const raw of rawItems(json)) {
    const item = itemOf(raw)
    if (item === undefined || (items[0] !== undefined && items[0].type !== item.type)) return NIL
    items.push(item)
  }
  return items.length === 0 ? NIL : { type: 'array', items }
}

function rawItems(json: string): readonly unknown[] {
  const parsed = parse(json)
  const array = isObject(parsed) ? parsed['arrayValue'] : undefined
  const values = isObject(array) ? array['values'] : undefined
  return Array.isArray(values) ? (values as readonly unknown[]) : []
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

function itemOf(raw: unknown): ArrayItem | undefined {
  if (!isObject(raw)) return undefined
  const { stringValue, boolValue, intValue, doubleValue } = raw
  if (typeof stringValue === 'string') return { type: 'string', value: stringValue }
  if (typeof boolValue === 'boolean') return { type: 'bool', value: boolValue }
  if (typeof intValue === 'number' && Number.isSafeInteger(intValue)) return { type: 'int', value: BigInt(intValue) }
  if (typeof intValue === 'string' && /^-?\d{1,19}$/.test(intValue)) return { type: 'int', value: BigInt(intValue) }
  if (typeof doubleValue === 'number') return { type: 'float', value: doubleValue }
  if (typeof doubleValue === 'string') return { type: 'float', value: floatOf(doubleValue) }
  return undefined
}

function floatOf(text: string): number {
  return text === '-Infinity' ? -Infinity : text === 'Infinity' ? Infinity : Number(text)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
