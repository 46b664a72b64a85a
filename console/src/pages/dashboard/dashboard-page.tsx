import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { type ReactElement, useMemo, useState } from 'react'
import '../../styles/explore.css'
import '../../styles/dashboard.css'
import { fetchDashboard } from '../../data/dashboards-client.ts'
import { useElementSize } from '../../data/element-size.ts'
import { type Dashboard, readDashboard } from '../../grafana/dashboard.ts'
import { layOut, type PlacedRow } from '../../grafana/layout.ts'
import { interpolate, textDialect } from '../../grafana/variables/interpolate.ts'
import { Failure, Skeleton } from '../../parts/states.tsx'
import { Page } from '../../shell/page.tsx'
import { CopyLink } from '../explore/explore-actions.tsx'
import { isImported, useImported } from '../dashboards/imported.ts'
import { PanelCell } from './panel-cell.tsx'
import { askedValues, keyOf } from './search.ts'
import { useVariables } from './use-variables.ts'
import { VariableBar } from './variable-bar.tsx'

/** A dashboard of the hub, or one that was imported into this browser. */
export function DashboardPage(): ReactElement {
  const { uid } = useParams({ from: '/dashboards/$uid' })
  const imported = useImported(uid)
  const { data, error, refetch } = useQuery({
    queryKey: ['dashboard', uid],
    queryFn: ({ signal }) => fetchDashboard(uid, signal),
    enabled: !isImported(uid),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const document = isImported(uid) ? imported : data
  const dashboard = useMemo(() => (document === undefined ? undefined : readDashboard(document)), [document])
  const crumbs = [{ name: 'Dashboards', to: '/dashboards' }, { name: dashboard?.title ?? uid }]
  if (isImported(uid) && imported === undefined) {
    return (
      <Page crumbs={crumbs}>
        <Failure
          reason={new Error('This browser does not have the dashboard: it was imported in another one, or removed.')}
        />
      </Page>
    )
  }
  return (
    <Page crumbs={crumbs}>
      {error !== null ? (
        <Failure reason={error} onRetry={() => void refetch()} />
      ) : dashboard === undefined ? (
        <Skeleton label="Loading the dashboard" rows={12} />
      ) : (
        <Sheet key={uid} dashboard={dashboard} />
      )}
    </Page>
  )
}

function Sheet({ dashboard }: { readonly dashboard: Dashboard }): ReactElement {
  const search = useSearch({ strict: false })
  const navigate = useNavigate()
  const asked = useMemo(() => askedValues(search), [search])
  const { variables } = useVariables(dashboard.variables, asked)
  const { ref, width } = useElementSize<HTMLDivElement>()
  const rows = useMemo(() => layOut(dashboard, variables?.byName ?? new Map()), [dashboard, variables])
  const [folded, setFolded] = useState<ReadonlyMap<string, boolean>>(new Map())
  const choose = (name: string, values: readonly string[]): void => {
    void navigate({
      to: '.',
      search: (before: Readonly<Record<string, unknown>>) => ({
        ...before,
        [keyOf(name)]: values.length === 1 ? values[0] : [...values],
      }),
    })
  }
  return (
    <>
      <div className="toolbar dashboard-tools">
        <VariableBar states={variables?.states ?? []} onChange={choose} />
        <span className="grow" />
        <a
          className="button button-ghost"
          download={`${dashboard.title}.json`}
          href={`data:application/json,${encodeURIComponent(JSON.stringify(dashboard.json, null, 2))}`}
        >
          Export JSON
        </a>
        <CopyLink />
      </div>
      <div className="dashboard" ref={ref}>
        {rows.map((row) => {
          const isFolded = folded.get(row.key) ?? row.collapsed
          return (
            <section key={row.key} aria-label={row.title === '' ? 'Panels' : row.title}>
              {row.title === '' ? null : (
                <RowHead
                  row={row}
                  isFolded={isFolded}
                  onFold={() => setFolded(new Map([...folded, [row.key, !isFolded]]))}
                />
              )}
              {isFolded ? null : (
                <div className="dashboard-grid">
                  {row.panels.map((placed) => (
                    <PanelCell
                      key={placed.key}
                      placed={placed}
                      definitions={dashboard.variables}
                      dashboard={dashboard.title}
                      sheetWidth={width}
                      isReady={variables !== undefined && width > 0}
                    />
                  ))}
                </div>
              )}
            </section>
          )
        })}
      </div>
    </>
  )
}

function RowHead(props: {
  readonly row: PlacedRow
  readonly isFolded: boolean
  readonly onFold: () => void
}): ReactElement {
  return (
    <h2 className="dashboard-row">
      <button type="button" aria-expanded={!props.isFolded} onClick={props.onFold}>
        <svg className="chevron" width="12" height="12" viewBox="0 0 16 16" aria-hidden="true">
          <path
            d={props.isFolded ? 'M6.5 4.5 10 8l-3.5 3.5' : 'M4.5 6.5 8 10l3.5-3.5'}
            fill="none"
            stroke="currentColor"
            strokeWidth="1.4"
          />
        </svg>
        {interpolate(props.row.title, props.row.variables, textDialect)}
      </button>
    </h2>
  )
}
