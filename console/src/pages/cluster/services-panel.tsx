import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { failShare, isFailing, nodeId } from '../../data/services/graph.ts'
import { useServed } from '../../data/services/use-service-graph.ts'
import { showControls } from '../../format/log-body.ts'
import { toPercent, toRate } from '../../format/quantity.ts'
import { toQuantity } from '../../format/units.ts'
import { Amount } from '../../parts/amount.tsx'
import { ErrorMark } from '../../parts/icon.tsx'
import { TableHead } from '../../parts/table-head.tsx'
import { Panel } from './panel.tsx'

/** What runs in a cluster and how it fares: those that fail first. */
export function ServicesPanel({ cluster }: { readonly cluster: string }): ReactElement {
  return (
    <Panel title="Services" more="in the range of the page">
      <div className="panel-scroll panel-list">
        <ServiceTable cluster={cluster} most={50} />
      </div>
    </Panel>
  )
}

/** The services of a cluster, at most so many; each leads to its place on the map with one click. */
export function ServiceTable(props: { readonly cluster: string; readonly most: number }): ReactElement {
  const served = useServed(props.cluster)
  const services = served.data ?? []
  const rest = services.length - props.most
  return (
    <>
      {served.isError ? <p className="panel-none status-silent">{served.error.message}</p> : null}
      {served.isPending ? <p className="panel-none">loading services</p> : null}
      {served.data?.length === 0 ? (
        <p className="panel-none">No service of it answered a request in this range, or none sends spans.</p>
      ) : null}
      {services.length === 0 ? null : (
        <table className="table services">
          <TableHead columns={['Service', { number: 'Requests' }, { number: 'Fail' }, { number: 'p95' }]} />
          <tbody>
            {services.slice(0, props.most).map((one) => (
              <tr key={one.name} data-service={one.name}>
                <td className="service-name">
                  <Link className="cut" to="/map" search={{ node: nodeId(props.cluster, one.name) }} title={one.name}>
                    {showControls(one.name)}
                  </Link>
                </td>
                <td className="number">
                  <Amount value={toRate(one.requests)} />
                </td>
                <td className={isFailing(one) ? 'number status-silent' : 'number text-2'}>
                  <span className="service-failed">
                    {isFailing(one) ? <ErrorMark /> : null}
                    <Amount value={toPercent(failShare(one))} />
                  </span>
                </td>
                <td className="number">
                  <Amount value={toQuantity(one.p95S, 'seconds')} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {rest > 0 ? (
        <p className="panel-none">
          {rest} more on the <Link to="/map">map</Link>
        </p>
      ) : null}
    </>
  )
}
