import type { ReactElement } from 'react'
import type { ClusterSnapshot, FleetSnapshot } from '../../data/fleet-client.ts'
import { useView } from '../../data/view.tsx'
import { showControls } from '../../format/log-body.ts'
import { toCount } from '../../format/quantity.ts'
import { toMoment } from '../../format/zone.ts'
import { TableHead } from '../../parts/table-head.tsx'
import { Panel } from './panel.tsx'

const NOTICES = 12

interface Notice {
  readonly atMs: number
  readonly kind: string
  readonly words: string
  readonly times: number
  readonly isBad: boolean
}

/** What was refused, what failed, and what happened, newest first. */
export function NoticesPanel(props: {
  readonly cluster: ClusterSnapshot
  readonly snapshot: FleetSnapshot
}): ReactElement {
  const { zone } = useView()
  const notices = noticesOf(props.cluster, props.snapshot)
  return (
    <Panel title="Errors and notices" more="since the hub started">
      {notices.length === 0 ? (
        <p className="panel-none">Nothing happened since the hub started.</p>
      ) : (
        <table className="table notices">
          <TableHead columns={['Time', 'Kind', 'What', { number: 'Times' }]} />
          <tbody>
            {notices.map((one, index) => (
              <tr key={`${one.atMs}${index}`}>
                <td className="mono">{toMoment(one.atMs, props.snapshot.nowMs, zone)}</td>
                <td className={one.isBad ? 'status-degraded' : 'text-2'}>{one.kind}</td>
                <td className="notice-words" title={one.words}>
                  <span className="cut">{showControls(one.words)}</span>
                </td>
                <td className="number text-3">{one.times > 1 ? toCount(one.times) : ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}

function noticesOf({ cluster, rejected, lastError }: ClusterSnapshot, snapshot: FleetSnapshot): readonly Notice[] {
  const refused = rejected.recent.map(({ atMs, reason, detail, source, times }) => ({
    atMs,
    kind: reason,
    words: detail ?? source,
    times,
    isBad: true,
  }))
  const happened = snapshot.events
    .filter((event) => event.cluster === cluster)
    .map(({ atMs, kind, message }) => ({ atMs, kind, words: message, times: 1, isBad: kind === 'refused' }))
  const failed =
    lastError === undefined
      ? []
      : [{ atMs: lastError.atMs, kind: 'error', words: lastError.message, times: 1, isBad: true }]
  return [...refused, ...happened, ...failed].sort((a, b) => b.atMs - a.atMs).slice(0, NOTICES)
}
