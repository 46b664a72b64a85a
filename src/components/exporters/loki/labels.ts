import { CANONICAL_LABELS, type Identity } from '../../../model/index.ts'
import { type AttributeMap, toPlainText } from '../../../wire/index.ts'
import { cutText } from './cut-text.ts'

/** What a resource becomes in Loki: the labels of its stream, and the attributes that are not among them. */
export interface Stream {
  /** As Loki reads them: `{cluster="prd", service_name="shop"}`. */
  readonly labels: string
  /** Names of resource attributes that are told by labels. */
  readonly told: ReadonlySet<string>
}

/** Where Loki looks for a service's name when there is no `service_name`, in this order. */
const SERVICE_NAME_LABELS = [
  'service',
  'app',
  'application',
  'app_name',
  'name',
  'app_kubernetes_io_name',
  'container',
  'container_name',
  'k8s_container_name',
  'component',
  'workload',
  'job',
  'k8s_job_name',
]
const UNKNOWN_SERVICE = 'unknown_service'

/** Senders in Loki's own form name in this attribute, comma-separated, which of their attributes are labels. */
const LABEL_HINT = 'loki.resource.labels'

const MAX_NAME_BYTES = 1_024
const MAX_VALUE_BYTES = 2_048

/** `wanted` are attribute names by importance; identity comes before all of them. */
export function toStream(
  resource: AttributeMap,
  identity: Identity,
  wanted: readonly string[],
  maxLabels: number,
): Stream {
  const labels = new Map<string, string>()
  const told = new Set([LABEL_HINT])
  for (const [label, part] of Object.entries(CANONICAL_LABELS)) {
    if (identity[part] !== '') labels.set(label, identity[part])
  }
  labels.set('service_name', findServiceName(resource))
  told.add('service.name')
  for (const name of [...wanted, ...hintedNames(resource)]) {
    const label = toLabelName(name)
    const value = textOf(resource, name)
    if (value === '') continue
    const known = labels.get(label)
    if (known === undefined && labels.size < maxLabels) labels.set(label, value)
    if (labels.get(label) === value) told.add(name)
  }
  const pairs = [...labels].sort(([a], [b]) => (a < b ? -1 : 1))
  const rendered = pairs.map(([name, value]) => `${name}=${JSON.stringify(cutText(value, MAX_VALUE_BYTES))}`)
  return { labels: `{${rendered.join(', ')}}`, told }
}

/** The name of a label or of structured metadata: no other characters, and no digit in front. */
export function toLabelName(name: string): string {
  const label = cutText(name.replace(/[^A-Za-z0-9_]/gu, '_'), MAX_NAME_BYTES - 4)
  return /^\d/.test(label) ? `key_${label}` : label
}

function findServiceName(resource: AttributeMap): string {
  const named = textOf(resource, 'service.name')
  if (named !== '') return named
  const byLabel = new Map([...resource.keys()].map((name) => [toLabelName(name), name]))
  for (const label of SERVICE_NAME_LABELS) {
    const name = byLabel.get(label)
    const value = name === undefined ? '' : textOf(resource, name)
    if (value !== '') return value
  }
  return UNKNOWN_SERVICE
}

function hintedNames(resource: AttributeMap): readonly string[] {
  const hint = textOf(resource, LABEL_HINT)
  return hint === '' ? [] : hint.split(',').map((name) => name.trim())
}

function textOf(attributes: AttributeMap, name: string): string {
  const value = attributes.get(name)
  return value === undefined ? '' : toPlainText(value)
}
