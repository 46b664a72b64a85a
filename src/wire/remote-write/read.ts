import { AppError } from '../../core/index.ts'
import { METRIC_TYPES, type MetricType } from '../metric-type.ts'
import {
  BYTES,
  FIXED64,
  ProtoReader,
  takeDouble,
  takeInt64,
  takeMessage,
  takeRepeated,
  takeSint32,
  takeUint32,
  takeUint64,
  VARINT,
} from '../proto/index.ts'
import { BUCKET_SPAN, EXEMPLAR, HISTOGRAM, METADATA, REQUEST, SAMPLE, TIME_SERIES } from './fields.ts'
import { type BucketSpan, type NativeHistogram, RESET_HINTS } from './native-histogram.ts'

/** A sample as it was sent. A stale marker is a NaN whose bits say so: `stale` tells, since numbers do not. */
export interface ReadSample {
  readonly value: number
  readonly stale: boolean
  readonly timestampMs: number
  /** 0 if absent. */
  readonly startTimestampMs: number
}

export interface ReadSeriesExemplar {
  readonly labels: ReadLabels
  readonly value: number
  readonly timestampMs: number
}

/** In the order of the payload. */
export type ReadLabels = readonly (readonly [name: string, value: string])[]

export interface ReadSeries {
  readonly labels: ReadLabels
  readonly type: MetricType
  readonly unit: string
  readonly help: string
  readonly samples: readonly ReadSample[]
  readonly histograms: readonly NativeHistogram[]
  readonly exemplars: readonly ReadSeriesExemplar[]
}

/** The series of a remote write 2.0 request, one after the other. Throws AppError `invalid` for damaged bytes. */
export function* readSeries(payload: Uint8Array): Generator<ReadSeries> {
  const symbols = new Symbols(payload)
  const reader = new ProtoReader(payload)
  while (reader.next()) {
    if (reader.field !== REQUEST.timeseries) {
      reader.skip()
      continue
    }
    reader.expect(BYTES)
    const outer = reader.enter()
    const series = readOneSeries(reader, symbols)
    reader.leave(outer)
    yield series
  }
}

const utf8 = new TextDecoder()

/** Symbols may stand behind the series that use them. Texts are made when they are first used, and once. */
class Symbols {
  readonly #payload: Uint8Array
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  readonly #texts: (string | undefined)[] = []

