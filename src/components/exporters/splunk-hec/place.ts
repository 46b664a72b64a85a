import type { DestinationOfType } from '../../../fleet/index.ts'
import type { Identity } from '../../../model/index.ts'
import { type AttributeMap, toPlainText } from '../../../wire/index.ts'

type Settings = DestinationOfType<'splunk-hec'>
type Place = NonNullable<Settings['index']>

/** The keys of an event that say where it belongs; absent ones are up to the token. */
export interface EventPlace {
  readonly host?: string
  readonly source?: string
  readonly sourcetype?: string
  readonly index?: string
}

/** Attributes by which senders choose, as Splunk's own tools name them. */
const SOURCE = ['com.splunk.source', 'service.name']
const SOURCETYPE = ['com.splunk.sourcetype']
const INDEX = ['com.splunk.index']
const HOST = ['host.name', 'k8s.node.name']

/** Where a log record belongs. */
export function placeOfLog(settings: Settings, attributes: Lookup, identity: Identity): EventPlace {
  return {
    ...placeOf(settings, attributes, identity),
    ...key('index', choose(settings.index, attributes, INDEX)),
  }
}

/** Where a span or data point belongs: its index is fixed, for other kinds of indexes are needed for them. */
export function placeIn(
  index: string | undefined,
  settings: Settings,
  attributes: Lookup,
  identity: Identity,
): EventPlace {
  return { ...placeOf(settings, attributes, identity), ...key('index', index) }
}

/** Attributes of the record before those of its resource. */
export type Lookup = readonly AttributeMap[]

function placeOf(settings: Settings, attributes: Lookup, { cluster }: Identity): EventPlace {
  return {
    ...key('host', choose(settings.host, attributes, HOST) ?? cluster),
    ...key('source', choose(settings.source, attributes, SOURCE)),
    ...key('sourcetype', choose(settings.sourcetype, attributes, SOURCETYPE)),
  }
}

function choose(place: Place | undefined, attributes: Lookup, usual: readonly string[]): string | undefined {
  if (typeof place === 'string') return place
  if (place !== undefined) return find(attributes, place.attribute) ?? place.otherwise
  for (const name of usual) {
    const found = find(attributes, name)
    if (found !== undefined) return found
  }
  return undefined
}

function find(attributes: Lookup, name: string): string | undefined {
  for (const map of attributes) {
    const value = map.get(name)
    const text = value === undefined ? '' : toPlainText(value)
    if (text !== '') return text
  }
  return undefined
}

function key(name: keyof EventPlace, value: string | undefined): EventPlace {
  return value === undefined ? {} : { [name]: value }
}
