import type { InstantRow } from '../../data/prometheus/client.ts'

/**
 * What runs in which version, as metrics say it: resources of services that send telemetry, exporters' and programs'
 * build metrics, images of containers (kube-state-metrics), and kubelets.
 */
export const VERSIONS_QUERY = [
  'count by (job, service_version) ({__name__=~"target_info|traces_target_info", service_version!=""})',
  'count by (__name__, version) ({__name__=~".+_(build|version)_info", version!=""})',
  'count by (image) (kube_pod_container_info{image!=""})',
  'count by (kubelet_version) (kube_node_info{kubelet_version!=""})',
].join(' or ')

/** One thing that has versions, and which of them run on each side. */
export interface VersionRow {
  readonly key: string
  readonly name: string
  readonly kind: 'service' | 'program' | 'image' | 'node' | 'edge'
  /** Sorted, in the order of the sides; empty where it does not run or says nothing of itself. */
  readonly versions: readonly (readonly string[])[]
  readonly state: 'differs' | 'missing' | 'same'
}

export type Running = Pick<VersionRow, 'kind' | 'name'> & { readonly version: string }

/** What a row of the answer says to run; undefined for what has no version after all. */
export function toRunning({ labels }: InstantRow): Running | undefined {
  const { job, service_version: service, __name__: metric, version, image, kubelet_version: kubelet } = labels
  if (service !== undefined && service !== '') return { kind: 'service', name: job ?? 'no name', version: service }
  if (kubelet !== undefined && kubelet !== '') return { kind: 'node', name: 'kubelet', version: kubelet }
  if (image !== undefined && image !== '') return { kind: 'image', ...splitImage(image) }
  if (metric === undefined || version === undefined || version === '') return undefined
  return { kind: 'program', name: metric.replace(/_(build|version)_info$/, ''), version }
}

/** `registry:5000/team/app:1.2@sha256:…` is `team/app` in version 1.2; without a tag, its digest says which. */
export function splitImage(image: string): { readonly name: string; readonly version: string } {
  const [place = '', digest] = image.split('@')
  const tagAt = place.lastIndexOf(':')
  const hasTag = tagAt > place.lastIndexOf('/')
  const path = hasTag ? place.slice(0, tagAt) : place
  const parts = path.split('/')
  const isHost = parts.length > 1 && /[.:]|^localhost$/.test(parts[0] ?? '')
  const version = hasTag ? place.slice(tagAt + 1) : digest === undefined ? 'latest' : digest.slice(0, 19)
  return { name: (isHost ? parts.slice(1) : parts).join('/'), version }
}

const KINDS = ['service', 'image', 'program', 'edge', 'node'] as const

/** Versions of several sides beside each other; what differs comes first, then what runs on some only, by name. */
export function compareVersions(sides: readonly (readonly Running[])[]): readonly VersionRow[] {
  const found = new Map<string, { readonly row: Running; readonly versions: Set<string>[] }>()
  for (const [side, list] of sides.entries()) {
    for (const row of list) {
      const key = `${row.kind} ${row.name}`
      const known = found.get(key) ?? { row, versions: sides.map(() => new Set<string>()) }
      known.versions[side]?.add(row.version)
      found.set(key, known)
    }
  }
  const order = (state: VersionRow['state']): number => ['differs', 'missing', 'same'].indexOf(state)
  return [...found]
    .map(([key, { row, versions }]): VersionRow => {
      const lists = versions.map((set) => [...set].sort())
      const texts = new Set(lists.map((list) => list.join(', ')))
      const state = lists.some(({ length }) => length === 0) ? 'missing' : texts.size > 1 ? 'differs' : 'same'
      return { key, name: row.name, kind: row.kind, versions: lists, state }
    })
    .sort(
      (a, b) =>
        order(a.state) - order(b.state) || KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || (a.name < b.name ? -1 : 1),
    )
}
