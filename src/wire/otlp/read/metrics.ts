import { BYTES, ProtoReader, takeBool, takeInt32, takeString } from '../../proto/index.ts'
import type { AnyValue } from './any-value.ts'
import { type AttributeMap, takeAttribute } from './attributes.ts'
import { type ReadResource, type ReadScope, walkItems } from './items.ts'
import {
  type ReadExponentialPoint,
  type ReadHistogramPoint,
  readExponentialPoint,
  readHistogramPoint,
  type ReadNumberPoint,
  readNumberPoint,
  type ReadSummaryPoint,
  readSummaryPoint,
} from './metric-points.ts'

/** By number; others are unspecified. */
const TEMPORALITIES = ['unspecified', 'delta', 'cumulative'] as const
export type Temporality = (typeof TEMPORALITIES)[number]

/** What all points of a metric have in common: one object for all of them. */
export interface ReadMetric {
  readonly name: string
  readonly description: string
  readonly unit: string
  readonly metadata: AttributeMap
  /** `unspecified` for gauges and summaries. */
  readonly temporality: Temporality
  /** Of sums only. */
  readonly monotonic: boolean
}

export type ReadPoint =
  | { readonly kind: 'gauge' | 'sum'; readonly point: ReadNumberPoint }
  | { readonly kind: 'histogram'; readonly point: ReadHistogramPoint }
  | { readonly kind: 'exponential-histogram'; readonly point: ReadExponentialPoint }
  | { readonly kind: 'summary'; readonly point: ReadSummaryPoint }

export type ReadMetricPoint = ReadPoint & {
  readonly resource: ReadResource
  readonly scope: ReadScope
  readonly metric: ReadMetric
}

/** The data points of an OTLP metrics request, one after the other. Throws AppError `invalid` for damaged bytes. */
export function* readMetricPoints(payload: Uint8Array): Generator<ReadMetricPoint> {
  for (const { resource, scope, reader } of walkItems(payload)) {
    const { about, parts } = scanMetric(reader)
    for (const { field, start, end } of parts) {
      const kind = KINDS[field]
      if (kind === undefined) continue
      const inner = new ProtoReader(payload, start, end)
      const metric = { ...about, ...readTotals(inner) }
      for (const point of readPoints(inner, start, kind)) yield { ...point, resource, scope, metric }
    }
  }
}

/** By field number of Metric. */
const KINDS: Readonly<Record<number, (reader: ProtoReader) => ReadPoint>> = {
  5: (reader) => ({ kind: 'gauge', point: readNumberPoint(reader) }),
  7: (reader) => ({ kind: 'sum', point: readNumberPoint(reader) }),
  9: (reader) => ({ kind: 'histogram', point: readHistogramPoint(reader) }),
  10: (reader) => ({ kind: 'exponential-histogram', point: readExponentialPoint(reader) }),
  11: (reader) => ({ kind: 'summary', point: readSummaryPoint(reader) }),
}

interface MetricParts {
  readonly about: Pick<ReadMetric, 'name' | 'description' | 'unit' | 'metadata'>
  /** Where the messages with the data points lie: name and unit may stand behind them. */
  readonly parts: readonly { readonly field: number; readonly start: number; readonly end: number }[]
}

function scanMetric(reader: ProtoReader): MetricParts {
  const metadata = new Map<string, AnyValue>()
  const about = { name: '', description: '', unit: '', metadata }
  const parts: { field: number; start: number; end: number }[] = []
  while (reader.next()) {
    if (reader.field === 1) about.name = takeString(reader)
    else if (reader.field === 2) about.description = takeString(reader)
    else if (reader.field === 3) about.unit = takeString(reader)
    else if (reader.field === 12) takeAttribute(reader, metadata)
    else if (reader.field in KINDS) {
      reader.expect(BYTES)
      const outer = reader.enter()
      parts.push({ field: reader.field, start: reader.pos, end: reader.end })
      reader.leave(outer)
    } else reader.skip()
  }
  return { about, parts }
}

const DATA_POINTS = 1

/** The fields behind which or before which the data points may stand. */
function readTotals(reader: ProtoReader): Pick<ReadMetric, 'temporality' | 'monotonic'> {
  let temporality: Temporality = 'unspecified'
  let monotonic = false
  while (reader.next()) {
    if (reader.field === 2) temporality = TEMPORALITIES[takeInt32(reader)] ?? 'unspecified'
    else if (reader.field === 3) monotonic = takeBool(reader)
    else reader.skip()
  }
  return { temporality, monotonic }
}

function* readPoints(
  reader: ProtoReader,
  start: number,
  readPoint: (reader: ProtoReader) => ReadPoint,
): Generator<ReadPoint> {
  reader.pos = start
  while (reader.next()) {
    if (reader.field !== DATA_POINTS) {
      reader.skip()
      continue
    }
    reader.expect(BYTES)
    const outer = reader.enter()
    yield readPoint(reader)
    reader.leave(outer)
  }
}
