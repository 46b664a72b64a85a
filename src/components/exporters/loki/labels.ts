import { CANONICAL_LABELS, type Identity } from '../../../model/index.ts'
import { type AttributeMap, SERVICE_NAME_LABELS, STREAM_LABELS, toPlainText } from '../../../wire/index.ts'
import { cutText } from './cut-text.ts'

/** What a resource becomes in Loki: the labels of its stream, and the attributes that are not among them. */
export interface Stream {
  /** As Loki reads them: `{cluster="prd", service_name="shop"}`. */
  readonly labels: string
  /** Names of resource attributes that are told by labels. */
  readonly told: ReadonlySet<string>
}

const UNKNOWN_SERVICE = 'unknown_service'

/** The OpenTelemetry Collector names in this attribute, comma-separated, which others are labels. */
const LABEL_HINT = 'loki.resource.labels'

const MAX_NAME_BYTES = 1_024
const MAX_VALUE_BYTES = 2_048

/**
 * `wanted` are attribute names by importance; identity comes before all of them. A stream that was pushed to the hub in
 * Loki's own form has the labels that it was pushed with, and no others.
 */
export function toStream(
  resource: AttributeMap,
  identity: Identity,
  wanted: readonly string[],
  maxLabels: number,
): Stream {
  const labels = new Map<string, string>()
  const told = new Set([LABEL_HINT, STREAM_LABELS])
  for (const [label, part] of Object.entries(CANONICAL_LABELS)) {
    if (identity[part] !== '') labels.set(label, identity[part])
  }
  const pushed = namesIn(resource, STREAM_LABELS)
  labels.set('service_name', findServiceName(resource, pushed.length > 0 ? pushed : [...resource.keys()]))
  for (const name of pushed.length > 0 ? pushed : [...namesIn(resource, LABEL_HINT), 'service.name', ...wanted]) {
    const label = toLabelName(name)
    const value = textOf(resource, name)
    if (value === '') continue
    if (!labels.has(label) && labels.size < maxLabels) labels.set(label, value)
    if (labels.get(label) === value) told.add(name)
  }
  const pairs = [...labels].sort(([a], [b]) => (a < b ? -1 : 1))
  const rendered = pairs.map(([name, value]) => `${name}=${JSON.stringify(cutText(value, MAX_VALUE_BYTES))}`)
  return { labels: `{${rendered.join(', ')}}`, told }
}

/** Names are few; senders that make new ones all the time cost only the look-up. */
const MAX_KNOWN_NAMES = 10_000
const knownNames = new Map<string, string>()

/** The name of a label or of structured metadata: no other characters, and no digit in front. */
export function toLabelName(name: string): string {
  const known = knownNames.get(name)
  if (known !== undefined) return known
  if (knownNames.size >= MAX_KNOWN_NAMES) knownNames.clear()
  const label = normalize(name)
  knownNames.set(name, label)
  return label
}

function normalize(name: string): string {
  const label = cutText(name.replace(/[^A-Za-z0-9_]/gu, '_'), MAX_NAME_BYTES - 4)
  return /^\d/.test(label) ? `key_${label}` : label
}

function findServiceName(resource: AttributeMap, names: readonly string[]): string {
  const byLabel = new Map(names.map((name) => [toLabelName(name), name]))
  for (const label of ['service_name', ...SERVICE_NAME_LABELS]) {
    const name = byLabel.get(label)
    const value = name === undefined ? '' : textOf(resource, name)
    if (value !== '') return value
  }
  return UNKNOWN_SERVICE
}

function namesIn(resource: AttributeMap, attribute: string): readonly string[] {
  const names = textOf(resource, attribute).split(',')
  return names.map((name) => name.trim()).filter((name) => name !== '')
}

function textOf(attributes: AttributeMap, name: string): string {
  const value = attributes.get(name)
  return value === undefined ? '' : toPlainText(value)
}
