import type { Signal } from '../../model/index.ts'
import type { DestinationRequest } from './protocol.ts'

/** A piece of a request that the vendor takes or refuses for itself, encoded already. */
export interface Entry {
  /** At least one. */
  readonly items: number
  readonly bytes: Uint8Array
}

/** What stands around and between the entries of a request. */
export interface Frame {
  readonly prefix: string
  readonly separator: string
  readonly suffix: string
}

/** A request that is a row of entries in a frame: a JSON array, objects one after the other, lines. */
export class EntryRequest<E extends Entry = Entry> implements DestinationRequest {
  readonly signal: Signal
  readonly entries: readonly E[]
  readonly items: number
  readonly bytes: number
  readonly #frame: Frame

  /** At least one entry. */
  constructor(signal: Signal, entries: readonly E[], frame: Frame) {
    this.signal = signal
    this.entries = entries
    this.#frame = frame
    this.items = entries.reduce((sum, entry) => sum + entry.items, 0)
    this.bytes = entries.reduce((sum, { bytes }) => sum + bytes.length, overheadOf(frame, entries.length))
  }

  split(): readonly [EntryRequest<E>, EntryRequest<E>] | undefined {
    const { entries } = this
    if (entries.length < 2) return undefined
    const middle = entries.length >>> 1
    return [this.#of(entries.slice(0, middle)), this.#of(entries.slice(middle))]
  }

  /** The same with other entries; undefined where there are none. */
  with(entries: readonly E[]): EntryRequest<E> | undefined {
    return entries.length === 0 ? undefined : this.#of(entries)
  }

  content(): Uint8Array {
    const { prefix, separator, suffix } = this.#frame
    const out = Buffer.allocUnsafe(this.bytes)
    let at = out.write(prefix, 0)
    this.entries.forEach(({ bytes }, i) => {
      if (i > 0) at += out.write(separator, at)
      out.set(bytes, at)
      at += bytes.length
    })
    out.write(suffix, at)
    return out
  }

  #of(entries: readonly E[]): EntryRequest<E> {
    return new EntryRequest(this.signal, entries, this.#frame)
  }
}

export interface RequestLimits {
  readonly entries: number
  /** Before compression. */
  readonly bytes: number
}

/** Puts entries into as few requests as the limits allow, in their order. An entry over the limit is alone in one. */
export function packEntries<E extends Entry>(
  signal: Signal,
  entries: readonly E[],
  frame: Frame,
  limits: RequestLimits,
): readonly EntryRequest<E>[] {
  const requests: EntryRequest<E>[] = []
  let from = 0
  let bytes = overheadOf(frame, 1)
  entries.forEach((entry, i) => {
    const size = entry.bytes.length + Buffer.byteLength(frame.separator)
    if (i > from && (i - from >= limits.entries || bytes + size > limits.bytes)) {
      requests.push(new EntryRequest(signal, entries.slice(from, i), frame))
      from = i
      bytes = overheadOf(frame, 1)
    }
    bytes += size
  })
  if (from < entries.length) requests.push(new EntryRequest(signal, entries.slice(from), frame))
  return requests
}

function overheadOf({ prefix, separator, suffix }: Frame, entries: number): number {
  return Buffer.byteLength(prefix + suffix) + Math.max(0, entries - 1) * Buffer.byteLength(separator)
}
