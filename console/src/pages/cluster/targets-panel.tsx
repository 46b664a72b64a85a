import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { fetchJobs } from '../../data/prometheus/targets.ts'
import { useView } from '../../data/view.tsx'
import { toText } from '../../format/quantity.ts'
import { toQuantity } from '../../format/units.ts'
import { StatusGlyph } from '../../parts/status.tsx'
import { Panel } from './cluster-panels.tsx'

/** What its edges scrape. */
export function TargetsPanel({ cluster }: { readonly cluster: string }): ReactElement {
  const { tenant } = useView()
  const jobs = useQuery({
    queryKey: ['prometheus', 'targets', cluster, tenant],
    queryFn: ({ signal }) => fetchJobs(cluster, { signal, tenant }),
  })
  return (
    <Panel title="Targets" more={jobs.data === undefined ? '' : `${jobs.data.length} jobs`}>
      {jobs.isError ? <p className="panel-none status-silent">{jobs.error.message}</p> : null}
      {jobs.isPending ? <p className="panel-none">loading targets</p> : null}
      {jobs.data?.length === 0 ? (
        <p className="panel-none">Its edges scrape nothing, or nothing in the last five minutes.</p>
      ) : null}
      <table className="table">
        <tbody>
          {(jobs.data ?? []).map((one) => (
            <tr key={one.job}>
              <td>
                <span className="status">
                  <StatusGlyph status={one.up === one.total ? 'healthy' : 'degraded'} /> {one.job}
                </span>
              </td>
              <td className={`number ${one.up === one.total ? '' : 'status-degraded'}`}>
                {one.up}/{one.total} up
              </td>
              <td className="number text-2">every {one.every}</td>
              <td className="number text-2">{toText(toQuantity(one.slowestS, 'seconds'))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  )
}
