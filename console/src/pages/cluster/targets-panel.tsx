import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { fetchJobs } from '../../data/prometheus/targets.ts'
import { useView } from '../../data/view.tsx'
import { toQuantity } from '../../format/units.ts'
import { Amount } from '../../parts/amount.tsx'
import { StatusGlyph } from '../../parts/status.tsx'
import { TableHead } from '../../parts/table-head.tsx'
import { Panel } from './panel.tsx'

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
      {jobs.data === undefined || jobs.data.length === 0 ? null : (
        <table className="table">
          <TableHead columns={['Job', { number: 'Up' }, { number: 'Every' }, { number: 'Slowest scrape' }]} />
          <tbody>
            {jobs.data.map((one) => (
              <tr key={one.job}>
                <td>
                  <span className="status">
                    <StatusGlyph status={one.up === one.total ? 'healthy' : 'degraded'} /> {one.job}
                  </span>
                </td>
                <td className={`number ${one.up === one.total ? '' : 'status-degraded'}`}>
                  {one.up}/{one.total}
                </td>
                <td className="number text-2">{one.every}</td>
                <td className="number text-2">
                  <Amount value={toQuantity(one.slowestS, 'seconds')} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}
