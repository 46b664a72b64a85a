import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Navigate,
  retainSearchParams,
} from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { parseAddress, writeAddress } from './data/address.ts'
import { dashboardListQuery, dashboardQuery } from './data/dashboard-queries.ts'
import { fleetQuery } from './data/fleet-client.ts'
import { askAhead } from './data/query-client.ts'
import { wholeTraceQuery } from './data/trace/whole-trace-query.ts'
import { type RefreshInterval, VIEW_KEYS, viewSearchSchema } from './data/view-state.ts'

import { logsSearchSchema } from './pages/logs/search.ts'
import { compareSearchSchema } from './pages/compare/search.ts'
import { dashboardSearchSchema } from './pages/dashboard/search.ts'
import { mapSearchSchema } from './pages/map/search.ts'
import { metricsSearchSchema } from './pages/metrics/search.ts'

import { traceSearchSchema } from './pages/trace/search.ts'
import { tracesSearchSchema } from './pages/traces/search.ts'
import { Empty, Failure, Skeleton } from './parts/states.tsx'
import { Page } from './shell/page.tsx'
import { Shell } from './shell/shell.tsx'

/** Pages ask again by themselves; what is asked ahead of them is asked when they are entered, not when they change. */
const ASKED_ONCE = Number.POSITIVE_INFINITY

const root = createRootRoute({
  component: Shell,
  loader: () => askAhead(fleetQuery),
  staleTime: ASKED_ONCE,
  validateSearch: viewSearchSchema,
  search: { middlewares: [retainSearchParams([...VIEW_KEYS])] },
  // These two stand outside of the shell: there is no scope and no time yet.
  pendingComponent: () => null,
  errorComponent: ({ error, reset }) => <Failure reason={error} onRetry={reset} />,
  notFoundComponent: () => (
    <Page crumbs={[{ name: 'No such page' }]}>
      <Empty title="No page has this address">The navigation on the left lists all of them.</Empty>
    </Page>
  ),
})

const fleet = createRoute({
  getParentRoute: () => root,
  path: '/',
  staticData: { refresh: '2s' },
  component: lazyRouteComponent(() => import('./pages/fleet/fleet-page.tsx'), 'FleetPage'),
})
const cluster = createRoute({
  getParentRoute: () => root,
  path: '/fleet/$cluster',
  staticData: { refresh: '10s' },
  component: lazyRouteComponent(() => import('./pages/cluster/cluster-page.tsx'), 'ClusterPage'),
})
const explore = createRoute({
  getParentRoute: () => root,
  path: '/explore',
  component: () => <Navigate to="/explore/metrics" replace />,
})
const metrics = createRoute({
  getParentRoute: () => root,
  path: '/explore/metrics',
  validateSearch: metricsSearchSchema,
  component: lazyRouteComponent(() => import('./pages/metrics/metrics-page.tsx'), 'MetricsPage'),
})

const logs = createRoute({
  getParentRoute: () => root,
  path: '/explore/logs',
  validateSearch: logsSearchSchema,
  component: lazyRouteComponent(() => import('./pages/logs/logs-page.tsx'), 'LogsPage'),
})

const traces = createRoute({
  getParentRoute: () => root,
  path: '/explore/traces',
  validateSearch: tracesSearchSchema,
  component: lazyRouteComponent(() => import('./pages/traces/traces-page.tsx'), 'TracesPage'),
})
const trace = createRoute({
  getParentRoute: () => root,
  path: '/explore/traces/$traceId',
  validateSearch: traceSearchSchema,
  loaderDeps: ({ search }) => ({ tenant: viewSearchSchema.parse(search).tenant }),
  loader: ({ params, deps }) => {
    askAhead(wholeTraceQuery(params.traceId, deps.tenant))
  },
  staleTime: ASKED_ONCE,
  component: lazyRouteComponent(() => import('./pages/trace/trace-page.tsx'), 'TracePage'),
})

const map = createRoute({
  getParentRoute: () => root,
  path: '/map',
  validateSearch: mapSearchSchema,
  staticData: { refresh: '30s' },
  component: lazyRouteComponent(() => import('./pages/map/map-page.tsx'), 'MapPage'),
})
const compare = createRoute({
  getParentRoute: () => root,
  path: '/compare',
  validateSearch: compareSearchSchema,
  component: lazyRouteComponent(() => import('./pages/compare/compare-page.tsx'), 'ComparePage'),
})

const dashboards = createRoute({
  getParentRoute: () => root,
  path: '/dashboards',
  component: lazyRouteComponent(() => import('./pages/dashboards/dashboards-page.tsx'), 'DashboardsPage'),
})
const dashboard = createRoute({
  getParentRoute: () => root,
  path: '/dashboards/$uid',
  validateSearch: dashboardSearchSchema,
  loader: ({ params }) => {
    askAhead(dashboardQuery(params.uid))
    askAhead(dashboardListQuery)
  },
  staleTime: ASKED_ONCE,
  staticData: { refresh: '30s' },
  component: lazyRouteComponent(() => import('./pages/dashboard/dashboard-page.tsx'), 'DashboardPage'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    fleet,
    cluster,
    explore,
    metrics,
    logs,
    traces,
    trace,
    map,
    compare,
    dashboards,
    dashboard,
  ]),
  parseSearch: parseAddress,
  stringifySearch: writeAddress,
  defaultPendingMs: 80,
  defaultPendingMinMs: 0,
  defaultPendingComponent: PagePending,
  defaultErrorComponent: ({ error, reset }) => (
    <Page crumbs={[{ name: 'Failed' }]}>
      <Failure reason={error} onRetry={reset} />
    </Page>
  ),
})

function PagePending(): ReactElement {
  return (
    <Page crumbs={[{ name: 'Loading' }]}>
      <Skeleton label="Loading the page" rows={12} />
    </Page>
  )
}

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
  interface StaticDataRouteOption {
    refresh?: RefreshInterval
  }
}
