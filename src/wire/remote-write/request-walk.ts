import { AppError } from '../../core/index.ts'
import { BYTES, FIXED64, ProtoReader, VARINT } from '../proto/index.ts'

/**
 * What this file knows of `io.prometheus.write.v2.Request` (remote write 2.0):
 *
 *     Request    { repeated string symbols = 4; repeated TimeSeries timeseries = 5 }
 *     TimeSeries { repeated uint32 labels_refs = 1; repeated Sample samples = 2; repeated Histogram histograms = 3;
 *                  repeated Exemplar exemplars = 4; Metadata metadata = 5 }
 *
 * `labels_refs` are pairs of indexes into `symbols`: name, value, name, value, …
 */
export const SYMBOLS = 4
export const TIME_SERIES = 5
export const LABELS_REFS = 1
const SAMPLES = 2
const HISTOGRAMS = 3
const EXEMPLARS = 4
const METADATA = 5

type WireTypes = readonly (number | undefined)[]

const SAMPLE_FIELDS: WireTypes = [undefined, FIXED64, VARINT, VARINT]
const HISTOGRAM_FIELDS: WireTypes = [
  undefined,
  VARINT, // count_int
  FIXED64, // count_float
  FIXED64, // sum
  VARINT, // schema
  FIXED64, // zero_threshold
  VARINT, // zero_count_int
  FIXED64, // zero_count_float
  BYTES, // negative_spans
  VARINT, // negative_deltas
  FIXED64, // negative_counts
  BYTES, // positive_spans
  VARINT, // positive_deltas
  FIXED64, // positive_counts
  VARINT, // reset_hint
  VARINT, // timestamp
  FIXED64, // custom_values
  VARINT, // start_timestamp
]
const HISTOGRAM_PACKED = new Set([9, 10, 12, 13, 16])
const HISTOGRAM_SPANS = new Set([8, 11])
const SPAN_FIELDS: WireTypes = [undefined, VARINT, VARINT]
const EXEMPLAR_FIELDS: WireTypes = [undefined, undefined, FIXED64, VARINT]
const METADATA_FIELDS: WireTypes = [undefined, VARINT, undefined, VARINT, VARINT]
const METADATA_REFS = new Set([3, 4])

/** More labels than any series has; the refusal keeps one series from costing what a whole request may. */
const MAX_LABELS = 1_024

/** The symbols of a request: their texts stay in the bytes until somebody asks. */
export interface SymbolTable {
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  /** Behind the last symbol's field, where another may be put. */
  readonly end: number
}

/** Symbols may stand behind the series that use them, so they are looked up before anything else. */
export function findSymbols(bytes: Uint8Array): SymbolTable {
  const reader = new ProtoReader(bytes)
  const starts: number[] = []
  const ends: number[] = []
  let end = 0
  while (reader.next()) {
    if (reader.field !== SYMBOLS) {
      reader.skip()
      continue
    }
    reader.expect(BYTES)
    const outer = reader.enter()
    starts.push(reader.pos)
    ends.push(reader.end)
    reader.leave(outer)
    end = reader.pos
  }
  if (starts.length > 0 && starts[0] !== ends[0]) throw malformed('the first symbol is not the empty text')
  return { starts, ends, end }
}

/**
 * Walks over one series, which the reader has just entered, and checks it. Returns the number of its samples and
 * histograms; its label references are appended to `refs`.
 */
export function walkSeries(reader: ProtoReader, symbolCount: number, refs: number[]): number {
  let items = 0
  while (reader.next()) {
    switch (reader.field) {
      case LABELS_REFS:
        readRefs(reader, symbolCount, refs)
        break
      case SAMPLES:
        items += 1
        checkFields(reader, SAMPLE_FIELDS)
        break
      case HISTOGRAMS:
        items += 1
        checkHistogram(reader)
        break
      case EXEMPLARS:
        checkExemplar(reader, symbolCount)
        break
      case METADATA:
        checkMetadata(reader, symbolCount)
        break
      default:
        reader.skip()
    }
  }
  if (refs.length % 2 !== 0) throw malformed('a series has a label without a value')
  return items
}

function readRefs(reader: ProtoReader, symbolCount: number, refs: number[]): void {
  if (reader.wireType === VARINT) {
    refs.push(toRef(reader.uint32(), symbolCount))
  } else {
    reader.expect(BYTES)
    const outer = reader.enter()
    while (reader.pos < reader.end) refs.push(toRef(reader.uint32(), symbolCount))
    reader.leave(outer)
  }
  if (refs.length > 2 * MAX_LABELS) throw malformed(`a series has more than ${String(MAX_LABELS)} labels`)
}

function toRef(ref: number, symbolCount: number): number {
  if (ref >= symbolCount) throw malformed(`a reference to symbol ${String(ref)} of ${String(symbolCount)}`)
  return ref
}

function checkFields(reader: ProtoReader, wireTypes: WireTypes): void {
  reader.expect(BYTES)
  const outer = reader.enter()
  while (reader.next()) {
    const wireType = wireTypes[reader.field]
    if (wireType !== undefined) reader.expect(wireType)
    reader.skip()
  }
  reader.leave(outer)
}

function checkHistogram(reader: ProtoReader): void {
  reader.expect(BYTES)
  const outer = reader.enter()
  while (reader.next()) {
    const wireType = HISTOGRAM_FIELDS[reader.field]
    if (HISTOGRAM_SPANS.has(reader.field)) checkFields(reader, SPAN_FIELDS)
    else if (wireType !== undefined && HISTOGRAM_PACKED.has(reader.field)) checkPacked(reader, wireType)
    else {
      if (wireType !== undefined) reader.expect(wireType)
      reader.skip()
    }
  }
  reader.leave(outer)
}

function checkPacked(reader: ProtoReader, wireType: number): void {
  if (reader.wireType === wireType) {
    reader.skip()
    return
  }
  reader.expect(BYTES)
  const outer = reader.enter()
  if (wireType === VARINT) while (reader.pos < reader.end) reader.skipVarint()
  else if ((reader.end - reader.pos) % 8 !== 0) throw malformed('a packed field is cut off')
  reader.leave(outer)
}

function checkExemplar(reader: ProtoReader, symbolCount: number): void {
  reader.expect(BYTES)
  const outer = reader.enter()
  const refs: number[] = []
  while (reader.next()) {
    if (reader.field === LABELS_REFS) {
      readRefs(reader, symbolCount, refs)
      continue
    }
    const wireType = EXEMPLAR_FIELDS[reader.field]
    if (wireType !== undefined) reader.expect(wireType)
    reader.skip()
  }
  reader.leave(outer)
  if (refs.length % 2 !== 0) throw malformed('an exemplar has a label without a value')
}

function checkMetadata(reader: ProtoReader, symbolCount: number): void {
  reader.expect(BYTES)
  const outer = reader.enter()
  while (reader.next()) {
    const wireType = METADATA_FIELDS[reader.field]
    if (wireType !== undefined) reader.expect(wireType)
    if (METADATA_REFS.has(reader.field)) toRef(reader.uint32(), symbolCount)
    else reader.skip()
  }
  reader.leave(outer)
}

function malformed(what: string): AppError {
  return new AppError('invalid', `remote write 2.0: ${what}`)
}
