import { clampTimeMs, logSelectionsOf, type LogqlExpr } from '../../query/index.ts'
import type { HandlerContext } from '../handlers/handler.ts'
import { missingClusters } from '../handlers/missing-clusters.ts'
import type { ApiRequest } from '../messages.ts'

/** Warnings about clusters whose newest lines the answer to a query lacks; `endMs` is the last time that it asks for. */
export async function missingLines(
  request: ApiRequest,
  { scope, sources, signal }: HandlerContext,
  expr: LogqlExpr,
  endMs: number,
): Promise<readonly string[]> {
  const selections = logSelectionsOf(expr)
  const latestMs = Math.max(...selections.map(({ offsetNs }) => endMs - offsetNs / 1e6))
  const touches = async (clusters: readonly string[], sinceMs: number): Promise<readonly string[]> => {
    const range = { startMs: clampTimeMs(sinceMs), endMs: clampTimeMs(latestMs) }
    const found = selections.map(({ matchers }) =>
      sources.logs.labelValues({ ...scope, clusters }, 'cluster', { matchers, range }, signal),
    )
    return (await Promise.all(found)).flat()
  }
  return await missingClusters(request, { scope, latestMs, what: 'lines', touches })
}
