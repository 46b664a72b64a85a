import type { Entry } from '../../../pipeline/destination/index.ts'
import type { Fields } from './fields.ts'
import type { EventPlace } from './place.ts'

/** JSON objects of a request that belong together: an event, or all metrics of the same time and dimensions. */
export interface HecEntry extends Entry {
  /** How many objects it is. */
  readonly events: number
  /** Where `,"fields":{…}` begins, if the event says something without them. */
  readonly fieldsAt: number | undefined
}

/** `event` is JSON; `timeMs` in milliseconds since the epoch. */
export function renderEvent(timeMs: number, place: EventPlace, event: string, fields: Fields): HecEntry {
  const head = `{"time":${renderTime(timeMs)}${renderPlace(place)},"event":${event}`
  if (fields.size === 0) return { items: 1, events: 1, bytes: Buffer.from(`${head}}`), fieldsAt: undefined }
  const tail = `,"fields":${JSON.stringify(Object.fromEntries(fields))}}`
  return { items: 1, events: 1, bytes: Buffer.from(head + tail), fieldsAt: Buffer.byteLength(head) }
}

/** Each of `fields` is a JSON object with values and dimensions; `items` are the data points in them. */
export function renderMetrics(timeMs: number, place: EventPlace, fields: readonly string[], items: number): HecEntry {
  const head = `{"time":${renderTime(timeMs)}${renderPlace(place)},"event":"metric","fields":`
  const text = fields.map((json) => `${head}${json}}`).join('\n')
  return { items, events: fields.length, bytes: Buffer.from(text), fieldsAt: undefined }
}

/** The same event without its indexed fields, for where Splunk cannot index them. */
export function withoutFields({ items, events, bytes, fieldsAt }: HecEntry): HecEntry | undefined {
  if (fieldsAt === undefined) return undefined
  return { items, events, bytes: Buffer.concat([bytes.subarray(0, fieldsAt), Buffer.from('}')]), fieldsAt: undefined }
}

/** Seconds with milliseconds, without the detour over a fraction that has no exact form. */
function renderTime(timeMs: number): string {
  const seconds = Math.floor(timeMs / 1_000)
  return `${String(seconds)}.${String(timeMs - 1_000 * seconds).padStart(3, '0')}`
}

function renderPlace(place: EventPlace): string {
  const json = JSON.stringify(place)
  return json === '{}' ? '' : `,${json.slice(1, -1)}`
}
