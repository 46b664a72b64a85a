import type { DestinationRequest } from '../../../pipeline/destination/index.ts'
import { ProtoWriter } from '../../../wire/index.ts'
import type { LokiEntry } from './entry.ts'

const STREAMS = 1
const STREAM_LABELS = 1
/** Tag and length of a stream. */
const STREAM_OVERHEAD = 8

/** A PushRequest: entries by stream, each stream in order of time. */
export class PushRequest implements DestinationRequest {
  readonly signal = 'logs'
  /** The tenant that it is for. */
  readonly orgId: string | undefined
  readonly entries: readonly LokiEntry[]
  /** Of the protobuf message, a little more than exactly. */
  readonly bytes: number

  /** At least one entry. */
  constructor(entries: readonly LokiEntry[], orgId: string | undefined) {
    this.entries = entries
    this.orgId = orgId
    const streams = new Set(entries.map(({ labels }) => labels))
    this.bytes =
      entries.reduce((sum, { bytes }) => sum + bytes.length, 0) +
      [...streams].reduce((sum, labels) => sum + Buffer.byteLength(labels) + STREAM_OVERHEAD, 0)
  }

  get items(): number {
    return this.entries.length
  }

  split(): readonly [PushRequest, PushRequest] | undefined {
    if (this.entries.length < 2) return undefined
    const middle = this.entries.length >>> 1
    return [
      new PushRequest(this.entries.slice(0, middle), this.orgId),
      new PushRequest(this.entries.slice(middle), this.orgId),
    ]
  }

  /** Protobuf, not compressed. */
  content(): Uint8Array {
    const streams = new Map<string, LokiEntry[]>()
    for (const entry of this.entries) {
      const stream = streams.get(entry.labels)
      if (stream === undefined) streams.set(entry.labels, [entry])
      else stream.push(entry)
    }
    const writer = new ProtoWriter(this.bytes)
    for (const [labels, entries] of streams) {
      const start = writer.begin(STREAMS)
      writer.string(STREAM_LABELS, labels)
      // The sort keeps the order of lines of the same time.
      for (const { bytes } of entries.toSorted((a, b) => (a.timeNs < b.timeNs ? -1 : a.timeNs > b.timeNs ? 1 : 0))) {
        writer.raw(bytes)
      }
      writer.end(start)
    }
    return writer.finish()
  }
}
