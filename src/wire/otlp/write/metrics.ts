import type { ProtoWriter } from '../../proto/index.ts'
import { type Attributes, writeAttributes } from './attributes.ts'

const METRIC = 2
const NAME = 1
const DESCRIPTION = 2
const UNIT = 3
const GAUGE = 5
const SUM = 7
const POINT = 1
const AGGREGATION_TEMPORALITY = 2
const IS_MONOTONIC = 3
const START_TIME = 2
const TIME = 3
const AS_DOUBLE = 4
const AS_INT = 6
const POINT_ATTRIBUTES = 7

const DELTA = 1
const CUMULATIVE = 2

export interface MetricHead {
  readonly name: string
  readonly description?: string
  /** UCUM. */
  readonly unit?: string
}

export interface SumKind {
  readonly monotonic: boolean
  /** Default cumulative. */
  readonly temporality?: 'cumulative' | 'delta'
}

/** Where an open metric began; give it back to `endMetric`. */
export interface OpenMetric {
  readonly metric: number
  readonly data: number
}

/** One number of a gauge or sum. */
export interface NumberPoint {
  readonly value: number | bigint
  /** `int` needs a bigint or a safe integer. */
  readonly type: 'int' | 'double'
  readonly timeUnixNano: bigint
  /** For sums: since when it has been counted. */
  readonly startTimeUnixNano?: bigint
  readonly attributes?: Attributes
}

/** Begins a gauge in a scope block. */
export function beginGauge(writer: ProtoWriter, head: MetricHead): OpenMetric {
  return { metric: beginMetric(writer, head), data: writer.begin(GAUGE) }
}

/** Begins a sum in a scope block. */
export function beginSum(writer: ProtoWriter, head: MetricHead, kind: SumKind): OpenMetric {
  const open = { metric: beginMetric(writer, head), data: writer.begin(SUM) }
  writer.uint32(AGGREGATION_TEMPORALITY, kind.temporality === 'delta' ? DELTA : CUMULATIVE)
  if (kind.monotonic) writer.bool(IS_MONOTONIC, true)
  return open
}

export function endMetric(writer: ProtoWriter, open: OpenMetric): void {
  writer.end(open.data)
  writer.end(open.metric)
}

/** Appends a point to the open gauge or sum. */
export function writeNumberPoint(writer: ProtoWriter, point: NumberPoint): void {
  const start = writer.begin(POINT)
  if (point.startTimeUnixNano !== undefined) writer.fixed64(START_TIME, point.startTimeUnixNano)
  writer.fixed64(TIME, point.timeUnixNano)
  // A point whose oneof is unset would mean "no value", so zero is written like any other number.
  if (point.type === 'int') writer.sfixed64(AS_INT, BigInt(point.value))
  else writer.double(AS_DOUBLE, Number(point.value))
  if (point.attributes !== undefined) writeAttributes(writer, POINT_ATTRIBUTES, point.attributes)
  writer.end(start)
}

function beginMetric(writer: ProtoWriter, head: MetricHead): number {
  const metric = writer.begin(METRIC)
  writer.string(NAME, head.name)
  if (head.description !== undefined) writer.string(DESCRIPTION, head.description)
  if (head.unit !== undefined) writer.string(UNIT, head.unit)
  return metric
}
