import { BYTES, METRIC_TYPES, type ProtoReader, VARINT } from '../../wire/index.ts'
import type { BatchContext } from './batch-context.ts'
import type { SeriesDirectory } from './directories.ts'
import { ExemplarRows } from './exemplar-rows.ts'
import { Hash64 } from './hash64.ts'
import { HistogramRows } from './histogram-rows.ts'
import type { MetadataDirectory } from './metadata-rows.ts'
import { NumberList, takeSignedVarint } from './number-list.ts'
import { ByteRange, RangeList, takeFixed64 } from './payload.ts'
import { readNativeHistogram } from './remote-write-histogram.ts'
import { readLabels, RemoteWriteSeries } from './remote-write-series.ts'
import { SymbolTable } from './remote-write-symbols.ts'
import { SampleRows } from './sample-rows.ts'
import { StartRows } from './start-rows.ts'
import type { Tables } from './tables.ts'

/** What the transcoding of remote write remembers from batch to batch. */
export interface RemoteWriteState {
  readonly series: SeriesDirectory
  readonly metadata: MetadataDirectory
}

/** The field numbers of io.prometheus.write.v2. */
const TIMESERIES = 5
const SERIES_LABELS = 1
const SERIES_SAMPLES = 2
const SERIES_HISTOGRAMS = 3
const SERIES_EXEMPLARS = 4
const SERIES_METADATA = 5
const SAMPLE_VALUE = 1
const SAMPLE_TIME = 2
const SAMPLE_START = 3
const EXEMPLAR_LABELS = 1
const EXEMPLAR_VALUE = 2
const EXEMPLAR_TIME = 3
const METADATA_TYPE = 1
const METADATA_HELP = 3
const METADATA_UNIT = 4
/** The first symbol is the empty string. */
const NO_SYMBOL = 0

/** Remote write 2.0 → rows of `series`, `samples`, `histograms`, `exemplars` and `metric_metadata`. */
export function transcodeRemoteWrite(tables: Tables, batch: BatchContext, state: RemoteWriteState): void {
  const { reader } = batch
  const symbols = new SymbolTable(reader)
  const transcoder = new RemoteWriteTranscoder(tables, batch, state, symbols)
  while (reader.next()) {
    if (reader.field !== TIMESERIES) {
      reader.skip()
      continue
    }
    reader.expect(BYTES)
    const outer = reader.enter()
    transcoder.timeSeries()
    reader.leave(outer)
  }
}

/** Reads one TimeSeries after the other. */
class RemoteWriteTranscoder {
  readonly #tables: Tables
  readonly #batch: BatchContext
  readonly #reader: ProtoReader
  readonly #state: RemoteWriteState
  readonly #symbols: SymbolTable
  readonly #series: RemoteWriteSeries
  readonly #samples: SampleRows
  readonly #histograms: HistogramRows
  readonly #starts: StartRows
  readonly #exemplars: ExemplarRows
  readonly #hash = new Hash64()
  // Where the parts of the present TimeSeries lie.
  readonly #labels = new NumberList()
  readonly #sampleRanges = new RangeList()
  readonly #histogramRanges = new RangeList()
  readonly #exemplarRanges = new RangeList()
  readonly #metadata = new ByteRange()

  constructor(tables: Tables, batch: BatchContext, state: RemoteWriteState, symbols: SymbolTable) {
    this.#tables = tables
    this.#batch = batch
    this.#reader = batch.reader
    this.#state = state
    this.#symbols = symbols
    this.#series = new RemoteWriteSeries(tables, batch, state.series, symbols)
    this.#samples = new SampleRows(tables, batch)
    this.#histograms = new HistogramRows(tables, batch)
    this.#starts = new StartRows(tables, batch)
    this.#exemplars = new ExemplarRows(tables, batch)
  }

