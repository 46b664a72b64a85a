import type { Identity } from '../../model/index.ts'
import { BYTES, ProtoReader, ProtoWriter } from '../../wire/index.ts'
import type { Filtered } from './filter-otlp.ts'
import { identityValue, type RecordCondition } from './where.ts'

/** Of `io.prometheus.write.v2.Request` and its TimeSeries. */
const SYMBOLS = 4
const TIME_SERIES = 5
const LABELS_REFS = 1
const SAMPLES = 2
const HISTOGRAMS = 3

const utf8 = new TextDecoder()

/**
 * Keeps the series of a remote write 2.0 request for which the condition holds; the table of symbols stays whole. An
 * attribute's name with dots finds the label that Prometheus makes of it. Throws `invalid` for damaged bytes.
 */
export function filterSeries(payload: Uint8Array, identity: Identity, condition: RecordCondition): Filtered {
  const symbols = readSymbols(payload)
  const labelNames = new Map([...condition.names].map((name) => [name, name.replace(/[^A-Za-z0-9_:]/gu, '_')]))
  const reader = new ProtoReader(payload)
  const writer = new ProtoWriter(payload.length + 64)
  let items = 0
  let dropped = 0
  while (reader.next()) {
    const { fieldStart, field } = reader
    if (field !== TIME_SERIES) {
      reader.skip()
      writer.raw(payload.subarray(fieldStart, reader.pos))
      continue
    }
    reader.expect(BYTES)
    const outer = reader.enter()
    const series = readSeries(reader)
    reader.leave(outer)
    const labels = toLabels(series.refs, symbols)
    const lookUp = (name: string): string =>
      identityValue(identity, name) ?? labels.get(name) ?? labels.get(labelNames.get(name) ?? name) ?? ''
    if (condition.test(lookUp)) {
      items += series.items
      writer.raw(payload.subarray(fieldStart, reader.pos))
    } else {
      dropped += 1
    }
  }
  return { payload: dropped === 0 ? payload : writer.finish(), items }
}

function readSymbols(payload: Uint8Array): readonly Uint8Array[] {
  const reader = new ProtoReader(payload)
  const symbols: Uint8Array[] = []
  while (reader.next()) {
    if (reader.field === SYMBOLS && reader.wireType === BYTES) symbols.push(reader.slice())
    else reader.skip()
  }
  return symbols
}

/** The reader is in a TimeSeries. */
function readSeries(reader: ProtoReader): { readonly refs: readonly number[]; readonly items: number } {
  const refs: number[] = []
  let items = 0
  while (reader.next()) {
    if (reader.field !== LABELS_REFS) {
      if (reader.field === SAMPLES || reader.field === HISTOGRAMS) items += 1
      reader.skip()
    } else if (reader.wireType === BYTES) {
      const outer = reader.enter()
      while (reader.pos < reader.end) refs.push(reader.uint32())
      reader.leave(outer)
    } else {
      refs.push(reader.uint32())
    }
  }
  return { refs, items }
}

function toLabels(refs: readonly number[], symbols: readonly Uint8Array[]): ReadonlyMap<string, string> {
  const labels = new Map<string, string>()
  const textOf = (ref: number | undefined): string => utf8.decode(symbols[ref ?? 0])
  for (let i = 0; i + 1 < refs.length; i += 2) labels.set(textOf(refs[i]), textOf(refs[i + 1]))
  return labels
}
