type Labels = Readonly<Record<string, string>>

/** Said by others already, or too long for a name. */
const QUIET = new Set(['tenant_id', 'hub_received_at'])

/**
 * Names for series that stand together: what they have in common is left out. `cluster` comes first and without its
 * name, because it names itself.
 */
export function nameSeries(all: readonly Labels[], fallback: string): readonly string[] {
  const keys = [...new Set(all.flatMap((labels) => Object.keys(labels)))]
  const differs = keys.filter((key) => !QUIET.has(key) && new Set(all.map((labels) => labels[key])).size > 1)
  // A cluster says its environment and region.
  const implied = differs.includes('cluster') ? new Set(['environment', 'region', 'cluster_type']) : new Set<string>()
  const telling = differs.filter((key) => !implied.has(key) || !isImplied(all, key))
  return all.map((labels) => {
    const parts = [
      ...(telling.includes('__name__') ? [labels['__name__'] ?? ''] : []),
      ...(telling.includes('cluster') ? [labels['cluster'] ?? ''] : []),
      ...telling
        .filter((key) => key !== 'cluster' && key !== '__name__')
        .sort()
        .map((key) => `${key}=${labels[key] ?? ''}`),
    ].filter((part) => part !== '')
    if (parts.length > 0) return joinParts(parts, telling)
    return labels['cluster'] ?? labels['__name__'] ?? (writeLabels(labels) || fallback)
  })
}

function joinParts(parts: readonly string[], telling: readonly string[]): string {
  const [only] = parts
  // One label that tells all apart needs no name.
  if (parts.length === 1 && only !== undefined && telling.length === 1) return only.replace(/^[^=]+=(?=.)/, '')
  return parts.join(' ')
}

/** Whether the label is the same wherever the cluster is. */
function isImplied(all: readonly Labels[], key: string): boolean {
  const byCluster = new Map<string, string | undefined>()
  return all.every((labels) => {
    const cluster = labels['cluster'] ?? ''
    if (!byCluster.has(cluster)) byCluster.set(cluster, labels[key])
    return byCluster.get(cluster) === labels[key]
  })
}

/** `name{a="b"}` as PromQL writes it. */
export function writeLabels(labels: Labels): string {
  const { __name__: name = '', ...others } = labels
  const pairs = Object.entries(others).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
  return pairs.length === 0 ? name : `${name}{${pairs.join(', ')}}`
}
