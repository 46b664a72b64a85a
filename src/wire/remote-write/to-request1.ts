import { AppError } from '../../core/index.ts'
import { METRIC_TYPES } from '../metric-type.ts'
import { BYTES, FIXED64, ProtoReader, ProtoWriter, VARINT } from '../proto/index.ts'
import {
  EXEMPLAR,
  EXEMPLAR_1,
  HISTOGRAM,
  LABEL_1,
  METADATA,
  METADATA_1,
  REQUEST,
  REQUEST_1,
  SAMPLE,
  TIME_SERIES,
  TIME_SERIES_1,
} from './fields.ts'
import { findSymbols, type SymbolTable } from './request-walk.ts'
import { toFamilyName } from './verdict.ts'

const METRIC_NAME = '__name__'

/**
 * A request of remote write 2.0 as a `prometheus.WriteRequest` (1.0), for receivers that speak nothing else. What 1.0
 * can not say is left out: when a counter began. Metadata is written once for each family, behind the series; a series
 * that has nothing but metadata is not written at all.
 *
 * Throws AppError `invalid` on what is no valid request.
 */
export function remoteWrite2ToRequest1(bytes: Uint8Array): Uint8Array {
  return new Request1Writer(bytes).run()
}

class Request1Writer {
  readonly #bytes: Uint8Array
  readonly #reader: ProtoReader
  readonly #symbols: SymbolTable
  readonly #writer: ProtoWriter
  readonly #items = new ProtoWriter(4_096)
  readonly #refs: number[] = []
  readonly #families = new Map<string, { readonly type: number; readonly help: number; readonly unit: number }>()

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#reader = new ProtoReader(bytes)
    this.#symbols = findSymbols(bytes)
    this.#writer = new ProtoWriter(2 * bytes.length)
  }

  run(): Uint8Array {
    const reader = this.#reader
    while (reader.next()) {
      if (reader.field !== REQUEST.timeseries) {
        reader.skip()
        continue
      }
      reader.expect(BYTES)
      const outer = reader.enter()
      this.#timeSeries()
      reader.leave(outer)
    }
    for (const [name, { type, help, unit }] of this.#families) this.#writeFamily(name, type, help, unit)
    return this.#writer.finish()
  }

  #timeSeries(): void {
    const reader = this.#reader
    this.#refs.length = 0
    this.#items.reset()
    let metadata: { readonly type: number; readonly help: number; readonly unit: number } | undefined
    while (reader.next()) {
      if (reader.field === TIME_SERIES.labelsRefs) this.#readRefs(this.#refs)
      else if (reader.field === TIME_SERIES.samples) this.#copy(TIME_SERIES_1.samples, SAMPLE.startTimestamp)
      else if (reader.field === TIME_SERIES.histograms) this.#copy(TIME_SERIES_1.histograms, HISTOGRAM.startTimestamp)
      else if (reader.field === TIME_SERIES.exemplars) this.#exemplar()
      else if (reader.field === TIME_SERIES.metadata) metadata = this.#readMetadata()
      else reader.skip()
    }
    if (metadata !== undefined) this.#noteFamily(metadata)
    if (this.#items.length === 0) return
    const writer = this.#writer
    const series = writer.begin(REQUEST_1.timeseries)
    this.#writeLabels(writer, TIME_SERIES_1.labels, this.#refs)
    writer.append(this.#items)
    writer.end(series)
  }

  /** Copies the message that the current field holds without one of its fields, which 1.0 does not know. */
  #copy(field: number, without: number): void {
    const reader = this.#reader
    reader.expect(BYTES)
    const outer = reader.enter()
    const message = this.#items.begin(field)
    let from = reader.pos
    while (reader.next()) {
      reader.skip()
      if (reader.field !== without) continue
      this.#items.rawRange(this.#bytes, from, reader.fieldStart)
      from = reader.pos
    }
    this.#items.rawRange(this.#bytes, from, reader.end)
    this.#items.end(message)
    reader.leave(outer)
  }

  #exemplar(): void {
    const reader = this.#reader
    reader.expect(BYTES)
    const outer = reader.enter()
    const refs: number[] = []
    const exemplar = this.#items.begin(TIME_SERIES_1.exemplars)
    while (reader.next()) {
      if (reader.field === EXEMPLAR.labelsRefs) {
        this.#readRefs(refs)
        continue
      }
      if (reader.field === EXEMPLAR.value) reader.expect(FIXED64)
      else if (reader.field === EXEMPLAR.timestamp) reader.expect(VARINT)
      // The same numbers in both: value and timestamp.
      reader.skip()
      this.#items.rawRange(this.#bytes, reader.fieldStart, reader.pos)
    }
    this.#writeLabels(this.#items, EXEMPLAR_1.labels, refs)
    this.#items.end(exemplar)
    reader.leave(outer)
  }

  #writeLabels(writer: ProtoWriter, field: number, refs: readonly number[]): void {
    if (refs.length % 2 !== 0) throw new AppError('invalid', 'remote write 2.0: a label has no value')
    for (let i = 0; i < refs.length; i += 2) {
      const label = writer.begin(field)
      this.#writeSymbol(writer, LABEL_1.name, refs[i] ?? 0)
      this.#writeSymbol(writer, LABEL_1.value, refs[i + 1] ?? 0)
      writer.end(label)
    }
  }

  #readRefs(refs: number[]): void {
    const reader = this.#reader
    if (reader.wireType === VARINT) {
      refs.push(reader.uint32())
      return
    }
    reader.expect(BYTES)
    const outer = reader.enter()
    while (reader.pos < reader.end) refs.push(reader.uint32())
    reader.leave(outer)
  }

  #readMetadata(): { readonly type: number; readonly help: number; readonly unit: number } {
    const reader = this.#reader
    reader.expect(BYTES)
    const outer = reader.enter()
    let type = 0
    let help = 0
    let unit = 0
    while (reader.next()) {
      if (reader.wireType !== VARINT) reader.skip()
      else if (reader.field === METADATA.type) type = reader.uint32()
      else if (reader.field === METADATA.helpRef) help = reader.uint32()
      else if (reader.field === METADATA.unitRef) unit = reader.uint32()
      else reader.skip()
    }
    reader.leave(outer)
    return { type, help, unit }
  }

  #noteFamily(metadata: { readonly type: number; readonly help: number; readonly unit: number }): void {
    for (let i = 0; i + 1 < this.#refs.length; i += 2) {
      if (this.#text(this.#refs[i] ?? 0) !== METRIC_NAME) continue
      const type = METRIC_TYPES[metadata.type] ?? 'unknown'
      this.#families.set(toFamilyName(this.#text(this.#refs[i + 1] ?? 0), type), metadata)
    }
  }

  #writeFamily(name: string, type: number, help: number, unit: number): void {
    const writer = this.#writer
    const metadata = writer.begin(REQUEST_1.metadata)
    if (type !== 0) writer.uint32(METADATA_1.type, type)
    writer.string(METADATA_1.familyName, name)
    if (help !== 0) this.#writeSymbol(writer, METADATA_1.help, help)
    if (unit !== 0) this.#writeSymbol(writer, METADATA_1.unit, unit)
    writer.end(metadata)
  }

  #writeSymbol(writer: ProtoWriter, field: number, ref: number): void {
    const { starts, ends } = this.#symbols
    if (ref >= starts.length) throw noSymbol(ref)
    writer.bytesRange(field, this.#bytes, starts[ref] ?? 0, ends[ref] ?? 0)
  }

  #text(ref: number): string {
    const { starts, ends } = this.#symbols
    if (ref >= starts.length) throw noSymbol(ref)
    return Buffer.from(this.#bytes.subarray(starts[ref], ends[ref])).toString()
  }
}

function noSymbol(ref: number): AppError {
  return new AppError('invalid', `remote write 2.0: no symbol ${String(ref)}`)
}
