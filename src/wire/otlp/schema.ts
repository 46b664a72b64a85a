import { BYTES, FIXED32, FIXED64, VARINT } from '../proto/index.ts'
import type { Signal } from '../../model/index.ts'

/**
 * OTLP's messages (opentelemetry-proto 1.x) as data: what stands at which field number, in which wire form, and under
 * which name in OTLP/JSON. The check, the stamp and the JSON reader all walk by these tables, so a field is
 * described once.
 */

/** How a scalar is written, on the wire and in JSON. */
export type Scalar =
  | 'string'
  | 'bytes'
  | 'hex' // bytes on the wire, hexadecimal in JSON: trace and span ids
  | 'bool'
  | 'enum'
  | 'uint32'
  | 'int32'
  | 'sint32'
  | 'int64'
  | 'uint64'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed64'
  | 'double'

/**
 * What a message is to those who walk over requests. `item` is what is counted: a data point, log record or span. The
 * attributes of scopes and items become labels of records, so they could shadow those of the resource.
 */
export type Part = 'per-resource' | 'resource' | 'scope' | 'item'

export interface Field {
  readonly number: number
  /** In OTLP/JSON. */
  readonly name: string
  readonly wireType: number
  readonly type: Scalar | Shape
  /** The nested message, for walkers that do not care about scalars. */
  readonly shape: Shape | undefined
  readonly repeated: boolean
}

export interface Shape {
  readonly name: string
  readonly part: Part | undefined
  /** By field number; absent numbers are unknown fields. */
  readonly fields: readonly (Field | undefined)[]
  readonly byName: ReadonlyMap<string, Field>
}

const WIRE_TYPES: Readonly<Record<Scalar, number>> = {
  string: BYTES,
  bytes: BYTES,
  hex: BYTES,
  bool: VARINT,
  enum: VARINT,
  uint32: VARINT,
  int32: VARINT,
  sint32: VARINT,
  int64: VARINT,
  uint64: VARINT,
  fixed32: FIXED32,
  fixed64: FIXED64,
  sfixed64: FIXED64,
  double: FIXED64,
}

type FieldSpec = readonly [number: number, name: string, type: Scalar | Shape, repeated?: 'repeated']

function addFields(shape: Shape, specs: readonly FieldSpec[]): Shape {
  const fields = shape.fields as (Field | undefined)[]
  const byName = shape.byName as Map<string, Field>
  for (const [number, name, type, repeated] of specs) {
    const nested = typeof type === 'string' ? undefined : type
    const wireType = typeof type === 'string' ? WIRE_TYPES[type] : BYTES
    const field: Field = { number, name, wireType, type, shape: nested, repeated: repeated !== undefined }
    while (fields.length <= number) fields.push(undefined)
    fields[number] = field
    byName.set(name, field)
  }
  return shape
}

function shapeOf(name: string, ...specs: readonly FieldSpec[]): Shape {
  return partOf(undefined, name, ...specs)
}

function partOf(part: Part | undefined, name: string, ...specs: readonly FieldSpec[]): Shape {
  return addFields({ name, part, fields: [], byName: new Map() }, specs)
}

// AnyValue, ArrayValue, KeyValueList and KeyValue contain each other: made empty, filled below.
export const ANY_VALUE: Shape = shapeOf('AnyValue')
export const KEY_VALUE: Shape = shapeOf('KeyValue', [1, 'key', 'string'], [2, 'value', ANY_VALUE])
const ARRAY_VALUE = shapeOf('ArrayValue', [1, 'values', ANY_VALUE, 'repeated'])
const KEY_VALUE_LIST = shapeOf('KeyValueList', [1, 'values', KEY_VALUE, 'repeated'])
addFields(ANY_VALUE, [
  [1, 'stringValue', 'string'],
  [2, 'boolValue', 'bool'],
  [3, 'intValue', 'int64'],
  [4, 'doubleValue', 'double'],
  [5, 'arrayValue', ARRAY_VALUE],
  [6, 'kvlistValue', KEY_VALUE_LIST],
  [7, 'bytesValue', 'bytes'],
])

const ENTITY_REF = shapeOf(
  'EntityRef',
  [1, 'schemaUrl', 'string'],
  [2, 'type', 'string'],
  [3, 'idKeys', 'string', 'repeated'],
  [4, 'descriptionKeys', 'string', 'repeated'],
)

