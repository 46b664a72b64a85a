import { BYTES, FIXED64, ProtoReader, ProtoWriter, Splicer, VARINT } from '../proto/index.ts'
import { EXEMPLAR, METADATA, REQUEST, SAMPLE, TIME_SERIES } from './fields.ts'
import { HistogramCheck } from './histogram-check.ts'
import { takeSigned } from './numbers.ts'
import { countCharacters } from './symbol-index.ts'
import { findSymbols } from './request-walk.ts'
import { SeriesLabels } from './series-labels.ts'
import { SymbolRanges } from './symbol-ranges.ts'
import {
  DEFAULT_REMOTE_WRITE_LIMITS,
  EXEMPLAR_CHARACTERS,
  type RemoteWriteLimits,
  type RemoteWriteProblem,
  type RemoteWriteVerdict,
  VerdictCounts,
} from './verdict.ts'

/**
 * Checks a request of remote write 2.0 in one pass (after one over its symbols). Series, samples, histograms and
 * exemplars that are bad are counted and cut out; the rest stays as it stands, unknown fields with it, and a request
 * that is good altogether comes back as it is. Labels that are not sorted are sorted, those without a value are taken
 * away. Throws AppError `invalid` where the bytes are no such request, or the first symbol is not the empty text.
 */
export function readRemoteWrite2(
  bytes: Uint8Array,
  limits: RemoteWriteLimits = DEFAULT_REMOTE_WRITE_LIMITS,
): RemoteWriteVerdict {
  return new Request2Reader(bytes, limits).run()
}

class Request2Reader {
  readonly #bytes: Uint8Array
  readonly #limits: RemoteWriteLimits
  readonly #reader: ProtoReader
  readonly #symbols: SymbolRanges
  readonly #labels: SeriesLabels
  readonly #histogramCheck = new HistogramCheck()
  readonly #splicer = new Splicer()
  readonly #counts = new VerdictCounts()
  // Of the present series: all that it has, and what of it is good.
  #samples = 0
  #histograms = 0
  #goodSamples = 0
  #goodHistograms = 0
  #goodExemplars = 0
  #refusedExemplars = 0
  #hasMetadata = false
  #hasBadReference = false
  /** What is to be cut out of the present series, start and end in turn. */
  readonly #cuts: number[] = []

  constructor(bytes: Uint8Array, limits: RemoteWriteLimits) {
    this.#bytes = bytes
    this.#limits = limits
    this.#reader = new ProtoReader(bytes)
    this.#symbols = new SymbolRanges(bytes, findSymbols(bytes))
    this.#labels = new SeriesLabels(this.#symbols, limits)
  }

  run(): RemoteWriteVerdict {
    const reader = this.#reader
    while (reader.next()) {
      if (reader.field !== REQUEST.timeseries) {
        reader.skip()
        continue
      }
      reader.expect(BYTES)
      const fieldStart = reader.fieldStart
      const lengthStart = reader.pos
      const outer = reader.enter()
      this.#timeSeries(fieldStart, lengthStart)
      reader.leave(outer)
    }
    this.#symbols.cleanse(this.#splicer)
    const counts = this.#counts
    const payload = counts.series === 0 ? new Uint8Array(0) : this.#splicer.apply(this.#bytes)
    return counts.toVerdict(payload)
  }

  #timeSeries(fieldStart: number, lengthStart: number): void {
    const reader = this.#reader
    const counts = this.#counts
    const bodyStart = reader.pos
    counts.index += 1
    this.#clear()
    while (reader.next()) this.#field()

    const problem = this.#problem()
    const items = this.#goodSamples + this.#goodHistograms
    if (problem !== undefined) {
      if (items > 0 || this.#samples + this.#histograms === 0) counts.reject(problem, Math.max(1, items))
    }
    if (problem !== undefined || items === 0) {
      this.#splicer.remove(fieldStart, reader.end)
      return
    }
    counts.series += 1
    counts.samples += this.#goodSamples
    counts.histograms += this.#goodHistograms
    counts.exemplars += this.#goodExemplars
    counts.rejectedExemplars += this.#refusedExemplars
    if (this.#hasMetadata) counts.metadata += 1
    if (this.#cuts.length > 0 || !this.#labels.isTidy) this.#rewrite(lengthStart, bodyStart)
  }

  #clear(): void {
    this.#labels.clear()
    this.#cuts.length = 0
    this.#samples = 0
    this.#histograms = 0
    this.#goodSamples = 0
    this.#goodHistograms = 0
    this.#goodExemplars = 0
    this.#refusedExemplars = 0
    this.#hasMetadata = false
    this.#hasBadReference = false
  }

  #field(): void {
    const reader = this.#reader
    switch (reader.field) {
      case TIME_SERIES.labelsRefs:
        this.#refs()
        return
      case TIME_SERIES.samples:
        reader.expect(BYTES)
        this.#sample()
        return
      case TIME_SERIES.histograms:
        reader.expect(BYTES)
        this.#histogram()
        return
      case TIME_SERIES.exemplars:
        reader.expect(BYTES)
        this.#exemplar()
        return
      case TIME_SERIES.metadata:
        reader.expect(BYTES)
        this.#metadata()
        return
      default:
        reader.skip()
    }
  }

  #problem(): RemoteWriteProblem | undefined {
    if (this.#hasBadReference) return 'bad_reference'
    const problem = this.#labels.check()
    if (problem !== undefined) return problem
    if (this.#samples + this.#histograms === 0) return 'no_samples'
    return this.#samples > 0 && this.#histograms > 0 ? 'samples_and_histograms' : undefined
  }

  #refs(): void {
    const reader = this.#reader
    if (reader.wireType === VARINT) {
      this.#ref(reader.uint32())
      return
    }
    reader.expect(BYTES)
    const outer = reader.enter()
    while (reader.pos < reader.end) this.#ref(reader.uint32())
    reader.leave(outer)
  }

