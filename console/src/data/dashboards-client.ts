import './no-eval.ts'
import {
  type DashboardList,
  dashboardListSchema,
  type DashboardSaved,
  dashboardSavedSchema,
} from '../../../src/contract/index.ts'
import { ask, check } from './ask.ts'

export type { DashboardList } from '../../../src/contract/index.ts'

/** The dashboards that the hub has, and whether the caller may keep more. */
export async function fetchDashboards(signal: AbortSignal): Promise<DashboardList> {
  const { body } = await ask({ path: '/api/v1/dashboards', signal })
  return check(dashboardListSchema, body)
}

/** One of them, in Grafana's JSON, which `readDashboard` reads. */
export async function fetchDashboard(uid: string, signal: AbortSignal): Promise<unknown> {
  const { body } = await ask({ path: pathOf(uid), signal })
  return body
}

/** Keeps a dashboard; `version` is the one that it changes, none for a new one. */
export async function saveDashboard(
  uid: string,
  change: { readonly dashboard: Readonly<Record<string, unknown>>; readonly version?: number },
  signal: AbortSignal,
): Promise<DashboardSaved> {
  const { body } = await ask({ path: pathOf(uid), method: 'PUT', json: change, signal })
  return check(dashboardSavedSchema, body)
}

export async function removeDashboard(uid: string, version: number, signal: AbortSignal): Promise<void> {
  await ask({ path: pathOf(uid), method: 'DELETE', params: { version }, signal })
}

function pathOf(uid: string): string {
  return `/api/v1/dashboards/${encodeURIComponent(uid)}`
}
