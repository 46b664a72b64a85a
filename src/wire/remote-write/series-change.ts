import { AppError } from '../../core/index.ts'
import { BYTES, ProtoReader, ProtoWriter, VARINT } from '../proto/index.ts'
import { EXEMPLAR, METADATA, TIME_SERIES } from './fields.ts'
import type { SymbolDecisions } from './symbol-decisions.ts'

/** Bytes of the request that others come in the place of. */
export interface Change {
  readonly start: number
  readonly end: number
  readonly bytes: Uint8Array
}

/** What becomes of one series. */
export interface SeriesChange {
  readonly dropped: boolean
  readonly items: number
  /** The references of its labels, before and after; the same array if they stay. */
  readonly before: readonly number[]
  readonly after: readonly number[]
  /** In the order of the request. */
  readonly changes: readonly Change[]
}

const NO_CHANGES: readonly Change[] = []
const NOTHING = new Uint8Array(0)

/** Decides for the series that the reader has entered, and reads to its end. `refs` is scratch; it is overwritten. */
export function changeSeries(
  reader: ProtoReader,
  decisions: SymbolDecisions,
  symbolCount: number,
  refs: number[],
): SeriesChange {
  const bodyStart = reader.pos
  const { end } = reader
  let items = 0
  let dropped = false
  let changes: Change[] | undefined
  refs.length = 0
  while (reader.next()) {
    const { field } = reader
    if (field === TIME_SERIES.labelsRefs) {
      readRefs(reader, symbolCount, refs)
    } else if (field === TIME_SERIES.exemplars || field === TIME_SERIES.metadata) {
      const part = field === TIME_SERIES.exemplars ? changeExemplar : changeMetadata
      const change = part(reader, decisions, symbolCount)
      if (change === 'drop-series') dropped = true
      else if (change !== undefined) changes = [...(changes ?? []), change]
    } else {
      if (field === TIME_SERIES.samples || field === TIME_SERIES.histograms) items += 1
      reader.skip()
    }
  }
  const decided = decisions.decideLabels(refs, 'attributes')
  if (decided === 'drop-series' || dropped)
    return { dropped: true, items, before: refs, after: refs, changes: NO_CHANGES }
  if (decided === refs) return { dropped, items, before: refs, after: refs, changes: changes ?? NO_CHANGES }
  const labels = changeRefs(reader.bytes, { from: bodyStart, to: end }, TIME_SERIES.labelsRefs, decided)
  const all = [...labels, ...(changes ?? [])].sort((a, b) => a.start - b.start)
  return { dropped, items, before: [...refs], after: decided, changes: all }
}

/** The part as it is to be, as a change of its whole field. */
function changeExemplar(
  reader: ProtoReader,
  decisions: SymbolDecisions,
  symbolCount: number,
): Change | 'drop-series' | undefined {
  const { fieldStart, field } = reader
  reader.expect(BYTES)
  const outer = reader.enter()
  const from = reader.pos
  const to = reader.end
  const refs: number[] = []
  while (reader.next()) {
    if (reader.field === EXEMPLAR.labelsRefs) readRefs(reader, symbolCount, refs)
    else reader.skip()
  }
  reader.leave(outer)
  const decided = decisions.decideLabels(refs, 'exemplars')
  if (decided === 'drop-series') return decided
  if (decided === refs) return undefined
  const changes = changeRefs(reader.bytes, { from, to }, EXEMPLAR.labelsRefs, decided)
  return { start: fieldStart, end: to, bytes: encodeField(field, splice(reader.bytes, changes, from, to)) }
}

function changeMetadata(
  reader: ProtoReader,
  decisions: SymbolDecisions,
  symbolCount: number,
): Change | 'drop-series' | undefined {
  const { fieldStart, field } = reader
  reader.expect(BYTES)
  const outer = reader.enter()
  const from = reader.pos
  const to = reader.end
  const changes: Change[] = []
  let dropped = false
  while (reader.next()) {
    const { field: inner, fieldStart: start } = reader
    if (inner !== METADATA.helpRef && inner !== METADATA.unitRef) {
      reader.skip()
      continue
    }
    reader.expect(VARINT)
    const ref = toRef(reader.uint32(), symbolCount)
    const decision = decisions.decide(ref, undefined, inner === METADATA.helpRef ? 'description' : 'metadata')
    if (decision === 'keep') continue
    if (decision === 'drop-series') {
      dropped = true
      continue
    }
    const writer = new ProtoWriter(8)
    writer.uint32(inner, decision === 'drop-label' ? 0 : decision)
    changes.push({ start, end: reader.pos, bytes: writer.finish() })
  }
  reader.leave(outer)
  if (dropped) return 'drop-series'
  if (changes.length === 0) return undefined
  return { start: fieldStart, end: to, bytes: encodeField(field, splice(reader.bytes, changes, from, to)) }
}

/** Puts the references in the place of their first field; they may have been written as several. */
function changeRefs(
  bytes: Uint8Array,
  { from, to }: { readonly from: number; readonly to: number },
  field: number,
  refs: readonly number[],
): Change[] {
  const writer = new ProtoWriter(16 + 5 * refs.length)
  const start = writer.begin(field)
  for (const ref of refs) writer.varint32(ref)
  writer.end(start)
  let replacement = refs.length === 0 ? NOTHING : writer.finish()
  const changes: Change[] = []
  const reader = new ProtoReader(bytes, from, to)
  while (reader.next()) {
    reader.skip()
    if (reader.field !== field) continue
    changes.push({ start: reader.fieldStart, end: reader.pos, bytes: replacement })
    replacement = NOTHING
  }
  return changes
}

export function readRefs(reader: ProtoReader, symbolCount: number, refs: number[]): void {
  if (reader.wireType === VARINT) {
    refs.push(toRef(reader.uint32(), symbolCount))
    return
  }
  reader.expect(BYTES)
  const outer = reader.enter()
  while (reader.pos < reader.end) refs.push(toRef(reader.uint32(), symbolCount))
  reader.leave(outer)
}

function toRef(ref: number, symbolCount: number): number {
  if (ref < symbolCount) return ref
  throw new AppError('invalid', `remote write 2.0: a reference to symbol ${String(ref)} of ${String(symbolCount)}`)
}

function encodeField(field: number, body: Uint8Array): Uint8Array {
  const writer = new ProtoWriter(body.length + 8)
  writer.bytes(field, body)
  return writer.finish()
}

/** The bytes from `from` to `to` with the changes, which stand in order. */
function splice(bytes: Uint8Array, changes: readonly Change[], from: number, to: number): Uint8Array {
  const parts: Uint8Array[] = []
  let at = from
  for (const { start, end, bytes: changed } of changes) {
    parts.push(bytes.subarray(at, start), changed)
    at = end
  }
  parts.push(bytes.subarray(at, to))
  return Buffer.concat(parts)
}
