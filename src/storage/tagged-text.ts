import type { AttributeValue } from '../query/index.ts'

/**
 * Tagged text: how an attribute's value stands in a `Map(String, String)` column without losing its type.
 *
 *     string   the text itself; a text that begins with a byte below 0x08 gets 0x07 in front
 *     int      0x01 decimal digits
 *     double   0x02 shortest round-trip decimal, `NaN`, `+Inf`, `-Inf`
 *     bool     0x03 `true` | `false`
 *     json     0x04 OTLP JSON of the value that holds an array or key-value list: `{"arrayValue":{"values":[…]}}`
 *     bytes    0x05 base64
 *
 * In SQL, `if(value < '\x08' AND value != '', substring(value, 2), value)` is the text without its tag.
 */
export const TAG = { int: 0x01, double: 0x02, bool: 0x03, json: 0x04, bytes: 0x05, escape: 0x07 } as const

/** Texts that begin with a byte below this are tagged. */
export const FIRST_UNTAGGED = 0x08

export function toTaggedText(value: AttributeValue): string {
  switch (value.type) {
    case 'string':
      return value.value.charCodeAt(0) < FIRST_UNTAGGED ? `\x07${value.value}` : value.value
    case 'int':
      return `\x01${value.value.toString()}`
    case 'double':
      return `\x02${formatDouble(value.value)}`
    case 'bool':
      return `\x03${String(value.value)}`
    case 'json':
      return `\x04${value.value}`
    case 'bytes':
      return `\x05${Buffer.from(value.value).toString('base64')}`
  }
}

export function fromTaggedText(text: string): AttributeValue {
  const rest = text.slice(1)
  switch (text.charCodeAt(0)) {
    case TAG.int:
      return { type: 'int', value: BigInt(rest) }
    case TAG.double:
      return { type: 'double', value: parseDouble(rest) }
    case TAG.bool:
      return { type: 'bool', value: rest === 'true' }
    case TAG.json:
      return { type: 'json', value: rest }
    case TAG.bytes:
      return { type: 'bytes', value: Buffer.from(rest, 'base64') }
    case TAG.escape:
      return { type: 'string', value: rest }
    default:
      return { type: 'string', value: text }
  }
}

/** The value as people read it: the text without its tag. */
export function plainText(text: string): string {
  return text.charCodeAt(0) < FIRST_UNTAGGED ? text.slice(1) : text
}

function formatDouble(value: number): string {
  if (value === Infinity) return '+Inf'
  if (value === -Infinity) return '-Inf'
  return String(value)
}

function parseDouble(text: string): number {
  if (text === '+Inf') return Infinity
  if (text === '-Inf') return -Infinity
  return Number(text)
}
