import type { AttributeValue } from '../../query/index.ts'
import { type OtlpJsonValue, parseOtlpJsonValue } from './any-value.ts'

/** A value as OpenTelemetry's string form of it: bytes in base64, arrays and maps as plain JSON, maps by key. */
export function attributeText(value: AttributeValue): string {
  switch (value.type) {
    case 'string':
      return value.value
    case 'int':
    case 'bool':
      return String(value.value)
    case 'double':
      return doubleText(value.value)
    case 'bytes':
      return Buffer.from(value.value).toString('base64')
    case 'json': {
      const nested = parseOtlpJsonValue(value.value)
      if (nested.type === 'none') return ''
      return nested.type === 'attribute' ? attributeText(nested.value) : plainJson(nested)
    }
  }
}

function plainJson(value: OtlpJsonValue): string {
  switch (value.type) {
    case 'none':
      return 'null'
    case 'attribute': {
      const { type } = value.value
      const text = attributeText(value.value)
      return type === 'string' || type === 'bytes' ? JSON.stringify(text) : text
    }
    case 'array':
      return `[${value.items.map(plainJson).join(',')}]`
    case 'kvlist': {
      const sorted = [...new Map(value.entries)].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      return `{${sorted.map(([key, item]) => `${JSON.stringify(key)}:${plainJson(item)}`).join(',')}}`
    }
  }
}

function doubleText(value: number): string {
  if (value === Infinity) return '+Inf'
  if (value === -Infinity) return '-Inf'
  return String(value)
}
