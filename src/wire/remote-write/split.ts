import { BYTES, ProtoReader, ProtoWriter } from '../proto/index.ts'
import { REQUEST, TIME_SERIES } from './fields.ts'

export interface RemoteWritePart {
  readonly payload: Uint8Array
  /** Samples and histograms. */
  readonly items: number
}

/**
 * Two requests that together hold the samples and histograms of a remote write 2.0 request, in their order. A series
 * that is cut apart stands in both, with its exemplars in the first. Undefined where there are less than two samples.
 * Throws AppError `invalid` for damaged bytes.
 */
export function splitRemoteWrite2(payload: Uint8Array): readonly [RemoteWritePart, RemoteWritePart] | undefined {
  const items = countSamples(payload)
  if (items < 2) return undefined
  const middle = items >> 1
  return [
    { payload: cut(payload, 0, middle), items: middle },
    { payload: cut(payload, middle, items), items: items - middle },
  ]
}

function isSample(field: number): boolean {
  return field === TIME_SERIES.samples || field === TIME_SERIES.histograms
}

function countSamples(payload: Uint8Array): number {
  const reader = new ProtoReader(payload)
  let items = 0
  eachSeries(reader, () => {
    while (reader.next()) {
      if (isSample(reader.field)) items += 1
      reader.skip()
    }
  })
  return items
}

/** Keeps the samples from one number to another; a series of which none is left goes. */
function cut(payload: Uint8Array, from: number, to: number): Uint8Array {
  const reader = new ProtoReader(payload)
  const writer = new ProtoWriter(payload.length)
  let item = 0
  const copySeries = (): void => {
    const before = writer.length
    const message = writer.begin(REQUEST.timeseries)
    const first = item
    while (reader.next()) {
      const { field, fieldStart } = reader
      reader.skip()
      const number = isSample(field) ? item++ : undefined
      const isOut = number !== undefined && (number < from || number >= to)
      // Exemplars go with the first of the series' samples.
      const isElsewhere = field === TIME_SERIES.exemplars && (first < from || first >= to)
      if (!isOut && !isElsewhere) writer.raw(payload.subarray(fieldStart, reader.pos))
    }
    if (Math.max(first, from) < Math.min(item, to)) writer.end(message)
    else writer.length = before
  }
  eachSeries(reader, copySeries, (start, end) => writer.raw(payload.subarray(start, end)))
  return writer.finish()
}

/** Calls with the reader in each series, and with where every other field lies. */
function eachSeries(reader: ProtoReader, visit: () => void, other?: (start: number, end: number) => void): void {
  while (reader.next()) {
    const { fieldStart } = reader
    if (reader.field !== REQUEST.timeseries) {
      reader.skip()
      other?.(fieldStart, reader.pos)
      continue
    }
    reader.expect(BYTES)
    const outer = reader.enter()
    visit()
    reader.leave(outer)
  }
}
