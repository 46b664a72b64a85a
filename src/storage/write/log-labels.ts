import { CANONICAL_LABELS, type Identity } from '../../model/index.ts'
import { SERVICE_NAME_LABELS, STREAM_LABELS } from '../../wire/index.ts'
import type { AttributeSet } from './otlp-walk.ts'

/** Resource attributes that become labels of a log stream, as Loki maps OTLP by default. All others are metadata. */
const INDEX_ATTRIBUTES: ReadonlySet<string> = new Set([
  'service.name',
  'service.namespace',
  'service.instance.id',
  'deployment.environment',
  'deployment.environment.name',
  'cloud.region',
  'cloud.availability_zone',
  'k8s.cluster.name',
  'k8s.namespace.name',
  'k8s.pod.name',
  'k8s.container.name',
  'container.name',
  'k8s.replicaset.name',
  'k8s.deployment.name',
  'k8s.statefulset.name',
  'k8s.daemonset.name',
  'k8s.cronjob.name',
  'k8s.job.name',
])

export const UNKNOWN_SERVICE = 'unknown_service'

/**
 * A resource attribute with the names of further attributes, comma-separated, that are labels of the stream. The
 * OpenTelemetry Collector marks them in this way. What Loki's own clients push is marked by `STREAM_LABELS` instead,
 * because such a stream has these labels and no others.
 */
export const LABEL_HINT = 'loki.resource.labels'

/** The labels of the stream to which a resource's records belong. No empty values. */
export function toStreamLabels(resource: AttributeSet, identity: Identity): ReadonlyMap<string, string> {
  const pushed = splitHint(resource.text(STREAM_LABELS))
  const hinted = new Set(pushed.length > 0 ? pushed : splitHint(resource.text(LABEL_HINT)))
  const labels = new Map<string, string>()
  const others = new Map<string, string>()
  for (const name of resource.names) {
    if (name === LABEL_HINT || name === STREAM_LABELS) continue
    const isLabel = hinted.has(name) || (pushed.length === 0 && INDEX_ATTRIBUTES.has(name))
    const label = toLabelName(name)
    if (isLabel) setUnlessEmpty(labels, label, resource.text(name))
    else if (pushed.length === 0 && SERVICE_NAME_LABELS.includes(label))
      setUnlessEmpty(others, label, resource.text(name))
  }
  if (!labels.has('service_name')) labels.set('service_name', discoverServiceName(labels, others))
  for (const [label, part] of Object.entries(CANONICAL_LABELS)) setUnlessEmpty(labels, label, identity[part])
  return labels
}

function discoverServiceName(labels: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>): string {
  for (const label of SERVICE_NAME_LABELS) {
    const found = labels.get(label) ?? others.get(label)
    if (found !== undefined) return found
  }
  return UNKNOWN_SERVICE
}

function splitHint(hint: string): readonly string[] {
  return hint
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

function toLabelName(attribute: string): string {
  return attribute.replace(/[^A-Za-z0-9_]/gu, '_')
}

function setUnlessEmpty(labels: Map<string, string>, name: string, value: string): void {
  if (value !== '') labels.set(name, value)
}
