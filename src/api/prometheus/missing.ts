import type { Matcher } from '../../model/index.ts'
import { clampTimeMs } from '../../query/index.ts'
import type { HandlerContext } from '../handlers/handler.ts'
import { missingClusters } from '../handlers/missing-clusters.ts'
import type { ApiRequest } from '../messages.ts'

/** Warnings about clusters whose newest samples an answer lacks; without selectors it is about all series. */
export async function missingSamples(
  request: ApiRequest,
  { scope, sources, signal }: HandlerContext,
  { matcherSets, latestMs }: { readonly matcherSets: readonly (readonly Matcher[])[]; readonly latestMs: number },
): Promise<readonly string[]> {
  const touches = async (clusters: readonly string[], sinceMs: number): Promise<readonly string[]> => {
    const range = { startMs: clampTimeMs(sinceMs), endMs: clampTimeMs(latestMs) }
    return await sources.metrics.labelValues({ ...scope, clusters }, 'cluster', { matcherSets, range }, signal)
  }
  return await missingClusters(request, { scope, latestMs, what: 'samples', touches })
}