  constructor(payload: Uint8Array) {
    this.#payload = payload
    const reader = new ProtoReader(payload)
    while (reader.next()) {
      if (reader.field === REQUEST.symbols) takeMessage(reader, () => this.#add(reader.pos, reader.end))
      else reader.skip()
    }
  }

  text(ref: number): string {
    const known = this.#texts[ref]
    if (known !== undefined) return known
    const start = this.#starts[ref]
    if (start === undefined) {
      throw new AppError('invalid', `remote write 2.0: a reference to symbol ${ref} of ${this.#starts.length}`)
    }
    const text = utf8.decode(this.#payload.subarray(start, this.#ends[ref]))
    this.#texts[ref] = text
    return text
  }

  #add(start: number, end: number): void {
    this.#starts.push(start)
    this.#ends.push(end)
  }
}

function readOneSeries(reader: ProtoReader, symbols: Symbols): ReadSeries {
  const refs: number[] = []
  const samples: ReadSample[] = []
  const histograms: NativeHistogram[] = []
  const exemplars: ReadSeriesExemplar[] = []
  let about: Pick<ReadSeries, 'type' | 'unit' | 'help'> = { type: 'unknown', unit: '', help: '' }
  while (reader.next()) {
    if (reader.field === TIME_SERIES.labelsRefs) takeRepeated(reader, VARINT, () => reader.uint32(), refs)
    else if (reader.field === TIME_SERIES.samples) samples.push(takeMessage(reader, () => readSample(reader)))
    else if (reader.field === TIME_SERIES.histograms) histograms.push(takeMessage(reader, () => readHistogram(reader)))
    else if (reader.field === TIME_SERIES.exemplars) {
      exemplars.push(takeMessage(reader, () => readExemplar(reader, symbols)))
    } else if (reader.field === TIME_SERIES.metadata) about = takeMessage(reader, () => readMetadata(reader, symbols))
    else reader.skip()
  }
  return { labels: toLabels(refs, symbols), ...about, samples, histograms, exemplars }
}

function readSample(reader: ProtoReader): ReadSample {
  const sample = { value: 0, stale: false, timestampMs: 0, startTimestampMs: 0 }
  while (reader.next()) {
    if (reader.field === SAMPLE.value) {
      reader.expect(FIXED64)
      sample.stale = isStaleMarker(reader)
      sample.value = reader.double()
    } else if (reader.field === SAMPLE.timestamp) sample.timestampMs = Number(takeInt64(reader))
    else if (reader.field === SAMPLE.startTimestamp) sample.startTimestampMs = Number(takeInt64(reader))
    else reader.skip()
  }
  return sample
}

const STALE = 0x7ff0_0000_0000_0002n

/** Looks at the double that the reader stands before: a number would not keep a NaN's bits. */
function isStaleMarker(reader: ProtoReader): boolean {
  return reader.end - reader.pos >= 8 && reader.view.getBigUint64(reader.pos, true) === STALE
}

function readExemplar(reader: ProtoReader, symbols: Symbols): ReadSeriesExemplar {
  const refs: number[] = []
  let value = 0
  let timestampMs = 0
  while (reader.next()) {
    if (reader.field === EXEMPLAR.labelsRefs) takeRepeated(reader, VARINT, () => reader.uint32(), refs)
    else if (reader.field === EXEMPLAR.value) value = takeDouble(reader)
    else if (reader.field === EXEMPLAR.timestamp) timestampMs = Number(takeInt64(reader))
    else reader.skip()
  }
  return { labels: toLabels(refs, symbols), value, timestampMs }
}

function readMetadata(reader: ProtoReader, symbols: Symbols): Pick<ReadSeries, 'type' | 'unit' | 'help'> {
  const about = { type: 'unknown' as MetricType, unit: '', help: '' }
  while (reader.next()) {
    if (reader.field === METADATA.type) about.type = METRIC_TYPES[takeUint32(reader)] ?? 'unknown'
    else if (reader.field === METADATA.helpRef) about.help = symbols.text(takeUint32(reader))
    else if (reader.field === METADATA.unitRef) about.unit = symbols.text(takeUint32(reader))
    else reader.skip()
  }
  return about
}

function toLabels(refs: readonly number[], symbols: Symbols): ReadLabels {
  if (refs.length % 2 !== 0) throw new AppError('invalid', 'remote write 2.0: a label without a value')
  const labels: [string, string][] = []
  for (let i = 0; i < refs.length; i += 2) labels.push([symbols.text(refs[i] ?? 0), symbols.text(refs[i + 1] ?? 0)])
  return labels
}

/** The fields of a histogram, before it is known whether its counts are integers. */
interface HistogramFields {
  timestampMs: number
  startTimestampMs: number
  schema: number
  zeroThreshold: number
  sum: number
  resetHint: number
  readonly negativeSpans: BucketSpan[]
  readonly positiveSpans: BucketSpan[]
  readonly customValues: number[]
  readonly integer: { count: bigint; zeroCount: bigint; negativeDeltas: bigint[]; positiveDeltas: bigint[] }
  readonly float: { count: number; zeroCount: number; negativeCounts: number[]; positiveCounts: number[] }
  isFloat: boolean
}

function readHistogram(reader: ProtoReader): NativeHistogram {
  const fields: HistogramFields = {
    timestampMs: 0,
    startTimestampMs: 0,
    schema: 0,
    zeroThreshold: 0,
    sum: 0,
    resetHint: 0,
    negativeSpans: [],
    positiveSpans: [],
    customValues: [],
    integer: { count: 0n, zeroCount: 0n, negativeDeltas: [], positiveDeltas: [] },
    float: { count: 0, zeroCount: 0, negativeCounts: [], positiveCounts: [] },
    isFloat: false,
  }
  while (reader.next()) {
    const take = HISTOGRAM_FIELDS[reader.field]
    if (take === undefined) reader.skip()
    else take(reader, fields)
  }
  const { integer, float, isFloat, resetHint, startTimestampMs, customValues, ...rest } = fields
  return {
    ...rest,
    resetHint: RESET_HINTS[resetHint] ?? 'unspecified',
    counts: isFloat ? { kind: 'float', ...float } : { kind: 'integer', ...integer },
    ...(startTimestampMs === 0 ? {} : { startTimestampMs }),
    ...(customValues.length === 0 ? {} : { customValues }),
  }
}

type TakeField = (reader: ProtoReader, fields: HistogramFields) => unknown

const HISTOGRAM_FIELDS: Readonly<Record<number, TakeField>> = {
  [HISTOGRAM.countInt]: (reader, { integer }) => (integer.count = takeUint64(reader)),
  [HISTOGRAM.countFloat]: (reader, fields) => {
    fields.float.count = takeDouble(reader)
    fields.isFloat = true
  },
  [HISTOGRAM.sum]: (reader, fields) => (fields.sum = takeDouble(reader)),
  [HISTOGRAM.schema]: (reader, fields) => (fields.schema = takeSint32(reader)),
  [HISTOGRAM.zeroThreshold]: (reader, fields) => (fields.zeroThreshold = takeDouble(reader)),
  [HISTOGRAM.zeroCountInt]: (reader, { integer }) => (integer.zeroCount = takeUint64(reader)),
  [HISTOGRAM.zeroCountFloat]: (reader, { float }) => (float.zeroCount = takeDouble(reader)),
  [HISTOGRAM.negativeSpans]: (reader, { negativeSpans }) => negativeSpans.push(readSpan(reader)),
  [HISTOGRAM.negativeDeltas]: (reader, { integer }) =>
    takeRepeated(reader, VARINT, () => reader.sint64(), integer.negativeDeltas),
  [HISTOGRAM.negativeCounts]: (reader, { float }) =>
    takeRepeated(reader, FIXED64, () => reader.double(), float.negativeCounts),
  [HISTOGRAM.positiveSpans]: (reader, { positiveSpans }) => positiveSpans.push(readSpan(reader)),
  [HISTOGRAM.positiveDeltas]: (reader, { integer }) =>
    takeRepeated(reader, VARINT, () => reader.sint64(), integer.positiveDeltas),
  [HISTOGRAM.positiveCounts]: (reader, { float }) =>
    takeRepeated(reader, FIXED64, () => reader.double(), float.positiveCounts),
  [HISTOGRAM.resetHint]: (reader, fields) => (fields.resetHint = takeUint32(reader)),
  [HISTOGRAM.timestamp]: (reader, fields) => (fields.timestampMs = Number(takeInt64(reader))),
  [HISTOGRAM.customValues]: (reader, { customValues }) =>
    takeRepeated(reader, FIXED64, () => reader.double(), customValues),
  [HISTOGRAM.startTimestamp]: (reader, fields) => (fields.startTimestampMs = Number(takeInt64(reader))),
}

function readSpan(reader: ProtoReader): BucketSpan {
  return takeMessage(reader, () => {
    const span = { offset: 0, length: 0 }
    while (reader.next()) {
      if (reader.field === BUCKET_SPAN.offset) span.offset = takeSint32(reader)
      else if (reader.field === BUCKET_SPAN.length) span.length = takeUint32(reader)
      else reader.skip()
    }
    return span
  })
}
