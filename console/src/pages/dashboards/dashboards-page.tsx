import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type ReactElement, useState } from 'react'
import '../../styles/dashboard.css'
import { fetchDashboards } from '../../data/dashboards-client.ts'
import { readDashboard } from '../../grafana/dashboard.ts'
import { Failure, Skeleton } from '../../parts/states.tsx'
import { Page } from '../../shell/page.tsx'
import { ImportDrawer } from './import-drawer.tsx'
import { useImportedDashboards } from './imported.ts'

/** All dashboards: those of the hub, and those imported into this browser. */
export function DashboardsPage(): ReactElement {
  const { data, error, refetch } = useQuery({
    queryKey: ['dashboards'],
    queryFn: ({ signal }) => fetchDashboards(signal),
    staleTime: 60_000,
  })
  const imported = useImportedDashboards()
  const navigate = useNavigate()
  const [filter, setFilter] = useState('')
  const [isImporting, setImporting] = useState(false)
  const rows = [
    ...(data ?? []),
    ...imported.list.map(({ uid, json }) => {
      const { title, description, tags } = readDashboard(json)
      return { uid, title, description, tags: [...tags.slice(0, 3), 'imported'] }
    }),
  ].filter(({ title, description, tags }) =>
    [title, description, ...tags].join(' ').toLowerCase().includes(filter.toLowerCase()),
  )
  return (
    <Page crumbs={[{ name: 'Dashboards' }]}>
      <div className="toolbar">
        <input
          className="input"
          type="search"
          placeholder="Find"
          aria-label="Find dashboards"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <span className="grow" />
        <button type="button" className="button" aria-expanded={isImporting} onClick={() => setImporting(!isImporting)}>
          Import
        </button>
      </div>
      <div className="side">
        <div className="side-main">
          {error !== null ? (
            <Failure reason={error} onRetry={() => void refetch()} />
          ) : data === undefined ? (
            <Skeleton label="Loading dashboards" rows={15} />
          ) : (
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">Dashboard</th>
                  <th scope="col">What it answers</th>
                  <th scope="col">Tags</th>
                </tr>
              </thead>
              <tbody>
                {rows.map(({ uid, title, description, tags }) => (
                  <tr key={uid} data-dashboard={uid}>
                    <td>
                      <Link to="/dashboards/$uid" params={{ uid }} search={{}}>
                        {title}
                      </Link>
                    </td>
                    <td className="text-2">{description}</td>
                    <td>
                      {tags
                        .filter((tag) => tag !== 'fleetglass')
                        .map((tag) => (
                          <span key={tag} className="tag">
                            {tag}
                          </span>
                        ))}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </div>
        {isImporting ? (
          <ImportDrawer
            onClose={() => setImporting(false)}
            onImport={(json) => {
              const uid = imported.add(json)
              setImporting(false)
              void navigate({ to: '/dashboards/$uid', params: { uid }, search: {} })
            }}
          />
        ) : null}
      </div>
    </Page>
  )
}
