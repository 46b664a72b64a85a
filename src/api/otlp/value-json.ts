import type { AttributeValue } from '../../query/index.ts'
import { type OtlpJsonValue, parseOtlpJsonValue } from './any-value.ts'

type Json = Readonly<Record<string, unknown>>

/** An attribute's value as `AnyValue` in JSON. The one member that it has stands there even if it is zero. */
export function toValueJson(value: AttributeValue): Json {
  switch (value.type) {
    case 'string':
      return { stringValue: value.value }
    case 'bool':
      return { boolValue: value.value }
    case 'int':
      return { intValue: value.value.toString() }
    case 'double':
      return { doubleValue: Number.isFinite(value.value) ? value.value : nonFinite(value.value) }
    case 'bytes':
      return { bytesValue: Buffer.from(value.value).toString('base64') }
    case 'json':
      return toNestedJson(parseOtlpJsonValue(value.value))
  }
}

function toNestedJson(value: OtlpJsonValue): Json {
  switch (value.type) {
    case 'attribute':
      return toValueJson(value.value)
    case 'none':
      return {}
    case 'array':
      return { arrayValue: value.items.length === 0 ? {} : { values: value.items.map(toNestedJson) } }
    case 'kvlist': {
      const values = value.entries.map(([key, item]) => ({ key, value: toNestedJson(item) }))
      return { kvlistValue: values.length === 0 ? {} : { values } }
    }
  }
}

/** How protobuf's JSON mapping writes them. */
function nonFinite(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  return value > 0 ? 'Infinity' : '-Infinity'
}
