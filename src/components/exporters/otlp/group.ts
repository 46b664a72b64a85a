import type { Identity, PayloadFormat, Signal } from '../../../model/index.ts'
import { decodeRecord, type SequenceRange } from '../../../pipeline/index.ts'
import type { LogRecord } from '../../../queue/index.ts'
import { mergeOtlp } from '../../../wire/index.ts'

/** A record of the log, decoded as far as sending needs. */
export interface OutgoingRecord {
  readonly sequence: number
  readonly signal: Signal
  readonly format: PayloadFormat
  readonly items: number
  readonly collectedAtMs: number
  readonly receivedAtMs: number
  readonly identity: Identity
  readonly payload: Uint8Array
}

/** Neighbouring records that travel as one request. At least one; sequences without gaps; one signal and format. */
export interface Group {
  readonly records: readonly OutgoingRecord[]
}

export interface Decoded {
  readonly records: readonly OutgoingRecord[]
  /** Records that are not ours to read. */
  readonly damaged: readonly { readonly record: LogRecord; readonly reason: unknown }[]
}

export function decodeRecords(records: readonly LogRecord[]): Decoded {
  const damaged: { record: LogRecord; reason: unknown }[] = []
  const outgoing = records.flatMap((record): OutgoingRecord[] => {
    try {
      const { envelope, payload } = decodeRecord(record.bytes)
      const { signal, format, items, collectedAtMs, receivedAtMs, identity } = envelope
      const { sequence } = record
      return [{ sequence, signal, format, items, collectedAtMs, receivedAtMs, identity, payload }]
    } catch (reason) {
      damaged.push({ record, reason })
      return []
    }
  })
  return { records: outgoing, damaged }
}

/**
 * Cuts records into requests: what stands side by side, is of one signal and can be merged by concatenation goes
 * together. Remote write refers to symbols by their place, so each of its records travels alone.
 */
export function toGroups(records: readonly OutgoingRecord[], maxBytes: number): Group[] {
  const groups: { records: OutgoingRecord[] }[] = []
  let bytes = 0
  for (const record of records) {
    const group = groups.at(-1)
    const last = group?.records.at(-1)
    bytes += record.payload.length
    if (group !== undefined && last !== undefined && bytes <= maxBytes && canFollow(last, record)) {
      group.records.push(record)
    } else {
      groups.push({ records: [record] })
      bytes = record.payload.length
    }
  }
  return groups
}

function canFollow(last: OutgoingRecord, next: OutgoingRecord): boolean {
  const isNeighbour = next.sequence === last.sequence + 1
  return isNeighbour && next.signal === last.signal && next.format === 'otlp' && last.format === 'otlp'
}

/** What the hub does not have yet of a group, in groups of neighbours. */
export function withoutHeld(group: Group, held: readonly SequenceRange[]): Group[] {
  const left = group.records.filter(
    ({ sequence }) => !held.some(({ first, last }) => first <= sequence && sequence <= last),
  )
  return toGroups(left, Infinity)
}

/** Two halves, to find out which of the records is refused. The group must have several records. */
export function halve(group: Group): readonly [Group, Group] {
  const middle = Math.ceil(group.records.length / 2)
  return [{ records: group.records.slice(0, middle) }, { records: group.records.slice(middle) }]
}

export interface MergedGroup {
  readonly signal: Signal
  readonly format: PayloadFormat
  readonly first: number
  readonly last: number
  readonly items: number
  readonly collectedAtMs: number
  readonly payload: Uint8Array
}

export function mergeGroup({ records }: Group): MergedGroup {
  const [first] = records
  const last = records.at(-1)
  if (first === undefined || last === undefined) throw new RangeError('BUG: a group without records')
  return {
    signal: first.signal,
    format: first.format,
    first: first.sequence,
    last: last.sequence,
    items: records.reduce((sum, { items }) => sum + items, 0),
    collectedAtMs: Math.min(...records.map(({ collectedAtMs }) => collectedAtMs)),
    payload: mergeOtlp(records.map(({ payload }) => payload)),
  }
}
