import { fromTaggedText, plainText } from '../tagged-text.ts'

/** OTLP's JSON of a value, as `tagged-text.ts` keeps nested ones. */
interface JsonValue {
  readonly stringValue?: string
  readonly boolValue?: boolean
  readonly intValue?: string
  readonly doubleValue?: number | string
  readonly bytesValue?: string
  readonly arrayValue?: { readonly values?: readonly JsonValue[] }
  readonly kvlistValue?: { readonly values?: readonly { readonly key: string; readonly value?: JsonValue }[] }
}

/** A name as a label's: whatever a label's name cannot hold becomes '_'. */
export function toLabelName(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, '_')
}

/** Adds an attribute under its label name; a nested map is spread out, names joined with '_'. Empty values are left out. */
export function addAttribute(labels: Record<string, string>, name: string, tagged: string): void {
  const value = fromTaggedText(tagged)
  if (value.type === 'json') addNested(labels, toLabelName(name), toPlain(JSON.parse(value.value) as JsonValue))
  else if (tagged !== '') labels[toLabelName(name)] = plainText(tagged)
}

function addNested(labels: Record<string, string>, name: string, value: Plain): void {
  if (value === null || value === '') return
  if (typeof value === 'string') labels[name] = value
  else if (typeof value !== 'object' || Array.isArray(value)) labels[name] = JSON.stringify(value)
  else for (const [key, inner] of Object.entries(value)) addNested(labels, `${name}_${toLabelName(key)}`, inner)
}

type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain }

/** The value as plain JSON, the way people would write it. */
function toPlain(value: JsonValue): Plain {
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(toPlain)
  if (value.kvlistValue !== undefined) {
    return Object.fromEntries(
      (value.kvlistValue.values ?? []).map(({ key, value: inner }) => [key, toPlain(inner ?? {})]),
    )
  }
  if (value.intValue !== undefined) return toNumber(value.intValue)
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? value.bytesValue ?? null
}

/** Numbers beyond what a double holds stay text. */
function toNumber(digits: string): Plain {
  const number = Number(digits)
  return Number.isSafeInteger(number) ? number : digits
}
