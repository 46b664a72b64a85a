import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { type ReactElement, useMemo } from 'react'
import '../../styles/explore.css'
import '../../styles/dashboard.css'
import { dashboardListQuery, dashboardQuery } from '../../data/dashboard-queries.ts'
import { useViewDefaults } from '../../data/view.tsx'
import { readDashboard } from '../../grafana/dashboard.ts'
import { ownTimeOf } from '../../grafana/own-time.ts'
import { numberAt } from '../../grafana/json.ts'
import { Failure, Skeleton } from '../../parts/states.tsx'
import { Page } from '../../shell/page.tsx'
import { Sheet } from './sheet.tsx'

/** A dashboard that comes with the hub, or one that its people keep there. */
export function DashboardPage(): ReactElement {
  const { uid } = useParams({ from: '/dashboards/$uid' })
  const { data, error, refetch } = useQuery(dashboardQuery(uid))
  const { data: list } = useQuery(dashboardListQuery)
  const read = useMemo(() => (data === undefined ? undefined : tryRead(data)), [data])
  const dashboard = read === undefined || read instanceof Error ? undefined : read
  const ownTime = useMemo(() => (dashboard === undefined ? undefined : ownTimeOf(dashboard)), [dashboard])
  const isTimed = useViewDefaults(ownTime)
  const kept = list?.dashboards.find((one) => one.uid === uid)?.kept
  const version = dashboard === undefined ? undefined : numberAt(dashboard.json, 'version')
  const failure = error ?? (read instanceof Error ? read : null)
  return (
    <Page crumbs={[{ name: 'Dashboards', to: '/dashboards' }, { name: dashboard?.title ?? uid }]}>
      {failure !== null ? (
        <Failure reason={failure} onRetry={() => void refetch()} />
      ) : dashboard === undefined || !isTimed ? (
        <Skeleton label="Loading the dashboard" rows={12} />
      ) : (
        <Sheet
          key={`${uid} ${version ?? ''}`}
          uid={uid}
          saved={dashboard}
          rights={{
            version: kept === undefined ? undefined : version,
            mayEdit: kept?.mayEdit === true,
            mayKeep: list?.mayKeep === true,
          }}
        />
      )}
    </Page>
  )
}

function tryRead(document: unknown): ReturnType<typeof readDashboard> | Error {
  try {
    return readDashboard(document)
  } catch (reason) {
    return reason instanceof Error ? reason : new Error(String(reason))
  }
}
