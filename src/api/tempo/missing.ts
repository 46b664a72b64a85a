import type { HandlerContext } from '../handlers/handler.ts'
import { missingClusters } from '../handlers/missing-clusters.ts'
import type { ApiRequest } from '../messages.ts'

/** What `TraceByIDResponse` and answers of metrics say when they are not whole; nothing when they are. */
export interface PartialAnswer {
  readonly status?: 'PARTIAL'
  readonly message?: string
}

/** Names the clusters whose newest spans an answer lacks; `endMs` is the last time that it is about. */
export async function missingSpans(
  request: ApiRequest,
  { scope, sources, signal }: HandlerContext,
  endMs: number,
): Promise<PartialAnswer> {
  const touches = async (clusters: readonly string[]): Promise<readonly string[]> => {
    const sends = async (cluster: string): Promise<boolean> =>
      (await sources.services.services({ ...scope, clusters: [cluster] }, signal)).length > 0
    const sending = await Promise.all(clusters.map(sends))
    return clusters.filter((_, i) => sending[i])
  }
  const missing = await missingClusters(request, { scope, latestMs: endMs, what: 'spans', touches })
  return missing.length === 0 ? {} : { status: 'PARTIAL', message: missing.join('; ') }
}