  #ref(ref: number): void {
    if (ref < this.#symbols.count) this.#labels.push(ref)
    else this.#hasBadReference = true
  }

  #sample(): void {
    const reader = this.#reader
    const { fieldStart } = reader
    const outer = reader.enter()
    let ms = 0
    while (reader.next()) {
      if (reader.field === SAMPLE.value) {
        reader.expect(FIXED64)
        reader.skip()
      } else if (reader.field === SAMPLE.timestamp) {
        reader.expect(VARINT)
        ms = takeSigned(reader)
      } else if (reader.field === SAMPLE.startTimestamp) {
        reader.expect(VARINT)
        reader.skipVarint()
      } else reader.skip()
    }
    this.#samples += 1
    if (this.#accepts(ms)) this.#goodSamples += 1
    else this.#cuts.push(fieldStart, reader.end)
    reader.leave(outer)
  }

  #histogram(): void {
    const reader = this.#reader
    const { fieldStart } = reader
    const outer = reader.enter()
    const isValid = this.#histogramCheck.isValid(reader)
    this.#histograms += 1
    if (!isValid) this.#counts.reject('bad_histogram', 1)
    if (isValid && this.#accepts(this.#histogramCheck.ms)) this.#goodHistograms += 1
    else this.#cuts.push(fieldStart, reader.end)
    reader.leave(outer)
  }

  #accepts(ms: number): boolean {
    if (ms >= this.#limits.earliestMs && ms <= this.#limits.latestMs) return true
    this.#counts.reject(ms < this.#limits.earliestMs ? 'too_old' : 'too_new', 1)
    return false
  }

  #exemplar(): void {
    const reader = this.#reader
    const { fieldStart } = reader
    const outer = reader.enter()
    const refs: number[] = []
    while (reader.next()) {
      if (reader.field === EXEMPLAR.labelsRefs) {
        if (reader.wireType === VARINT) refs.push(reader.uint32())
        else {
          reader.expect(BYTES)
          const inner = reader.enter()
          while (reader.pos < reader.end) refs.push(reader.uint32())
          reader.leave(inner)
        }
      } else if (reader.field === EXEMPLAR.value) {
        reader.expect(FIXED64)
        reader.skip()
      } else if (reader.field === EXEMPLAR.timestamp) {
        reader.expect(VARINT)
        reader.skipVarint()
      } else reader.skip()
    }
    if (this.#isExemplarLabels(refs)) this.#goodExemplars += 1
    else {
      this.#refusedExemplars += 1
      this.#cuts.push(fieldStart, reader.end)
    }
    reader.leave(outer)
  }

  #isExemplarLabels(refs: readonly number[]): boolean {
    const symbols = this.#symbols
    // More pairs have more characters than are allowed.
    if (refs.length % 2 !== 0 || refs.length > 2 * EXEMPLAR_CHARACTERS) return false
    const names = new Set<string>()
    let characters = 0
    for (const [i, ref] of refs.entries()) {
      if (ref >= symbols.count || !symbols.isText(ref)) return false
      const start = symbols.start(ref)
      const end = start + symbols.length(ref)
      characters += countCharacters(this.#bytes, start, end)
      if (characters > EXEMPLAR_CHARACTERS) return false
      if (i % 2 === 0) names.add(Buffer.from(this.#bytes.subarray(start, end)).toString('latin1'))
    }
    return !names.has('') && names.size === refs.length / 2
  }

  /** Metadata whose references lead nowhere is cut out: the samples are as good without it. */
  #metadata(): void {
    const reader = this.#reader
    const { fieldStart } = reader
    const outer = reader.enter()
    let isValid = true
    while (reader.next()) {
      if (reader.field === METADATA.type) {
        reader.expect(VARINT)
        reader.skipVarint()
      } else if (reader.field === METADATA.helpRef || reader.field === METADATA.unitRef) {
        reader.expect(VARINT)
        const ref = reader.uint32()
        isValid &&= ref < this.#symbols.count && this.#symbols.isText(ref)
      } else reader.skip()
    }
    if (isValid) this.#hasMetadata = true
    else this.#cuts.push(fieldStart, reader.end)
    reader.leave(outer)
  }

  /** Puts the present series without what is cut out of it, and with tidy labels, in the place of what it was. */
  #rewrite(lengthStart: number, bodyStart: number): void {
    const splicer = this.#splicer
    const { end } = this.#reader
    const place = splicer.open()
    const before = splicer.delta
    if (!this.#labels.isTidy) this.#replaceLabels(bodyStart, end)
    for (let i = 0; i < this.#cuts.length; i += 2) splicer.remove(this.#cuts[i] ?? 0, this.#cuts[i + 1] ?? 0)
    splicer.close(place, lengthStart, bodyStart, end, splicer.delta - before)
  }

  /** The labels may have been written as several fields; the first one's place is where they all go. */
  #replaceLabels(bodyStart: number, end: number): void {
    const writer = new ProtoWriter()
    const start = writer.begin(TIME_SERIES.labelsRefs)
    for (let i = 0; i < this.#labels.count; i++) writer.varint32(this.#labels.refs[i] ?? 0)
    writer.end(start)
    let replacement = writer.finish()
    const reader = new ProtoReader(this.#bytes, bodyStart, end)
    while (reader.next()) {
      reader.skip()
      if (reader.field !== TIME_SERIES.labelsRefs) continue
      this.#splicer.replace(reader.fieldStart, reader.pos, replacement)
      replacement = new Uint8Array(0)
    }
  }
}
