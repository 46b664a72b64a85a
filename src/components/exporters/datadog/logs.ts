import type { DestinationOfType } from '../../../fleet/index.ts'
import type { Batch } from '../../../model/index.ts'
import type { UndeliveredCounts } from '../../../pipeline/destination/index.ts'
import {
  type AttributeMap,
  flattenAttributes,
  type ReadLog,
  type ReadLogRecord,
  readLogs,
  toPlainJson,
  toPlainText,
} from '../../../wire/index.ts'
import { hostOf, renderTags, toResourceTags } from './tags.ts'
import { HOUR_MS, type TimedEntry } from './timed-entry.ts'

type Settings = DestinationOfType<'datadog'>

/** Datadog takes records of the last 18 hours. */
export const LOGS_MAX_AGE_MS = 18 * HOUR_MS

/** Datadog cuts what is larger than 1 MB; then rather the message than an attribute, and said so. */
const MAX_RECORD_BYTES = 1_000_000
const CUT_ATTRIBUTE = 'fleetglass.message_bytes'

/** Log records as JSON objects. */
export function* encodeLogs(
  batch: Batch,
  settings: Settings,
  nowMs: number,
  undelivered: UndeliveredCounts,
): Generator<TimedEntry> {
  const { identity, receivedAtMs } = batch.envelope
  let resource: AttributeMap | undefined
  let ddtags = ''
  for (const log of readLogs(batch.payload)) {
    const { attributes } = log.resource
    if (attributes !== resource) {
      resource = attributes
      ddtags = renderTags(toResourceTags(attributes, identity, settings)).join(',')
    }
    const timeMs = timeOf(log.record, receivedAtMs)
    if (timeMs < nowMs - LOGS_MAX_AGE_MS) {
      undelivered.add('too_old')
      continue
    }
    const bytes = encodeLog(log, settings, ddtags, timeMs)
    if (bytes === undefined) undelivered.add('too_large')
    else yield { items: 1, bytes, timeMs }
  }
}

function timeOf({ timeNs, observedTimeNs }: ReadLogRecord, receivedAtMs: number): number {
  const ns = timeNs === 0n ? observedTimeNs : timeNs
  return ns === 0n ? receivedAtMs : Number(ns / 1_000_000n)
}

/** Undefined if the record is too large even without its message. */
function encodeLog(log: ReadLog, settings: Settings, ddtags: string, timeMs: number): Buffer | undefined {
  const { resource, record } = log
  const members = toMembers(log, timeMs)
  const set = (key: string, text: string | undefined): void => {
    if (text !== undefined && text !== '') members.set(key, JSON.stringify(text))
  }
  set('ddsource', choose(settings.source, [record.attributes, resource.attributes]))
  set('ddtags', ddtags)
  set('hostname', hostOf(resource.attributes))
  const service = resource.attributes.get('service.name')
  set('service', service === undefined ? undefined : toPlainText(service))
  set('status', statusOf(record))
  const message = toPlainText(record.body)
  members.set('message', JSON.stringify(message))
  const whole = render(members)
  if (whole.length <= MAX_RECORD_BYTES) return whole
  const messageBytes = Buffer.byteLength(members.get('message') ?? '')
  members.set(CUT_ATTRIBUTE, String(Buffer.byteLength(message)))
  const room = MAX_RECORD_BYTES - (whole.length - messageBytes) - CUT_ATTRIBUTE.length - 20
  if (room < 2) return undefined
  members.set('message', cutJson(message, room))
  return render(members)
}

/** What has no name of Datadog's own. Resource, scope and record, later ones over earlier ones of the same name. */
function toMembers({ resource, scope, record }: ReadLog, timeMs: number): Map<string, string> {
  const members = new Map<string, string>()
  for (const attributes of [resource.attributes, scope.attributes, record.attributes]) {
    for (const [key, value] of flattenAttributes(attributes)) if (key !== '') members.set(key, toPlainJson(value))
  }
  const set = (key: string, text: string): void => {
    if (text !== '') members.set(key, JSON.stringify(text))
  }
  set('otel.scope.name', scope.name)
  set('otel.severity_text', record.severityText)
  if (record.severityNumber !== 0) members.set('otel.severity_number', String(record.severityNumber))
  set('otel.event_name', record.eventName)
  set('otel.trace_id', record.traceId)
  set('otel.span_id', record.spanId)
  set('dd.trace_id', toDatadogId(record.traceId))
  set('dd.span_id', toDatadogId(record.spanId))
  members.set('timestamp', String(timeMs))
  return members
}

/** Datadog's ids are decimal numbers of 64 bits: of a trace id the lower half. */
function toDatadogId(hex: string): string {
  return hex === '' ? '' : String(BigInt(`0x${hex.slice(-16)}`))
}

/** By OpenTelemetry's ranges of severity numbers, four to a status; else what the record says. */
const STATUSES = ['debug', 'debug', 'info', 'warning', 'error', 'critical'] as const

function statusOf({ severityNumber, severityText }: ReadLogRecord): string {
  if (severityNumber < 1) return severityText.toLowerCase()
  return STATUSES[Math.floor((severityNumber - 1) / 4)] ?? 'critical'
}

function choose(place: Settings['source'], attributes: readonly AttributeMap[]): string | undefined {
  if (typeof place === 'string') return place
  for (const map of attributes) {
    const value = map.get(place.attribute)
    if (value !== undefined) return toPlainText(value)
  }
  return place.otherwise
}

function render(members: ReadonlyMap<string, string>): Buffer {
  return Buffer.from(`{${[...members].map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(',')}}`)
}

/** The text's beginning as a JSON string of at most so many bytes. */
function cutJson(text: string, maxBytes: number): string {
  let low = 0
  let high = Math.min(text.length, maxBytes)
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (Buffer.byteLength(JSON.stringify(text.slice(0, middle))) <= maxBytes) low = middle
    else high = middle - 1
  }
  // Never half of a pair.
  const last = text.charCodeAt(low - 1)
  return JSON.stringify(text.slice(0, last >= 0xd800 && last <= 0xdbff ? low - 1 : low))
}
