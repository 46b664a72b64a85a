import type { ReactElement } from 'react'
import type { ClusterSnapshot } from '../../data/fleet-client.ts'
import { toAge, toBytes, toDuration, toRate, toText } from '../../format/quantity.ts'
import { Amount } from '../../parts/amount.tsx'
import { StatusGlyph } from '../../parts/status.tsx'
import { TableHead } from '../../parts/table-head.tsx'
import { Panel } from './panel.tsx'

type Edge = ClusterSnapshot['edges'][number]

/** A clock this far from the hub's is worth a colour: times of logs and spans are then wrong by it. */
const CLOCK_MS = 1_000

/** Each edge as it last reported. */
export function EdgesPanel(props: { readonly cluster: ClusterSnapshot; readonly nowMs: number }): ReactElement {
  const { cluster, nowMs } = props
  const versions = new Set(cluster.edges.map(({ version }) => version))
  return (
    <Panel title="Edges" more={cluster.edges.length}>
      {cluster.edges.length === 0 ? (
        <p className="panel-none">No edge has reported yet.</p>
      ) : (
        <div className="panel-scroll">
          <table className="table">
            <TableHead
              columns={[
                'Edge',
                'Heard',
                { number: 'In' },
                { number: 'Behind' },
                { number: 'Queue' },
                { number: 'Clock' },
                { number: 'Version' },
              ]}
            />
            <tbody>
              {cluster.edges.map((edge) => (
                <EdgeRow key={edge.edge} edge={edge} nowMs={nowMs} isMixed={versions.size > 1} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {versions.size > 1 ? <p className="panel-none">The edges run different versions.</p> : null}
    </Panel>
  )
}

function EdgeRow(props: { readonly edge: Edge; readonly nowMs: number; readonly isMixed: boolean }): ReactElement {
  const { edge, nowMs, isMixed } = props
  const { connected, queue, clockMs, perSecond } = edge
  const unknown = <span className="text-3">unknown</span>
  const isOff = Math.abs(clockMs) >= CLOCK_MS
  return (
    <tr>
      <td>
        <span className="status">
          <StatusGlyph status={connected ? 'healthy' : 'silent'} /> {edge.edge}
        </span>
      </td>
      <td className={connected ? 'text-2' : 'status-silent'}>
        {connected ? '' : 'away, '}
        {toText(toAge(nowMs - edge.heardAtMs))} ago
      </td>
      <td className="number">
        {!connected || perSecond === undefined ? unknown : <Amount value={toRate(perSecond)} />}
      </td>
      <td className="number">{connected ? <Amount value={toDuration(queue.oldestMs ?? 0)} /> : unknown}</td>
      <td className="number">{connected ? <Amount value={toBytes(queue.bytes)} /> : unknown}</td>
      <td className={isOff ? 'number status-degraded' : 'number text-2'}>
        {isOff ? `${clockMs > 0 ? '+' : '−'}${toText(toDuration(Math.abs(clockMs)))}` : 'in step'}
      </td>
      <td className={isMixed ? 'number status-degraded' : 'number text-2'}>{edge.version}</td>
    </tr>
  )
}
