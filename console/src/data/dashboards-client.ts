import './no-eval.ts'
import { type DashboardList, dashboardListSchema } from '../../../src/contract/index.ts'
import { ask, check } from './ask.ts'

export type { DashboardList } from '../../../src/contract/index.ts'

/** The dashboards that the hub has. */
export async function fetchDashboards(signal: AbortSignal): Promise<DashboardList['dashboards']> {
  const { body } = await ask({ path: '/api/v1/dashboards', signal })
  return check(dashboardListSchema, body).dashboards
}

/** One of them, in Grafana's JSON, which `readDashboard` reads. */
export async function fetchDashboard(uid: string, signal: AbortSignal): Promise<unknown> {
  const { body } = await ask({ path: `/api/v1/dashboards/${encodeURIComponent(uid)}`, signal })
  return body
}
