import { AppError } from '../../core/index.ts'
import { METRIC_TYPES } from '../metric-type.ts'
import { BYTES, FIXED64, ProtoReader, ProtoWriter, VARINT } from '../proto/index.ts'
import {
  EXEMPLAR,
  EXEMPLAR_1,
  LABEL_1,
  METADATA,
  METADATA_1,
  REQUEST,
  REQUEST_1,
  SAMPLE,
  TIME_SERIES,
  TIME_SERIES_1,
} from './fields.ts'
import { HistogramCheck } from './histogram-check.ts'
import { takeSigned } from './numbers.ts'
import { SeriesLabels } from './series-labels.ts'
import { countCharacters, equalBytes, SymbolIndex } from './symbol-index.ts'
import {
  DEFAULT_REMOTE_WRITE_LIMITS,
  EXEMPLAR_CHARACTERS,
  type RemoteWriteLimits,
  type RemoteWriteVerdict,
  toSeriesNames,
  VerdictCounts,
} from './verdict.ts'

/** Tags in wire form, for the parts that are written most often. */
const SAMPLE_VALUE_TAG = (SAMPLE.value << 3) | FIXED64
const SAMPLE_TIME_TAG = (SAMPLE.timestamp << 3) | VARINT
const LABELS_TAG = (TIME_SERIES_1.labels << 3) | BYTES

/**
 * Reads a `prometheus.WriteRequest` (remote write 1.0) in one pass and writes what is good of it as a request of remote
 * write 2.0, the form that metrics of Prometheus have inside. A series, sample or histogram that is bad is counted and
 * left out. Values are copied bit for bit, so staleness markers survive. Metadata goes to the series of its family; if
 * the request holds none of them, which is how Prometheus sends it, to a series of its own without samples.
 *
 * Throws AppError `invalid` where the bytes are no such request.
 */
export function remoteWrite1ToRequest2(
  bytes: Uint8Array,
  limits: RemoteWriteLimits = DEFAULT_REMOTE_WRITE_LIMITS,
): RemoteWriteVerdict {
  return new Request1Reader(bytes, limits).run()
}

interface Family {
  readonly type: number
  readonly name: string
  readonly help: number
  readonly unit: number
  isUsed: boolean
}

class Request1Reader {
  readonly #bytes: Uint8Array
  readonly #limits: RemoteWriteLimits
  readonly #reader: ProtoReader
  readonly #symbols: SymbolIndex
  readonly #labels: SeriesLabels
  readonly #series: ProtoWriter
  /** The samples, histograms and exemplars of the present series, which come behind its labels. */
  readonly #items = new ProtoWriter(4_096)
  readonly #exemplarLabels = new ProtoWriter(256)
  readonly #histograms = new HistogramCheck()
  readonly counts = new VerdictCounts()
  /** Of the series before: where its labels lie, and the symbols that they became. */
  #labelStarts = new Int32Array(16)
  #labelLengths = new Int32Array(16)
  #labelRefs = new Int32Array(32)
  #labelsBefore = 0
  #labelCount = 0
  // Of the present series.
  /** Samples and histograms, good or not. */
  #samples = 0
  #goodSamples = 0
  #goodHistograms = 0
  #goodExemplars = 0
  /** By the names of their series, as long as the request has metadata. */
  readonly #families = new Map<string, Family>()
  readonly #familyBySymbol = new Map<number, Family | undefined>()

  constructor(bytes: Uint8Array, limits: RemoteWriteLimits) {
    this.#bytes = bytes
    this.#limits = limits
    this.#reader = new ProtoReader(bytes)
    this.#symbols = new SymbolIndex(bytes)
    this.#labels = new SeriesLabels(this.#symbols, limits)
    this.#series = new ProtoWriter(Math.max(256, bytes.length >>> 1))
  }

