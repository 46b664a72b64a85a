import type { ReactElement } from 'react'
import type { FleetSnapshot } from '../../data/fleet-client.ts'
import { toCount } from '../../format/quantity.ts'
import { toClock } from '../../format/time.ts'
import { StatusGlyph } from '../../parts/status.tsx'

/** Who was refused before the hub knew a cluster of it: in no row of the table, and worth knowing all the same. */
export function RefusalsNote({ snapshot }: { readonly snapshot: FleetSnapshot }): ReactElement | null {
  const { total, recent } = snapshot.refusals
  const count = Object.values(total).reduce((sum, one) => sum + one, 0)
  const newest = recent.toSorted((a, b) => b.atMs - a.atMs)
  if (count === 0) return null
  return (
    <details className="refusals">
      <summary>
        <StatusGlyph status="unknown" /> {toCount(count)} {count === 1 ? 'connection' : 'connections'} refused that
        belong to no cluster of the fleet
        {newest[0] === undefined ? '' : `, the last at ${toClock(newest[0].atMs, snapshot.nowMs)}: ${newest[0].reason}`}
      </summary>
      <table className="table">
        <tbody>
          {newest.map((one, index) => (
            <tr key={`${one.atMs} ${index}`}>
              <td className="mono">{toClock(one.atMs, snapshot.nowMs)}</td>
              <td>{one.reason}</td>
              <td className="mono-text">{one.remote}</td>
              <td className="notice-words" title={one.detail}>
                <span className="cut">{one.detail}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