  /** Reads the TimeSeries that the reader stands in. */
  timeSeries(): void {
    const reader = this.#reader
    this.#read()
    this.#series.begin(this.#labels)
    const { pos: outerPos, end: outerEnd } = reader
    for (let i = 0; i < this.#sampleRanges.count; i++) {
      enter(reader, this.#sampleRanges, i)
      this.#pushSample()
    }
    for (let i = 0; i < this.#histogramRanges.count; i++) {
      enter(reader, this.#histogramRanges, i)
      this.#pushHistogram()
    }
    for (let i = 0; i < this.#exemplarRanges.count; i++) {
      enter(reader, this.#exemplarRanges, i)
      this.#pushExemplar()
    }
    this.#pushMetadata()
    reader.pos = outerPos
    reader.end = outerEnd
  }

  #read(): void {
    const reader = this.#reader
    this.#labels.clear()
    this.#sampleRanges.clear()
    this.#histogramRanges.clear()
    this.#exemplarRanges.clear()
    this.#metadata.clear()
    while (reader.next()) {
      switch (reader.field) {
        case SERIES_LABELS:
          this.#labels.takeVarints(reader)
          break
        case SERIES_SAMPLES:
          this.#sampleRanges.take(reader)
          break
        case SERIES_HISTOGRAMS:
          this.#histogramRanges.take(reader)
          break
        case SERIES_EXEMPLARS:
          this.#exemplarRanges.take(reader)
          break
        case SERIES_METADATA:
          this.#metadata.take(reader)
          break
        default:
          reader.skip()
      }
    }
  }

  #pushSample(): void {
    const reader = this.#reader
    let low = 0
    let high = 0
    let ms = 0
    let startMs = 0
    while (reader.next()) {
      if (reader.field === SAMPLE_VALUE) {
        const at = takeFixed64(reader)
        low = reader.view.getUint32(at, true)
        high = reader.view.getUint32(at + 4, true)
      } else if (reader.field === SAMPLE_TIME) {
        reader.expect(VARINT)
        ms = takeSignedVarint(reader)
      } else if (reader.field === SAMPLE_START && reader.wireType === VARINT) {
        startMs = takeSignedVarint(reader)
      } else {
        reader.skip()
      }
    }
    if (!this.#accepts(ms)) return
    this.#samples.pushBits(this.#series, ms, low, high)
    this.#pushStart(ms, startMs)
  }

  #pushHistogram(): void {
    const { ms, startMs, histogram } = readNativeHistogram(this.#reader)
    if (histogram === undefined) {
      this.#batch.reject('bad_histogram')
      return
    }
    if (!this.#accepts(ms)) return
    this.#histograms.push(this.#series, ms, histogram)
    this.#pushStart(ms, startMs)
  }

  /** A start that cannot be stored is as good as none: it is part of a sample, not one itself. */
  #pushStart(ms: number, startMs: number): void {
    if (startMs !== 0 && this.#batch.isStorable(startMs)) this.#starts.push(this.#series, ms, startMs)
  }

  /** Whether an item of the present series at this time becomes a row; if not, it is counted as rejected. */
  #accepts(ms: number): boolean {
    if (!this.#batch.acceptsTime(ms)) return false
    if (this.#series.resolve(ms)) return true
    this.#batch.reject(this.#series.problem ?? 'bad_labels')
    return false
  }

  /** Exemplars are no items: one that cannot be stored is left out. */
  #pushExemplar(): void {
    const reader = this.#reader
    const references = new NumberList()
    let value = 0
    let ms = 0
    while (reader.next()) {
      if (reader.field === EXEMPLAR_LABELS) references.takeVarints(reader)
      else if (reader.field === EXEMPLAR_VALUE) value = reader.view.getFloat64(takeFixed64(reader), true)
      else if (reader.field === EXEMPLAR_TIME && reader.wireType === VARINT) ms = takeSignedVarint(reader)
      else reader.skip()
    }
    const labels = readLabels(this.#symbols, references)
    if (labels === undefined || !this.#batch.isStorable(ms) || !this.#series.resolve(ms)) return
    this.#exemplars.push(this.#series, ms, value, labels)
  }

  #pushMetadata(): void {
    const { problem } = this.#series
    const name = this.#series.nameSymbol()
    if (this.#metadata.isEmpty || problem !== undefined || name === NO_SYMBOL) return
    const { type, help, unit } = this.#readMetadata()
    if (type === 0 && help === NO_SYMBOL && unit === NO_SYMBOL) return
    const hash = this.#hash
    hash.start(type, 0)
    for (const symbol of [name, help, unit]) hash.words(this.#symbols.hashLow(symbol), this.#symbols.hashHigh(symbol))
    hash.finish()
    if (!this.#state.metadata.isDue(this.#batch, hash.low, hash.high)) return
    const word = METRIC_TYPES[type] ?? 'unknown'
    this.#state.metadata.push(this.#tables, this.#batch, {
      name: familyName(this.#symbols.text(name) ?? '', word),
      type: word,
      unit: this.#symbols.text(unit) ?? '',
      help: this.#symbols.text(help) ?? '',
    })
  }

  #readMetadata(): { readonly type: number; readonly help: number; readonly unit: number } {
    const reader = this.#reader
    reader.pos = this.#metadata.start
    reader.end = this.#metadata.end
    let type = 0
    let help = NO_SYMBOL
    let unit = NO_SYMBOL
    while (reader.next()) {
      if (reader.wireType !== VARINT) reader.skip()
      else if (reader.field === METADATA_TYPE) type = reader.uint32()
      else if (reader.field === METADATA_HELP) help = reader.uint32()
      else if (reader.field === METADATA_UNIT) unit = reader.uint32()
      else reader.skip()
    }
    return { type, help, unit }
  }
}

/** Metadata is the family's; the series of a histogram or summary have longer names. */
function familyName(series: string, type: string): string {
  if (type === 'histogram' || type === 'gaugehistogram') return series.replace(/_(?:bucket|sum|count|gsum|gcount)$/, '')
  if (type === 'summary') return series.replace(/_(?:sum|count)$/, '')
  return series
}

function enter(reader: ProtoReader, ranges: RangeList, i: number): void {
  reader.pos = ranges.start(i)
  reader.end = ranges.end(i)
}
