import type { Scope, Silence } from '../../model/index.ts'
import type { ApiRequest } from '../messages.ts'

/** What an answer was made of. */
export interface Asked {
  readonly scope: Scope
  /** The latest time that the query looks at. */
  readonly latestMs: number
  /** What is missing, such as `samples`. */
  readonly what: string
  /** Of these clusters, those that have sent something since then that the query selects. */
  readonly touches: (clusters: readonly string[], sinceMs: number) => Promise<readonly string[]>
}

/** A cluster is called silent after this time; until then nothing is missing. */
const SILENT_AFTER_MS = 60_000
/** Who sent nothing of a kind for so long before the silence is not missed for it. */
const HEARD_BEFORE_MS = 3_600_000
/** When nobody knows how long the silence has been. */
const SENT_BEFORE_MS = 86_400_000

/**
 * Says which clusters' newest data the answer lacks, for `warnings`: clusters in the scope that the hub hears nothing of, if
 * the query looks at times after that and selects what they used to send. Asks the store only if there is such a
 * cluster. Does not throw: an answer that is there is not lost for want of a warning.
 */
export async function missingClusters({ silences = [] }: ApiRequest, asked: Asked): Promise<readonly string[]> {
  const silent = silences.filter((one) => isAskedFor(one, asked))
  const earliestMs = Math.min(...silent.map(heardMs))
  if (silent.length === 0) return []
  const names = silent.map(({ cluster }) => cluster)
  const touched = await asked.touches(names, earliestMs).catch((): readonly string[] => [])
  return silent
    .filter(({ cluster }) => touched.includes(cluster))
    .map(({ cluster, sinceMs, wasHeard }) => {
      const since = `${wasHeard ? '' : 'the hub started at '}${new Date(sinceMs).toISOString()}`
      return `cluster '${cluster}' has sent nothing since ${since}: its newest ${asked.what} are missing`
    })
    .sort()
}

function isAskedFor({ cluster, tenant, sinceMs }: Silence, { scope, latestMs }: Asked): boolean {
  const { tenants, clusters } = scope
  if (tenants !== 'all' && !tenants.includes(tenant)) return false
  if (clusters !== undefined && !clusters.includes(cluster)) return false
  return latestMs > sinceMs + SILENT_AFTER_MS
}

function heardMs({ sinceMs, wasHeard }: Silence): number {
  return sinceMs - (wasHeard ? HEARD_BEFORE_MS : SENT_BEFORE_MS)
}
