import type { DashboardList } from '../../../src/contract/index.ts'
import { fetchDashboard, fetchDashboards } from './dashboards-client.ts'
import type { QueryOf } from './query-client.ts'

/** A dashboard's document. It changes by saving only, which throws it away. */
export function dashboardQuery(uid: string): QueryOf<unknown> {
  return {
    queryKey: ['dashboard', 'document', uid],
    queryFn: ({ signal }) => fetchDashboard(uid, signal),
    staleTime: Number.POSITIVE_INFINITY,
  }
}

/** The list of all dashboards. */
export const dashboardListQuery: QueryOf<DashboardList> = {
  queryKey: ['dashboards'],
  queryFn: ({ signal }) => fetchDashboards(signal),
  staleTime: 60_000,
}