  run(): RemoteWriteVerdict {
    const reader = this.#reader
    this.#readMetadata()
    while (reader.next()) {
      if (reader.field !== REQUEST_1.timeseries) {
        reader.skip()
        continue
      }
      reader.expect(BYTES)
      const outer = reader.enter()
      this.#timeSeries()
      reader.leave(outer)
    }
    this.#writeUnusedFamilies()
    return this.counts.toVerdict(this.#finish())
  }

  #finish(): Uint8Array {
    if (this.#series.length === 0) return new Uint8Array(0)
    const { table } = this.#symbols
    const payload = new Uint8Array(table.length + this.#series.length)
    payload.set(table.view())
    payload.set(this.#series.view(), table.length)
    return payload
  }

  #timeSeries(): void {
    const reader = this.#reader
    this.counts.index += 1
    this.#labels.clear()
    this.#items.reset()
    this.#labelsBefore = this.#labelCount
    this.#labelCount = 0
    this.#samples = 0
    this.#goodSamples = 0
    this.#goodHistograms = 0
    this.#goodExemplars = 0
    while (reader.next()) {
      switch (reader.field) {
        case TIME_SERIES_1.labels:
          reader.expect(BYTES)
          this.#someLabels()
          break
        case TIME_SERIES_1.samples:
          reader.expect(BYTES)
          this.#sample()
          break
        case TIME_SERIES_1.exemplars:
          reader.expect(BYTES)
          this.#exemplar()
          break
        case TIME_SERIES_1.histograms:
          reader.expect(BYTES)
          this.#histogram()
          break
        default:
          reader.skip()
      }
    }
    this.#endSeries()
  }

  #endSeries(): void {
    const { counts } = this
    const problem = this.#labels.check()
    if (problem !== undefined) {
      const items = this.#goodSamples + this.#goodHistograms
      if (items > 0 || this.#samples === 0) counts.reject(problem, Math.max(1, items))
      return
    }
    const family = this.#familyOf(this.#labels.metric)
    if (this.#items.length === 0 && family === undefined) return
    counts.series += 1
    counts.samples += this.#goodSamples
    counts.histograms += this.#goodHistograms
    counts.exemplars += this.#goodExemplars
    const writer = this.#series
    const series = writer.begin(REQUEST.timeseries)
    const refs = writer.begin(TIME_SERIES.labelsRefs)
    for (let i = 0; i < this.#labels.count; i++) writer.varint32(this.#labels.refs[i] ?? 0)
    writer.end(refs)
    writer.append(this.#items)
    if (family !== undefined) this.#writeFamily(family)
    writer.end(series)
  }

  /**
   * The labels from the one whose tag was read. Most stand where the series before had the very same, which one
   * comparison of bytes finds out.
   */
  #someLabels(): void {
    const reader = this.#reader
    const { bytes, view, end } = reader
    const labels = this.#labels
    do {
      const length = reader.length()
      const start = reader.pos
      const place = this.#labelCount++
      const isSame =
        place < this.#labelsBefore &&
        this.#labelLengths[place] === length &&
        equalBytes(view, this.#labelStarts[place] ?? 0, start, length)
      if (!isSame) this.#newLabel(place, start, length)
      labels.push(this.#labelRefs[2 * place] ?? 0)
      labels.push(this.#labelRefs[2 * place + 1] ?? 0)
      reader.pos = start + length
      reader.end = end
    } while (reader.pos < end && bytes[reader.pos] === LABELS_TAG && ++reader.pos > 0)
  }

  #newLabel(place: number, start: number, length: number): void {
    if (place === this.#labelStarts.length) this.#widen()
    this.#labelStarts[place] = start
    this.#labelLengths[place] = length
    this.#reader.end = start + length
    this.#readLabel(place)
  }

  #readLabel(place: number): void {
    const reader = this.#reader
    let name = 0
    let value = 0
    while (reader.next()) {
      if (reader.field === LABEL_1.name) name = this.#name(place)
      else if (reader.field === LABEL_1.value) value = this.#text()
      else reader.skip()
    }
    this.#labelRefs[2 * place] = name
    this.#labelRefs[2 * place + 1] = value
  }

  /** The symbol of a label's name: most likely the one that the series before has in this place. */
  #name(place: number): number {
    const reader = this.#reader
    reader.expect(BYTES)
    const outer = reader.enter()
    const start = reader.pos
    const length = reader.end - start
    const before = this.#labelRefs[2 * place] ?? 0
    const symbols = this.#symbols
    const isSame = symbols.length(before) === length && equalBytes(reader.view, symbols.start(before), start, length)
    const symbol = isSame ? before : symbols.refer(start, reader.end)
    reader.leave(outer)
    return symbol
  }

  /** The symbol of the text that the current field holds. */
  #text(): number {
    const reader = this.#reader
    reader.expect(BYTES)
    const outer = reader.enter()
    const symbol = this.#symbols.refer(reader.pos, reader.end)
    reader.leave(outer)
    return symbol
  }

  #sample(): void {
    const reader = this.#reader
    const outer = reader.enter()
    const start = reader.pos
    const { bytes } = reader
    this.#samples += 1
    let isPlain = true
    let valueAt = -1
    let ms = 0
    // Nearly all samples are these two fields in this order.
    if (reader.end - start > 10 && bytes[start] === SAMPLE_VALUE_TAG && bytes[start + 9] === SAMPLE_TIME_TAG) {
      reader.pos = start + 10
      valueAt = start + 1
      ms = takeSigned(reader)
    }
    while (reader.next()) {
      isPlain = false
      if (reader.field === SAMPLE.value) {
        reader.expect(FIXED64)
        valueAt = reader.pos
        reader.skip()
      } else if (reader.field === SAMPLE.timestamp) {
        reader.expect(VARINT)
        ms = takeSigned(reader)
      } else reader.skip()
    }
    if (this.#accepts(ms)) {
      this.#goodSamples += 1
      if (isPlain && reader.pos > start) this.#items.bytesRange(TIME_SERIES.samples, bytes, start, reader.pos)
      else this.#writeSample(valueAt, ms)
    }
    reader.leave(outer)
  }

  #writeSample(valueAt: number, ms: number): void {
    const writer = this.#items
    const sample = writer.begin(TIME_SERIES.samples)
    if (valueAt >= 0) {
      writer.tag(SAMPLE.value, FIXED64)
      writer.rawRange(this.#bytes, valueAt, valueAt + 8)
    }
    if (ms !== 0) writer.int64(SAMPLE.timestamp, BigInt(ms))
    writer.end(sample)
  }

  #histogram(): void {
    const reader = this.#reader
    const outer = reader.enter()
    const start = reader.pos
    this.#samples += 1
    const isValid = this.#histograms.isValid(reader)
    if (!isValid) this.counts.reject('bad_histogram', 1)
    else if (this.#accepts(this.#histograms.ms)) {
      this.#goodHistograms += 1
      this.#items.bytesRange(TIME_SERIES.histograms, this.#bytes, start, reader.end)
    }
    reader.leave(outer)
  }

  #accepts(ms: number): boolean {
    if (ms >= this.#limits.earliestMs && ms <= this.#limits.latestMs) return true
    this.counts.reject(ms < this.#limits.earliestMs ? 'too_old' : 'too_new', 1)
    return false
  }

  #exemplar(): void {
    const reader = this.#reader
    const outer = reader.enter()
    const refs = this.#exemplarLabels
    refs.reset()
    const names = new Set<number>()
    let valueAt = -1
    let ms = 0
    let characters = 0
    let isValid = true
    while (reader.next()) {
      if (reader.field === EXEMPLAR_1.labels) {
        reader.expect(BYTES)
        const inner = reader.enter()
        const { name, value } = this.#exemplarLabel()
        reader.leave(inner)
        characters += this.#characters(name) + this.#characters(value)
        isValid &&= name !== 0 && !names.has(name) && this.#symbols.isText(name) && this.#symbols.isText(value)
        names.add(name)
        refs.varint32(name)
        refs.varint32(value)
      } else if (reader.field === EXEMPLAR_1.value) {
        reader.expect(FIXED64)
        valueAt = reader.pos
        reader.skip()
      } else if (reader.field === EXEMPLAR_1.timestamp) {
        reader.expect(VARINT)
        ms = takeSigned(reader)
      } else reader.skip()
    }
    reader.leave(outer)
    if (isValid && characters <= EXEMPLAR_CHARACTERS) this.#writeExemplar(valueAt, ms)
    else this.counts.rejectExemplar()
  }

  #exemplarLabel(): { readonly name: number; readonly value: number } {
    const reader = this.#reader
    let name = 0
    let value = 0
    while (reader.next()) {
      if (reader.field === LABEL_1.name) name = this.#text()
      else if (reader.field === LABEL_1.value) value = this.#text()
      else reader.skip()
    }
    return { name, value }
  }

  #characters(symbol: number): number {
    const start = this.#symbols.start(symbol)
    return countCharacters(this.#bytes, start, start + this.#symbols.length(symbol))
  }

  #writeExemplar(valueAt: number, ms: number): void {
    this.#goodExemplars += 1
    const writer = this.#items
    const exemplar = writer.begin(TIME_SERIES.exemplars)
    if (this.#exemplarLabels.length > 0) writer.bytes(EXEMPLAR.labelsRefs, this.#exemplarLabels.view())
    if (valueAt >= 0) {
      writer.tag(EXEMPLAR.value, FIXED64)
      writer.rawRange(this.#bytes, valueAt, valueAt + 8)
    }
    if (ms !== 0) writer.int64(EXEMPLAR.timestamp, BigInt(ms))
    writer.end(exemplar)
  }

  /** The metadata of the request, which stands behind the series that it speaks of. */
  #readMetadata(): void {
    const reader = this.#reader
    while (reader.next()) {
      if (reader.field !== REQUEST_1.metadata) {
        reader.skip()
        continue
      }
      reader.expect(BYTES)
      const outer = reader.enter()
      const family = this.#readFamily()
      reader.leave(outer)
      if (family === undefined) continue
      this.counts.metadata += 1
      for (const name of toSeriesNames(family.name, family.type)) this.#families.set(name, family)
    }
    reader.pos = 0
  }

  #readFamily(): Family | undefined {
    const reader = this.#reader
    let type = 0
    let name = 0
    let help = 0
    let unit = 0
    while (reader.next()) {
      switch (reader.field) {
        case METADATA_1.type:
          reader.expect(VARINT)
          type = reader.uint32()
          break
        case METADATA_1.familyName:
          name = this.#text()
          break
        case METADATA_1.help:
          help = this.#text()
          break
        case METADATA_1.unit:
          unit = this.#text()
          break
        default:
          reader.skip()
      }
    }
    const isKnown = type < METRIC_TYPES.length
    if (name === 0 || ![name, help, unit].every((symbol) => this.#symbols.isText(symbol))) return undefined
    return { type: isKnown ? type : 0, name: this.#toText(name), help, unit, isUsed: false }
  }

  #familyOf(metric: number): Family | undefined {
    if (this.#families.size === 0) return undefined
    if (!this.#familyBySymbol.has(metric)) this.#familyBySymbol.set(metric, this.#families.get(this.#toText(metric)))
    return this.#familyBySymbol.get(metric)
  }

  #writeFamily(family: Family): void {
    family.isUsed = true
    const writer = this.#series
    const metadata = writer.begin(TIME_SERIES.metadata)
    if (family.type !== 0) writer.uint32(METADATA.type, family.type)
    if (family.help !== 0) writer.uint32(METADATA.helpRef, family.help)
    if (family.unit !== 0) writer.uint32(METADATA.unitRef, family.unit)
    writer.end(metadata)
  }

  #writeUnusedFamilies(): void {
    if (this.#families.size === 0) return
    const table = this.#symbols.table
    // Texts that the request need not have: they go to the end of the table.
    const nameSymbol = this.#symbols.count
    table.string(REQUEST.symbols, '__name__')
    let next = nameSymbol + 1
    for (const [name, family] of this.#families) {
      if (family.isUsed || name !== family.name) continue
      table.string(REQUEST.symbols, name)
      const writer = this.#series
      const series = writer.begin(REQUEST.timeseries)
      const refs = writer.begin(TIME_SERIES.labelsRefs)
      writer.varint32(nameSymbol)
      writer.varint32(next++)
      writer.end(refs)
      this.#writeFamily(family)
      writer.end(series)
    }
  }

  #toText(symbol: number): string {
    const start = this.#symbols.start(symbol)
    return Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + start, this.#symbols.length(symbol)).toString()
  }

  #widen(): void {
    const size = 2 * this.#labelStarts.length
    if (size > this.#bytes.length + 32) throw new AppError('internal', 'BUG: more labels than bytes')
    this.#labelStarts = widened(this.#labelStarts, size)
    this.#labelLengths = widened(this.#labelLengths, size)
    this.#labelRefs = widened(this.#labelRefs, 2 * size)
  }
}

function widened(from: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(size)
  to.set(from)
  return to
}
