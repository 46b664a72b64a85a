import { createHash } from 'node:crypto'
import type { DestinationOfType } from '../../../fleet/index.ts'
import { type BatchId, CANONICAL_LABELS, type Envelope, type Identity } from '../../../model/index.ts'
import type { Entry } from '../../../pipeline/destination/index.ts'
import { type AttributeMap, toPlainText } from '../../../wire/index.ts'
import { type Members, renderDotted, renderMembers, renderTime, toMembers } from './json-object.ts'

type Settings = DestinationOfType<'elasticsearch'>
type Place = Settings['dataset']

/** The data stream of a document: `logs-generic-prd`. */
export interface DataStream {
  readonly type: 'logs' | 'traces' | 'metrics'
  readonly dataset: string
  readonly namespace: string
}

/** By attributes of the record before those of its resource. */
export function toDataStream(
  type: DataStream['type'],
  settings: Settings,
  attributes: readonly AttributeMap[],
  { environment }: Identity,
): DataStream {
  const namespace = settings.namespace ?? { attribute: 'data_stream.namespace', otherwise: environment }
  return {
    type,
    dataset: toPart(choose(settings.dataset, attributes), 'generic'),
    namespace: toPart(choose(namespace, attributes), 'default'),
  }
}

function choose(place: Place, attributes: readonly AttributeMap[]): string {
  if (typeof place === 'string') return place
  for (const map of attributes) {
    const value = map.get(place.attribute)
    const text = value === undefined ? '' : toPlainText(value)
    if (text !== '') return text
  }
  return place.otherwise ?? ''
}

const MAX_PART = 100

/** What may stand in a data stream's name: no capitals, no hyphens, and none of the characters of patterns and paths. */
function toPart(text: string, otherwise: string): string {
  const part = text
    .toLowerCase()
    .replace(/[\s\\/*?"<>|,#:\-\p{C}]/gu, '_')
    .slice(0, MAX_PART)
  return part === '' || /^\.+$/.test(part) ? otherwise : part
}

/** Makes documents whose ids are the same whenever the same batch comes again: then Elasticsearch has them already. */
export class DocumentWriter {
  readonly #prefix: string
  readonly #labels: string
  #documents = 0

  constructor({ id, identity }: Envelope) {
    this.#prefix = id === undefined ? '' : toIdPrefix(id)
    const labels = Object.entries(CANONICAL_LABELS).map(([label, part]) => [`labels.${label}`, identity[part]] as const)
    this.#labels = renderMembers(new Map(labels.map(([key, value]) => [key, JSON.stringify(value)])))
  }

  /** `origin` and `members` are JSON by key, in which dots mean nesting; the first is rendered already. */
  write(timeNs: bigint, stream: DataStream, { origin, members }: Content, items = 1): Entry {
    const { type, dataset, namespace } = stream
    const index = `${type}-${dataset}-${namespace}`
    const id = this.#prefix === '' ? {} : { _id: `${this.#prefix}-${String(this.#documents)}` }
    this.#documents += 1
    const action = JSON.stringify({ create: { _index: index, ...id } })
    const about = `"data_stream.type":"${type}","data_stream.dataset":${JSON.stringify(dataset)},"data_stream.namespace":${JSON.stringify(namespace)}`
    const parts = [`"@timestamp":${renderTime(timeNs)}`, about, this.#labels, origin, renderMembers(members)]
    const document = parts.filter((part) => part !== '').join(',')
    return { items, bytes: Buffer.from(`${action}\n{${document}}\n`) }
  }
}

interface Content {
  readonly origin: string
  readonly members: Members
}

/** Remembers what was made of the origin of the record before, which is mostly that of the next one too. */
export class OriginText {
  #resource: AttributeMap | undefined
  #scope: ScopeAbout | undefined
  #text = ''

  /** By identity: readers give the same objects for records of the same origin. */
  of(resource: AttributeMap, scope: ScopeAbout): string {
    if (resource !== this.#resource || scope !== this.#scope) {
      this.#resource = resource
      this.#scope = scope
      this.#text = renderMembers(originMembers(resource, scope))
    }
    return this.#text
  }
}

interface ScopeAbout {
  readonly name: string
  readonly version: string
  readonly attributes?: AttributeMap
}

/** Long enough that two batches never have the same: 120 bits. */
const PREFIX_LENGTH = 20

function toIdPrefix({ edge, epoch, first, last }: BatchId): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([edge, epoch, first, last]))
    .digest('base64url')
  return hash.slice(0, PREFIX_LENGTH)
}

/** The members that all kinds of documents have of their origin. */
function originMembers(resource: AttributeMap, scope: ScopeAbout): Members {
  const members: Members = new Map()
  const resourceMembers = toMembers(resource)
  for (const key of ['service.name', 'service.version', 'host.name']) {
    const json = resourceMembers.get(key)
    if (json !== undefined) members.set(key, json)
  }
  if (resourceMembers.size > 0) members.set('resource.attributes', renderDotted(resourceMembers))
  if (scope.name !== '') members.set('scope.name', JSON.stringify(scope.name))
  if (scope.version !== '') members.set('scope.version', JSON.stringify(scope.version))
  const scopeMembers = toMembers(scope.attributes ?? new Map())
  if (scopeMembers.size > 0) members.set('scope.attributes', renderDotted(scopeMembers))
  return members
}