const RESOURCE = partOf(
  'resource',
  'Resource',
  [1, 'attributes', KEY_VALUE, 'repeated'],
  [2, 'droppedAttributesCount', 'uint32'],
  [3, 'entityRefs', ENTITY_REF, 'repeated'],
)

const SCOPE = partOf(
  'scope',
  'InstrumentationScope',
  [1, 'name', 'string'],
  [2, 'version', 'string'],
  [3, 'attributes', KEY_VALUE, 'repeated'],
  [4, 'droppedAttributesCount', 'uint32'],
)

const EXEMPLAR = shapeOf(
  'Exemplar',
  [2, 'timeUnixNano', 'fixed64'],
  [3, 'asDouble', 'double'],
  [4, 'spanId', 'hex'],
  [5, 'traceId', 'hex'],
  [6, 'asInt', 'sfixed64'],
  [7, 'filteredAttributes', KEY_VALUE, 'repeated'],
)

const NUMBER_DATA_POINT = partOf(
  'item',
  'NumberDataPoint',
  [2, 'startTimeUnixNano', 'fixed64'],
  [3, 'timeUnixNano', 'fixed64'],
  [4, 'asDouble', 'double'],
  [5, 'exemplars', EXEMPLAR, 'repeated'],
  [6, 'asInt', 'sfixed64'],
  [7, 'attributes', KEY_VALUE, 'repeated'],
  [8, 'flags', 'uint32'],
)

const HISTOGRAM_DATA_POINT = partOf(
  'item',
  'HistogramDataPoint',
  [2, 'startTimeUnixNano', 'fixed64'],
  [3, 'timeUnixNano', 'fixed64'],
  [4, 'count', 'fixed64'],
  [5, 'sum', 'double'],
  [6, 'bucketCounts', 'fixed64', 'repeated'],
  [7, 'explicitBounds', 'double', 'repeated'],
  [8, 'exemplars', EXEMPLAR, 'repeated'],
  [9, 'attributes', KEY_VALUE, 'repeated'],
  [10, 'flags', 'uint32'],
  [11, 'min', 'double'],
  [12, 'max', 'double'],
)

const BUCKETS = shapeOf('Buckets', [1, 'offset', 'sint32'], [2, 'bucketCounts', 'uint64', 'repeated'])

const EXPONENTIAL_HISTOGRAM_DATA_POINT = partOf(
  'item',
  'ExponentialHistogramDataPoint',
  [1, 'attributes', KEY_VALUE, 'repeated'],
  [2, 'startTimeUnixNano', 'fixed64'],
  [3, 'timeUnixNano', 'fixed64'],
  [4, 'count', 'fixed64'],
  [5, 'sum', 'double'],
  [6, 'scale', 'sint32'],
  [7, 'zeroCount', 'fixed64'],
  [8, 'positive', BUCKETS],
  [9, 'negative', BUCKETS],
  [10, 'flags', 'uint32'],
  [11, 'exemplars', EXEMPLAR, 'repeated'],
  [12, 'min', 'double'],
  [13, 'max', 'double'],
  [14, 'zeroThreshold', 'double'],
)

const VALUE_AT_QUANTILE = shapeOf('ValueAtQuantile', [1, 'quantile', 'double'], [2, 'value', 'double'])

const SUMMARY_DATA_POINT = partOf(
  'item',
  'SummaryDataPoint',
  [2, 'startTimeUnixNano', 'fixed64'],
  [3, 'timeUnixNano', 'fixed64'],
  [4, 'count', 'fixed64'],
  [5, 'sum', 'double'],
  [6, 'quantileValues', VALUE_AT_QUANTILE, 'repeated'],
  [7, 'attributes', KEY_VALUE, 'repeated'],
  [8, 'flags', 'uint32'],
)

/** The field that holds the data points, the same in all five kinds of metric. */
export const DATA_POINTS = 1

const TEMPORALITY: FieldSpec = [2, 'aggregationTemporality', 'enum']

