import { fetchTrace, type WholeTrace } from '../tempo/client.ts'
import type { QueryOf } from '../query-client.ts'

/** All spans of a trace that the caller may read. */
export function wholeTraceQuery(traceId: string, tenant: string | undefined): QueryOf<WholeTrace> {
  return {
    queryKey: ['tempo', 'trace', traceId, tenant],
    queryFn: ({ signal }) => fetchTrace(traceId, { signal, tenant }),
    staleTime: 30_000,
  }
}
