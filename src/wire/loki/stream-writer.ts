import { isUtf8 } from 'node:buffer'
import { hexDigit } from '../json/index.ts'
import { FIXED64, ProtoWriter } from '../proto/index.ts'
import { SERVICE_NAME_LABELS } from './service-name.ts'
import { STREAM_LABELS, type StreamLabels } from './stream-labels.ts'
import { LOKI_PROBLEMS, type LokiLimits, type LokiProblem, type LokiTime, type LokiVerdict } from './verdict.ts'

const SERVICE_NAME = 'service.name'

/** Where Loki looks for a service's name, in this order. */
const SERVICE_LABELS = ['service_name', ...SERVICE_NAME_LABELS]

/** The field numbers of OTLP logs. */
const RESOURCE_LOGS = 1
const RESOURCE = 1
const SCOPE_LOGS = 2
const LOG_RECORDS = 2
const TIME = 1
const BODY = 5
const ATTRIBUTES = 6
const RESOURCE_ATTRIBUTES = 1
const KEY = 1
const VALUE = 2
const STRING_VALUE = 1
const BOOL_VALUE = 2
const TRACE_ID = 9
const SPAN_ID = 10

const TRUNCATED = 'fleetglass.truncated'

/** Names of structured metadata that a log record has a field for. */
const TRACE_ID_NAME = Buffer.from('trace_id')
const SPAN_ID_NAME = Buffer.from('span_id')

const TWO_32 = 0x1_0000_0000

/** A piece of text where it lies. */
export interface TextRange {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

/**
 * Writes the streams of a push as OTLP. A stream becomes a resource whose attributes are the stream's labels, and which
 * says so; an entry becomes a log record, its structured metadata the record's attributes.
 *
 * `beginStream`, then for each entry `beginEntry`, `metadata` for each pair, `endEntry`; then `endStream`.
 */
export class LokiStreamWriter {
  readonly #limits: LokiLimits
  readonly #writer: ProtoWriter
  /** The attributes of the present entry, which come behind its line. */
  readonly #attributes = new ProtoWriter(1_024)
  readonly #rejected = new Map<LokiProblem, number>()
  #firstProblem: string | undefined
  #entries = 0
  #streams = 0
  #truncated = 0
  #index = -1
  #streamProblem: LokiProblem | undefined
  #streamItems = 0
  /** Where the present stream began, to take it back if nothing comes of it. */
  #streamStart = 0
  #entriesBefore = 0
  #resourceLogs = 0
  #scopeLogs = 0
  #pairs = 0
  #pairBytes = 0

  constructor(limits: LokiLimits, expectedBytes: number) {
    this.#limits = limits
    this.#writer = new ProtoWriter(Math.max(256, expectedBytes))
  }

  beginStream(labels: StreamLabels | LokiProblem): void {
    this.#index += 1
    this.#streamItems = 0
    this.#streamProblem = typeof labels === 'string' ? labels : undefined
    if (typeof labels === 'string') return
    const writer = this.#writer
    this.#entriesBefore = this.#entries
    this.#streamStart = writer.length
    this.#resourceLogs = writer.begin(RESOURCE_LOGS)
    const resource = writer.begin(RESOURCE)
    for (const [name, value] of labels) writeAttribute(writer, RESOURCE_ATTRIBUTES, name, value)
    writeAttribute(writer, RESOURCE_ATTRIBUTES, STREAM_LABELS, labels.map(([name]) => name).join(','))
    const service = serviceOf(labels)
    if (service !== undefined) writeAttribute(writer, RESOURCE_ATTRIBUTES, SERVICE_NAME, service)
    writer.end(resource)
    this.#scopeLogs = writer.begin(SCOPE_LOGS)
  }

