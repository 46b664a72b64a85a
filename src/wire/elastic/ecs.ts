/**
 * Which fields of the Elastic Common Schema are the resource's, and under which OpenTelemetry name. Everything that
 * tells one log stream from another is among them; what is not stays an attribute of the record under its own name.
 */
const RESOURCE_FIELDS: ReadonlyMap<string, string> = new Map([
  ['service.name', 'service.name'],
  ['service.version', 'service.version'],
  ['service.node.name', 'service.instance.id'],
  ['service.environment', 'deployment.environment.name'],
  ['host.name', 'host.name'],
  ['host.hostname', 'host.hostname'],
  ['host.id', 'host.id'],
  ['host.architecture', 'host.arch'],
  ['host.os.type', 'os.type'],
  ['cloud.provider', 'cloud.provider'],
  ['cloud.region', 'cloud.region'],
  ['cloud.availability_zone', 'cloud.availability_zone'],
  ['cloud.account.id', 'cloud.account.id'],
  ['container.id', 'container.id'],
  ['container.name', 'container.name'],
  ['container.image.name', 'container.image.name'],
  ['kubernetes.namespace', 'k8s.namespace.name'],
  ['kubernetes.pod.name', 'k8s.pod.name'],
  ['kubernetes.pod.uid', 'k8s.pod.uid'],
  ['kubernetes.pod.ip', 'k8s.pod.ip'],
  ['kubernetes.container.name', 'k8s.container.name'],
  ['kubernetes.node.name', 'k8s.node.name'],
  ['kubernetes.deployment.name', 'k8s.deployment.name'],
  ['kubernetes.replicaset.name', 'k8s.replicaset.name'],
  ['kubernetes.statefulset.name', 'k8s.statefulset.name'],
  ['kubernetes.daemonset.name', 'k8s.daemonset.name'],
  ['kubernetes.job.name', 'k8s.job.name'],
  ['kubernetes.cronjob.name', 'k8s.cronjob.name'],
  ['orchestrator.cluster.name', 'k8s.cluster.name'],
])

/** The name of the resource's attribute for a field of a document; undefined for a field of the record. */
export function toResourceName(path: string): string | undefined {
  const known = RESOURCE_FIELDS.get(path)
  if (known !== undefined) return known
  if (path.startsWith('kubernetes.labels.')) return `k8s.pod.label.${path.slice('kubernetes.labels.'.length)}`
  return undefined
}

/** Where to look for the name of a service that the document does not name, in this order. */
export const SERVICE_FIELDS: ReadonlySet<string> = new Set([
  'kubernetes.labels.app_kubernetes_io/name',
  'kubernetes.labels.app.kubernetes.io/name',
  'kubernetes.labels.app',
  'kubernetes.container.name',
  'container.name',
  'event.dataset',
  'data_stream.dataset',
])

/** The index without the date and number that roll over. */
export function toDataStream(index: string): string {
  return index.replace(/^\.ds-/, '').replace(/[-_](?:19|20)\d{2}[.-]\d{2}(?:[.-]\d{2})?(?:-\d+)?$/, '')
}

const SEVERITIES: readonly (readonly [pattern: RegExp, number: number])[] = [
  [/^(?:trace|trc)/, 1],
  [/^(?:debug|dbg)/, 5],
  [/^(?:notice)/, 10],
  [/^(?:info|inf$)/, 9],
  [/^(?:warn|wrn)/, 13],
  [/^(?:err)/, 17],
  [/^(?:crit|fatal|panic|emerg|alert)/, 21],
]

/** The severity number of OpenTelemetry's log model for a level's word; 0 for one that says nothing. */
export function toSeverityNumber(level: string): number {
  const word = level.toLowerCase()
  return SEVERITIES.find(([pattern]) => pattern.test(word))?.[1] ?? 0
}
