import { CANONICAL_RESOURCE_ATTRIBUTES, HUB_RECEIVED_AT, type Labels } from '../../model/index.ts'
import { STREAM_LABELS } from '../../wire/index.ts'
import { sql } from '../sql.ts'
import { LABEL_HINT } from '../write/log-labels.ts'
import { addAttribute, toLabelName } from './metadata-names.ts'
import type { Block } from './native-decoder.ts'
import { bigintOf, entriesOf, hexOf, numberOf, textOf } from './rows.ts'
import { detectLevel } from './log-level.ts'

export interface LogLine {
  /** Nanoseconds since the epoch. */
  readonly timeNs: bigint
  readonly line: string
  /** Resource, scope and record attributes that are not index labels, names in Loki's spelling. */
  readonly structuredMetadata: Labels
}

/** The columns that `readLines` reads. */
export const LINE_COLUMNS = sql.raw(
  `stream, time, observed_time, hub_received_at, severity_number, severity_text, event_name, body, trace_id, span_id,
   flags, scope_name, scope_version, scope_attributes, resource_attributes, attributes`,
)

/**
 * The rows as lines of their streams. What is not in a stream's labels is structured metadata, under the names that
 * Loki gives it when it takes OTLP: attributes of the resource, the scope and the record, the later before the
 * earlier, and the record's own fields.
 */
export function readLines(
  block: Block,
  labelsOf: ReadonlyMap<bigint, Labels>,
): readonly { readonly stream: bigint; readonly line: LogLine }[] {
  const stream = bigintOf(block, 'stream')
  const time = bigintOf(block, 'time')
  const body = textOf(block, 'body')
  const resource = entriesOf(block, 'resource_attributes')
  const scope = entriesOf(block, 'scope_attributes')
  const record = entriesOf(block, 'attributes')
  const fields = recordFields(block)
  return Array.from({ length: block.rows }, (_, row) => {
    const labels = labelsOf.get(stream(row)) ?? {}
    const metadata: Record<string, string> = {}
    const attributes = resource(row)
    const isPushed = attributes.some(([name]) => name === STREAM_LABELS)
    for (const [name, value] of attributes) {
      if (Object.hasOwn(labels, toLabelName(name)) || name === LABEL_HINT || name === STREAM_LABELS) continue
      // What a stream of Loki was not pushed with stands in its labels already, under the canonical names.
      if (isPushed && Object.hasOwn(CANONICAL_RESOURCE_ATTRIBUTES, name)) continue
      addAttribute(metadata, name, value)
    }
    for (const [name, value] of scope(row)) addAttribute(metadata, name, value)
    for (const [name, value] of record(row)) addAttribute(metadata, name, value)
    for (const [name, value] of fields(row)) if (value !== '') metadata[name] = value
    metadata['detected_level'] = detectLevel(metadata)
    return { stream: stream(row), line: { timeNs: time(row), line: body(row), structuredMetadata: metadata } }
  })
}

/** The record's own fields; '' where it has none. */
function recordFields(block: Block): (row: number) => readonly (readonly [string, string])[] {
  const observed = bigintOf(block, 'observed_time')
  const received = bigintOf(block, 'hub_received_at')
  const severityNumber = numberOf(block, 'severity_number')
  const severityText = textOf(block, 'severity_text')
  const event = textOf(block, 'event_name')
  const trace = hexOf(block, 'trace_id')
  const span = hexOf(block, 'span_id')
  const flags = numberOf(block, 'flags')
  const scopeName = textOf(block, 'scope_name')
  const scopeVersion = textOf(block, 'scope_version')
  const numberText = (value: number): string => (value === 0 ? '' : String(value))
  return (row) => [
    ['severity_number', numberText(severityNumber(row))],
    ['severity_text', severityText(row)],
    ['event_name', event(row)],
    ['trace_id', trace(row)],
    ['span_id', span(row)],
    ['flags', numberText(flags(row))],
    ['scope_name', scopeName(row)],
    ['scope_version', scopeVersion(row)],
    ['observed_timestamp', String(observed(row))],
    [HUB_RECEIVED_AT, new Date(Number(received(row))).toISOString()],
  ]
}
