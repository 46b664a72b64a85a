import type { DestinationOfType } from '../../../fleet/index.ts'
import type { Batch } from '../../../model/index.ts'
import type { Entry, UndeliveredCounts } from '../../../pipeline/destination/index.ts'
import {
  type AnyValue,
  type MeasuredBucket,
  type MeasuredPoint,
  type MeasureOrigin,
  readMeasures,
} from '../../../wire/index.ts'
import { type DataStream, DocumentWriter, OriginText, toDataStream } from './document.ts'
import { type Members, renderDotted, toFieldName, toMembers } from './json-object.ts'

/** Points of one time and set of dimensions: one document. */
interface Group {
  readonly timeMs: number
  readonly origin: MeasureOrigin
  readonly stream: DataStream
  readonly attributes: Members
  readonly values: Members
  items: number
}

/**
 * Data points as documents, those of the same time and dimensions in one: `metrics.<name>`, distributions as `.count`,
 * `.sum`, `.min`, `.max` and, in the form of the field type `histogram`, `.histogram`.
 */
export function encodeMetrics(
  batch: Batch,
  settings: DestinationOfType<'elasticsearch'>,
  undelivered: UndeliveredCounts,
): readonly Entry[] {
  const { envelope, payload } = batch
  const done: Group[] = []
  const open = new Map<string, Group>()
  const origins = new Map<MeasureOrigin, number>()
  for (const point of readMeasures(envelope.format, payload)) {
    const problem = point.name === '' ? 'no_name' : point.problem
    if (problem !== undefined) {
      undelivered.add(problem)
      continue
    }
    const timeMs = point.timeMs === 0 ? envelope.receivedAtMs : point.timeMs
    const origin = origins.get(point.origin) ?? origins.size
    origins.set(point.origin, origin)
    const key = JSON.stringify([timeMs, origin, [...point.attributes]])
    const values = toValues(point)
    let group = open.get(key)
    if (group !== undefined && [...values.keys()].some((name) => group?.values.has(name))) {
      // Of the same name twice at the same time, each is to be told.
      done.push(group)
      group = undefined
    }
    group ??= newGroup(point, timeMs, toDataStream('metrics', settings, [point.origin.resource], envelope.identity))
    open.set(key, group)
    for (const [name, json] of values) group.values.set(name, json)
    group.items += 1
  }
  const writer = new DocumentWriter(envelope)
  const texts = new Map([...origins.keys()].map((origin) => [origin, renderOrigin(origin)]))
  return [...done, ...open.values()].map((group) => {
    const { timeMs, origin, stream, items } = group
    const content = { origin: texts.get(origin) ?? '', members: toGroupMembers(group) }
    return writer.write(BigInt(timeMs) * 1_000_000n, stream, content, items)
  })
}

function newGroup({ origin, attributes }: MeasuredPoint, timeMs: number, stream: DataStream): Group {
  const values = new Map<string, AnyValue>([...attributes].map(([key, value]) => [key, { kind: 'string', value }]))
  return { timeMs, origin, stream, attributes: toMembers(values), values: new Map(), items: 0 }
}

function renderOrigin({ resource, scopeName, scopeVersion }: MeasureOrigin): string {
  return new OriginText().of(resource, { name: scopeName, version: scopeVersion })
}

function toGroupMembers({ attributes, values }: Group): Members {
  const members: Members = new Map()
  if (attributes.size > 0) members.set('attributes', renderDotted(attributes))
  members.set('metrics', renderDotted(values))
  return members
}

function toValues({ name, measures, buckets }: MeasuredPoint): Members {
  const field = toFieldName(name)
  const values: Members = new Map()
  for (const { part, value, quantile } of measures) {
    if (part === '') values.set(field, String(value))
    else if (part === 'quantile') values.set(`${field}.${toQuantileName(quantile ?? 0)}`, String(value))
    else values.set(`${field}.${part}`, String(value))
  }
  if (buckets.length > 0) {
    const histogram = { values: buckets.map(toMiddle), counts: buckets.map(({ count }) => count) }
    values.set(`${field}.histogram`, JSON.stringify(histogram))
  }
  return values
}

/** `p50`, `p99_9`. */
function toQuantileName(quantile: number): string {
  return `p${String(Number((100 * quantile).toPrecision(12))).replace(/[^0-9]/g, '_')}`
}

/** The value that stands for those of a bucket; of one without an end, the end that it has. */
function toMiddle({ lower, upper }: MeasuredBucket): number {
  if (lower === -Infinity) return upper === Infinity ? 0 : upper
  return upper === Infinity ? lower : (lower + upper) / 2
}
