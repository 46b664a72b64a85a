import type { DestinationOfType } from '../../../fleet/index.ts'
import type { Batch } from '../../../model/index.ts'
import type { UndeliveredCounts } from '../../../pipeline/destination/index.ts'
import { type AnyValue, type ReadLogRecord, readLogs, toPlainJson, toPlainText } from '../../../wire/index.ts'
import { type HecEntry, renderEvent } from './event.ts'
import { addAttributes, addIdentity, type Fields, OriginFields, setField } from './fields.ts'
import { placeOfLog } from './place.ts'

/** Log records as events, one each. */
export function encodeLogs(
  batch: Batch,
  settings: DestinationOfType<'splunk-hec'>,
  undelivered: UndeliveredCounts,
): HecEntry[] {
  const { identity, receivedAtMs } = batch.envelope
  const entries: HecEntry[] = []
  const origins = new OriginFields()
  for (const { resource, scope, record } of readLogs(batch.payload)) {
    const event = toEvent(record)
    if (event === undefined) {
      undelivered.add('no_content')
      continue
    }
    const fields = origins.of(resource.attributes, scope)
    addRecord(fields, record)
    addIdentity(fields, identity)
    const place = placeOfLog(settings, [record.attributes, resource.attributes], identity)
    entries.push(renderEvent(timeOf(record, receivedAtMs), place, event, fields))
  }
  return entries
}

/** A record without a time of its own has that of whoever saw it first. */
function timeOf({ timeNs, observedTimeNs }: ReadLogRecord, receivedAtMs: number): number {
  const ns = timeNs === 0n ? observedTimeNs : timeNs
  return ns === 0n ? receivedAtMs : Number(ns / 1_000_000n)
}

/** The body as JSON; Splunk refuses blank events, so a record without a body tells its name or its attributes. */
function toEvent({ body, eventName, attributes }: ReadLogRecord): string | undefined {
  const value: AnyValue = { kind: 'map', entries: [...attributes] }
  const candidate = [body, { kind: 'string', value: eventName } as const, value].find((one) => !isBlank(one))
  if (candidate === undefined) return undefined
  return candidate.kind === 'map' ? toPlainJson(candidate) : JSON.stringify(toPlainText(candidate))
}

function isBlank(value: AnyValue): boolean {
  if (value.kind === 'map') return value.entries.length === 0
  return toPlainText(value).trim() === ''
}

function addRecord(fields: Fields, record: ReadLogRecord): void {
  addAttributes(fields, record.attributes)
  setField(fields, 'otel.log.name', record.eventName)
  setField(fields, 'otel.log.severity.text', record.severityText)
  if (record.severityNumber !== 0) setField(fields, 'otel.log.severity.number', String(record.severityNumber))
  setField(fields, 'trace_id', record.traceId)
  setField(fields, 'span_id', record.spanId)
}
