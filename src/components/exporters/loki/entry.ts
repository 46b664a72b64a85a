import type { DestinationOfType } from '../../../fleet/index.ts'
import { type AttributeMap, flattenAttributes, ProtoWriter, type ReadLog, toPlainText } from '../../../wire/index.ts'
import { cutText } from './cut-text.ts'
import { type Stream, toLabelName } from './labels.ts'

type Limits = DestinationOfType<'loki'>['limits']

/** A line of a stream, encoded as a field of it. */
export interface LokiEntry {
  readonly labels: string
  readonly timeNs: bigint
  readonly bytes: Uint8Array
}

/** Field numbers of Loki's push.proto. */
const STREAM_ENTRIES = 2
const ENTRY = { timestamp: 1, line: 2, structuredMetadata: 3 } as const
const TIMESTAMP = { seconds: 1, nanos: 2 } as const
const PAIR = { name: 1, value: 2 } as const
const NS_PER_S = 1_000_000_000n

/** Says how many entries of structured metadata did not fit. */
const CUT_METADATA = 'fleetglass_metadata_cut'
/** Says how many bytes the line had. */
const CUT_LINE = 'fleetglass_line_bytes'

/** One for all entries, each of which is copied out of it. */
const writer = new ProtoWriter(16_384)

/** A log record as a line with structured metadata. What is over Loki's limits is cut, and the metadata says so. */
export function toEntry(log: ReadLog, stream: Stream, timeNs: bigint, limits: Limits): LokiEntry {
  writer.reset()
  const line = toPlainText(log.record.body)
  const cut = cutText(line, limits.lineBytes)
  const metadata = toMetadata(log, stream, cut.length < line.length ? Buffer.byteLength(line) : undefined)
  const entry = writer.begin(STREAM_ENTRIES)
  const timestamp = writer.begin(ENTRY.timestamp)
  writer.int64(TIMESTAMP.seconds, timeNs / NS_PER_S)
  writer.uint32(TIMESTAMP.nanos, Number(timeNs % NS_PER_S))
  writer.end(timestamp)
  writer.string(ENTRY.line, cut)
  for (const [name, value] of within(metadata, limits)) {
    const pair = writer.begin(ENTRY.structuredMetadata)
    writer.string(PAIR.name, name)
    writer.string(PAIR.value, value)
    writer.end(pair)
  }
  writer.end(entry)
  return { labels: stream.labels, timeNs, bytes: writer.finish() }
}

/** What is most useful first: that is kept where there is too much. */
function toMetadata(
  { resource, scope, record }: ReadLog,
  { told }: Stream,
  lineBytes: number | undefined,
): Map<string, string> {
  const metadata = new Map<string, string>()
  const set = (name: string, value: string): void => {
    if (value !== '') metadata.set(toLabelName(name), value)
  }
  const addAll = (attributes: AttributeMap): void => {
    for (const [name, value] of flattenAttributes(attributes, '_')) if (!told.has(name)) set(name, toPlainText(value))
  }
  if (lineBytes !== undefined) set(CUT_LINE, String(lineBytes))
  set('trace_id', record.traceId)
  set('span_id', record.spanId)
  set('severity_text', record.severityText)
  if (record.severityNumber !== 0) set('severity_number', String(record.severityNumber))
  set('event_name', record.eventName)
  addAll(resource.attributes)
  set('scope_name', scope.name)
  set('scope_version', scope.version)
  addAll(scope.attributes)
  addAll(record.attributes)
  if (record.flags !== 0) set('flags', String(record.flags))
  if (record.observedTimeNs !== 0n) set('observed_timestamp', String(record.observedTimeNs))
  return metadata
}

/** Room for the entry that says what was cut. */
const CUT_BYTES = CUT_METADATA.length + 4

function* within(
  metadata: ReadonlyMap<string, string>,
  { metadataBytes, metadataEntries }: Limits,
): Generator<readonly [string, string]> {
  let bytes = 0
  let entries = 0
  let cut = 0
  for (const [name, value] of metadata) {
    const size = Buffer.byteLength(name) + Buffer.byteLength(value)
    const last = entries + cut + 1 === metadata.size
    const fits =
      bytes + size + (last && cut === 0 ? 0 : CUT_BYTES) <= metadataBytes &&
      entries + (last && cut === 0 ? 0 : 1) < metadataEntries
    if (!fits) {
      cut += 1
      continue
    }
    bytes += size
    entries += 1
    yield [name, value]
  }
  if (cut > 0) yield [CUT_METADATA, String(cut)]
}
