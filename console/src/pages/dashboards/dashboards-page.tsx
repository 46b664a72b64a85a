import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type ReactElement, useState } from 'react'
import type { KeptDashboard } from '../../../../src/contract/index.ts'
import '../../styles/explore.css'
import '../../styles/dashboard.css'
import { fetchDashboards, removeDashboard, saveDashboard } from '../../data/dashboards-client.ts'
import { newUid } from '../../grafana/edit/uid.ts'
import { type Json, textAt } from '../../grafana/json.ts'
import { Popover } from '../../parts/popover.tsx'
import { Failure, Skeleton } from '../../parts/states.tsx'
import { Page } from '../../shell/page.tsx'
import { ImportDrawer } from './import-drawer.tsx'

/** All dashboards: those that come with the hub, and those that its people keep there. */
export function DashboardsPage(): ReactElement {
  const { data, error, refetch } = useQuery({
    queryKey: ['dashboards'],
    queryFn: ({ signal }) => fetchDashboards(signal),
    staleTime: 60_000,
  })
  const client = useQueryClient()
  const navigate = useNavigate()
  const [filter, setFilter] = useState('')
  const [isImporting, setImporting] = useState(false)
  const keep = useMutation({
    mutationFn: async (json: Json) => {
      const { signal } = new AbortController()
      return await saveDashboard(newUid(textAt(json, 'title') ?? ''), { dashboard: json }, signal)
    },
    onSuccess: async ({ uid }) => {
      await client.invalidateQueries({ queryKey: ['dashboards'] })
      setImporting(false)
      await navigate({ to: '/dashboards/$uid', params: { uid }, search: {} })
    },
  })
  const rows = (data?.dashboards ?? []).filter(({ title, description, tags }) =>
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
                  <th scope="col">Kept by</th>
                </tr>
              </thead>
              <tbody>
                {rows.map(({ uid, title, description, tags, kept }) => (
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
                    <td>
                      {kept === undefined ? (
                        <span className="text-3">Fleetglass</span>
                      ) : (
                        <KeptBy uid={uid} title={title} kept={kept} />
                      )}
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
            onImport={(json) => keep.mutate(json)}
            mayKeep={data?.mayKeep === true}
            failure={keep.error?.message}
          />
        ) : null}
      </div>
    </Page>
  )
}

/** Who saved it last; and how it is removed, by those who may. */
function KeptBy(props: { readonly uid: string; readonly title: string; readonly kept: KeptDashboard }): ReactElement {
  const { uid, title, kept } = props
  const client = useQueryClient()
  const remove = useMutation({
    mutationFn: async () => await removeDashboard(uid, kept.version, new AbortController().signal),
    onSuccess: () => client.invalidateQueries({ queryKey: ['dashboards'] }),
  })
  return (
    <span className="form-line">
      <span title={`Version ${kept.version}`}>{kept.team}</span>
      {kept.mayEdit ? (
        <Popover label={`Remove ${title}`} className="button button-small button-ghost" align="right" face="Remove">
          {() => (
            <div className="popover-question">
              <p>Nobody will have “{title}” any more.</p>
              {remove.error === null ? null : <p role="alert">{remove.error.message}</p>}
              <button
                type="button"
                className="button button-danger"
                disabled={remove.isPending}
                onClick={() => remove.mutate()}
              >
                Remove the dashboard
              </button>
            </div>
          )}
        </Popover>
      ) : null}
    </span>
  )
}
