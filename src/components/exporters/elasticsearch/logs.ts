import type { DestinationOfType } from '../../../fleet/index.ts'
import type { Batch } from '../../../model/index.ts'
import type { Entry } from '../../../pipeline/destination/index.ts'
import { type ReadLogRecord, readLogs, toPlainText } from '../../../wire/index.ts'
import { DocumentWriter, OriginText, toDataStream } from './document.ts'
import { type Members, renderDotted, renderTime, toMembers } from './json-object.ts'

/** Log records as documents: ECS' names for what ECS knows, attributes as OpenTelemetry has them. */
export function* encodeLogs(batch: Batch, settings: DestinationOfType<'elasticsearch'>): Generator<Entry> {
  const { envelope, payload } = batch
  const writer = new DocumentWriter(envelope)
  const origins = new OriginText()
  for (const { resource, scope, record } of readLogs(payload)) {
    const stream = toDataStream('logs', settings, [record.attributes, resource.attributes], envelope.identity)
    const origin = origins.of(resource.attributes, scope)
    const content = { origin, members: recordMembers(record) }
    yield writer.write(timeOf(record, envelope.receivedAtMs), stream, content)
  }
}

function timeOf({ timeNs, observedTimeNs }: ReadLogRecord, receivedAtMs: number): bigint {
  if (timeNs !== 0n) return timeNs
  return observedTimeNs === 0n ? BigInt(receivedAtMs) * 1_000_000n : observedTimeNs
}

function recordMembers(record: ReadLogRecord): Members {
  const members: Members = new Map()
  const setText = (key: string, text: string): void => {
    if (text !== '') members.set(key, JSON.stringify(text))
  }
  members.set('message', JSON.stringify(toPlainText(record.body)))
  setText('log.level', record.severityText.toLowerCase())
  if (record.severityNumber !== 0) members.set('event.severity', String(record.severityNumber))
  setText('event.action', record.eventName)
  if (record.observedTimeNs !== 0n) members.set('event.created', renderTime(record.observedTimeNs))
  setText('trace.id', record.traceId)
  setText('span.id', record.spanId)
  const attributes = toMembers(record.attributes)
  if (attributes.size > 0) members.set('attributes', renderDotted(attributes))
  return members
}
