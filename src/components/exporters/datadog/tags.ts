import type { DestinationOfType } from '../../../fleet/index.ts'
import { CANONICAL_LABELS, type Identity } from '../../../model/index.ts'
import { type AttributeMap, toTexts } from '../../../wire/index.ts'

/** Resource attributes and Datadog's names for them. */
const DATADOG_NAMES: Readonly<Record<string, string>> = {
  'service.name': 'service',
  'service.version': 'version',
  'container.id': 'container_id',
  'container.name': 'container_name',
  'container.image.name': 'image_name',
  'container.image.tag': 'image_tag',
  'cloud.provider': 'cloud_provider',
  'cloud.availability_zone': 'zone',
  'k8s.container.name': 'kube_container_name',
  'k8s.namespace.name': 'kube_namespace',
  'k8s.node.name': 'kube_node',
  'k8s.pod.name': 'pod_name',
  'k8s.deployment.name': 'kube_deployment',
  'k8s.replicaset.name': 'kube_replica_set',
  'k8s.statefulset.name': 'kube_stateful_set',
  'k8s.daemonset.name': 'kube_daemon_set',
  'k8s.job.name': 'kube_job',
  'k8s.cronjob.name': 'kube_cronjob',
}

/** Of a tag with its value, in characters. */
const MAX_TAG = 200

export type Tags = Map<string, string>

type Settings = Pick<DestinationOfType<'datadog'>, 'tags' | 'resourceTags'>

/** The tags of everything that a resource tells. */
export function toResourceTags(resource: AttributeMap, identity: Identity, settings: Settings): Tags {
  const tags: Tags = new Map()
  const texts = toTexts(resource)
  for (const name of settings.resourceTags) setTag(tags, name, texts.get(name))
  for (const [name, tag] of Object.entries(DATADOG_NAMES)) setTag(tags, tag, texts.get(name))
  setTag(tags, 'env', identity.environment)
  setTag(tags, 'kube_cluster_name', identity.cluster)
  for (const [label, part] of Object.entries(CANONICAL_LABELS)) setTag(tags, label, identity[part])
  for (const tag of settings.tags) setTag(tags, tag.slice(0, tag.indexOf(':')), tag.slice(tag.indexOf(':') + 1))
  return tags
}

export function setTag(tags: Tags, name: string, value: string | undefined): void {
  if (value !== undefined && value !== '') tags.set(name, value)
}

/** `name:value`, in one order for the same tags. Commas separate tags in some places, so none may stand in them. */
export function renderTags(tags: ReadonlyMap<string, string>): readonly string[] {
  return [...tags].map(([name, value]) => `${name}:${value}`.replaceAll(',', '_').slice(0, MAX_TAG)).sort()
}

/** The host that a resource runs on, if it says so. */
export function hostOf(resource: AttributeMap): string | undefined {
  const texts = toTexts(resource)
  return texts.get('host.name') ?? texts.get('k8s.node.name')
}