const METRIC = shapeOf(
  'Metric',
  [1, 'name', 'string'],
  [2, 'description', 'string'],
  [3, 'unit', 'string'],
  [5, 'gauge', shapeOf('Gauge', [1, 'dataPoints', NUMBER_DATA_POINT, 'repeated'])],
  [7, 'sum', shapeOf('Sum', [1, 'dataPoints', NUMBER_DATA_POINT, 'repeated'], TEMPORALITY, [3, 'isMonotonic', 'bool'])],
  [9, 'histogram', shapeOf('Histogram', [1, 'dataPoints', HISTOGRAM_DATA_POINT, 'repeated'], TEMPORALITY)],
  [
    10,
    'exponentialHistogram',
    shapeOf('ExponentialHistogram', [1, 'dataPoints', EXPONENTIAL_HISTOGRAM_DATA_POINT, 'repeated'], TEMPORALITY),
  ],
  [11, 'summary', shapeOf('Summary', [1, 'dataPoints', SUMMARY_DATA_POINT, 'repeated'])],
  [12, 'metadata', KEY_VALUE, 'repeated'],
)

/** The fields of a metric that hold data points: gauge, sum, histogram, exponential histogram, summary. */
export const METRIC_KINDS: readonly number[] = [5, 7, 9, 10, 11]

const LOG_RECORD = partOf(
  'item',
  'LogRecord',
  [1, 'timeUnixNano', 'fixed64'],
  [2, 'severityNumber', 'enum'],
  [3, 'severityText', 'string'],
  [5, 'body', ANY_VALUE],
  [6, 'attributes', KEY_VALUE, 'repeated'],
  [7, 'droppedAttributesCount', 'uint32'],
  [8, 'flags', 'fixed32'],
  [9, 'traceId', 'hex'],
  [10, 'spanId', 'hex'],
  [11, 'observedTimeUnixNano', 'fixed64'],
  [12, 'eventName', 'string'],
)

const SPAN_EVENT = shapeOf(
  'Event',
  [1, 'timeUnixNano', 'fixed64'],
  [2, 'name', 'string'],
  [3, 'attributes', KEY_VALUE, 'repeated'],
  [4, 'droppedAttributesCount', 'uint32'],
)

const SPAN_LINK = shapeOf(
  'Link',
  [1, 'traceId', 'hex'],
  [2, 'spanId', 'hex'],
  [3, 'traceState', 'string'],
  [4, 'attributes', KEY_VALUE, 'repeated'],
  [5, 'droppedAttributesCount', 'uint32'],
  [6, 'flags', 'fixed32'],
)

const SPAN = partOf(
  'item',
  'Span',
  [1, 'traceId', 'hex'],
  [2, 'spanId', 'hex'],
  [3, 'traceState', 'string'],
  [4, 'parentSpanId', 'hex'],
  [5, 'name', 'string'],
  [6, 'kind', 'enum'],
  [7, 'startTimeUnixNano', 'fixed64'],
  [8, 'endTimeUnixNano', 'fixed64'],
  [9, 'attributes', KEY_VALUE, 'repeated'],
  [10, 'droppedAttributesCount', 'uint32'],
  [11, 'events', SPAN_EVENT, 'repeated'],
  [12, 'droppedEventsCount', 'uint32'],
  [13, 'links', SPAN_LINK, 'repeated'],
  [14, 'droppedLinksCount', 'uint32'],
  [15, 'status', shapeOf('Status', [2, 'message', 'string'], [3, 'code', 'enum'])],
  [16, 'flags', 'fixed32'],
)

/** `Export…ServiceRequest` → `Resource…` → `Scope…` → items: the same three levels for every signal. */
function requestOf(signal: string, resourceField: string, itemField: string, item: Shape): Shape {
  const family = resourceField.slice('resource'.length)
  const scoped = shapeOf(
    `Scope${family}`,
    [1, 'scope', SCOPE],
    [2, itemField, item, 'repeated'],
    [3, 'schemaUrl', 'string'],
  )
  const perResource = partOf(
    'per-resource',
    `Resource${family}`,
    [1, 'resource', RESOURCE],
    [2, `scope${family}`, scoped, 'repeated'],
    [3, 'schemaUrl', 'string'],
  )
  return shapeOf(`Export${signal}ServiceRequest`, [1, resourceField, perResource, 'repeated'])
}

/** The three levels above the items have these fields in every signal. */
export const REQUEST_RESOURCES = 1
export const RESOURCE_SCOPES = 2
export const SCOPE_ITEMS = 2

export const REQUESTS: Readonly<Record<Signal, Shape>> = {
  metrics: requestOf('Metrics', 'resourceMetrics', 'metrics', METRIC),
  logs: requestOf('Logs', 'resourceLogs', 'logRecords', LOG_RECORD),
  traces: requestOf('Trace', 'resourceSpans', 'spans', SPAN),
}
