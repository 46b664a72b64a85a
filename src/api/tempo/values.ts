import { formatTraceqlValue, type NamedValue, type TraceqlValue } from '../../query/index.ts'

type Json = Readonly<Record<string, unknown>>

/** TraceQL's names and values as OTLP attributes. */
export function toKeyValues(values: readonly NamedValue[]): readonly Json[] {
  return values.map(({ name, value }) => ({ key: name, value: toAnyValue(value) }))
}

/** Words, durations and nil are texts, as TraceQL writes them. */
function toAnyValue(value: TraceqlValue): Json {
  switch (value.type) {
    case 'string':
      return { stringValue: value.value }
    case 'int':
      return { intValue: value.value.toString() }
    case 'float':
      return { doubleValue: toDouble(value.value) }
    case 'bool':
      return { boolValue: value.value }
    case 'array':
      return { arrayValue: value.items.length === 0 ? {} : { values: value.items.map(toAnyValue) } }
    case 'nil':
    case 'duration':
    case 'status':
    case 'kind':
      return { stringValue: formatTraceqlValue(value) }
  }
}

/** A double as protobuf's JSON has it. */
export function toDouble(value: number): number | string {
  if (Number.isFinite(value)) return value
  if (Number.isNaN(value)) return 'NaN'
  return value > 0 ? 'Infinity' : '-Infinity'
}