  endStream(): void {
    const writer = this.#writer
    if (this.#streamProblem !== undefined) {
      this.#reject(this.#streamProblem, Math.max(1, this.#streamItems))
      return
    }
    if (this.#entries === this.#entriesBefore) {
      writer.length = this.#streamStart
      return
    }
    this.#streams += 1
    writer.end(this.#scopeLogs)
    writer.end(this.#resourceLogs)
  }

  beginEntry(): void {
    this.#attributes.reset()
    this.#pairs = 0
    this.#pairBytes = 0
  }

  metadata(name: TextRange, value: TextRange): void {
    this.#pairs += 1
    this.#pairBytes += name.end - name.start + value.end - value.start
    if (this.#pairs > this.#limits.metadataPairs || this.#pairBytes > this.#limits.metadataBytes) return
    const attributes = this.#attributes
    if (writeId(attributes, name, value)) return
    const pair = attributes.begin(ATTRIBUTES)
    writeText(attributes, KEY, name)
    const any = attributes.begin(VALUE)
    writeText(attributes, STRING_VALUE, value)
    attributes.end(any)
    attributes.end(pair)
  }

  endEntry(time: LokiTime, line: TextRange): void {
    this.#streamItems += 1
    if (this.#streamProblem !== undefined) return
    const problem = this.#entryProblem(time)
    if (problem !== undefined) {
      this.#reject(problem, 1)
      return
    }
    this.#entries += 1
    const writer = this.#writer
    const record = writer.begin(LOG_RECORDS)
    writeNanos(writer, time)
    const body = writer.begin(BODY)
    const end = Math.min(line.end, line.start + this.#limits.lineBytes)
    writeText(writer, STRING_VALUE, end === line.end ? line : { ...line, end: beginOfCharacter(line, end) })
    writer.end(body)
    writer.append(this.#attributes)
    if (end < line.end) this.#mark()
    writer.end(record)
  }

  finish(): LokiVerdict {
    return {
      payload: this.#writer.finish(),
      streams: this.#streams,
      entries: this.#entries,
      rejected: this.#rejected,
      truncated: this.#truncated,
      firstProblem: this.#firstProblem,
    }
  }

  #entryProblem({ seconds, nanos }: LokiTime): LokiProblem | undefined {
    const ms = seconds * 1_000 + nanos / 1e6
    if (ms < Math.max(0, this.#limits.earliestMs)) return 'too_old'
    if (ms > this.#limits.latestMs || seconds >= MAX_SECONDS) return 'too_new'
    const isOver = this.#pairs > this.#limits.metadataPairs || this.#pairBytes > this.#limits.metadataBytes
    return isOver ? 'metadata_too_large' : undefined
  }

  #mark(): void {
    this.#truncated += 1
    const writer = this.#writer
    const pair = writer.begin(ATTRIBUTES)
    writer.string(KEY, TRUNCATED)
    const any = writer.begin(VALUE)
    writer.bool(BOOL_VALUE, true)
    writer.end(any)
    writer.end(pair)
  }

  #reject(problem: LokiProblem, entries: number): void {
    this.#rejected.set(problem, (this.#rejected.get(problem) ?? 0) + entries)
    this.#firstProblem ??= `stream ${String(this.#index)} of the request: ${LOKI_PROBLEMS[problem]}`
  }
}

/** Nanoseconds from here on do not fit 64 bits. */
const MAX_SECONDS = 18_446_744_073

/** Seconds × 10⁹ + nanos in two halves of 32 bits; every step stays below 2⁵³. */
function writeNanos(writer: ProtoWriter, { seconds, nanos }: LokiTime): void {
  const upper = Math.floor(seconds / 65_536) * 1e9
  const rest = (upper % 65_536) * 65_536 + (seconds % 65_536) * 1e9 + nanos
  writer.tag(TIME, FIXED64)
  writer.rawHalves(rest % TWO_32, Math.floor(upper / 65_536) + Math.floor(rest / TWO_32))
}

function writeAttribute(writer: ProtoWriter, field: number, key: string, value: string): void {
  const pair = writer.begin(field)
  writer.string(KEY, key)
  const any = writer.begin(VALUE)
  writer.string(STRING_VALUE, value)
  writer.end(any)
  writer.end(pair)
}

/** Bytes that are no UTF-8 are kept as far as they are: the others become U+FFFD. */
function writeText(writer: ProtoWriter, field: number, { bytes, start, end }: TextRange): void {
  for (let at = start; at < end; at++) {
    if ((bytes[at] ?? 0) < 0x80) continue
    const text = bytes.subarray(start, end)
    if (isUtf8(text)) break
    writer.string(field, Buffer.from(text).toString())
    return
  }
  writer.bytesRange(field, bytes, start, end)
}

/** Where the character begins that the byte at `at` is part of. */
function beginOfCharacter({ bytes, start }: TextRange, at: number): number {
  let begin = at
  while (begin > start && begin > at - 4 && ((bytes[begin] ?? 0) & 0xc0) === 0x80) begin -= 1
  return begin
}

/** A trace or span id in the form that we show ids in becomes the record's own; in another it stays as it is. */
function writeId(writer: ProtoWriter, name: TextRange, value: TextRange): boolean {
  const id = name.end - name.start === TRACE_ID_NAME.length ? TRACE_ID : SPAN_ID
  const [ascii, size] = id === TRACE_ID ? [TRACE_ID_NAME, 16] : [SPAN_ID_NAME, 8]
  if (name.end - name.start !== ascii.length || value.end - value.start !== 2 * size) return false
  for (let i = 0; i < ascii.length; i++) if (name.bytes[name.start + i] !== ascii[i]) return false
  for (let i = 0; i < size; i++) {
    const high = lowerHexDigit(value.bytes[value.start + 2 * i] ?? 0)
    const low = lowerHexDigit(value.bytes[value.start + 2 * i + 1] ?? 0)
    if (high < 0 || low < 0) return false
    idBytes[i] = (high << 4) | low
  }
  writer.bytesRange(id, idBytes, 0, size)
  return true
}

const idBytes = new Uint8Array(16)

function lowerHexDigit(byte: number): number {
  return byte >= 0x41 && byte <= 0x46 ? -1 : hexDigit(byte)
}

function serviceOf(labels: StreamLabels): string | undefined {
  const byName = new Map(labels)
  const name = SERVICE_LABELS.find((candidate) => byName.has(candidate))
  return name === undefined ? undefined : byName.get(name)
}
