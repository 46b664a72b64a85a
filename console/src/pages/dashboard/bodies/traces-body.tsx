import type { ReactElement } from 'react'
import type { TraceSummary } from '../../../data/tempo/client.ts'
import { toQuantity } from '../../../format/units.ts'
import { toMoment, type Zone } from '../../../format/zone.ts'
import { Amount } from '../../../parts/amount.tsx'

/** Traces that a search found; a row opens its trace. */
export function TracesBody(props: {
  readonly traces: readonly TraceSummary[]
  readonly zone: Zone
  readonly nowMs: number
  readonly onOpen: (traceId: string) => void
}): ReactElement {
  return (
    <div className="table-scroll-both">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Started</th>
            <th scope="col">Trace</th>
            <th scope="col">Root</th>
            <th scope="col" className="number">
              Duration
            </th>
          </tr>
        </thead>
        <tbody>
          {props.traces.map(({ traceId, service, name, startMs, durationMs }) => (
            <tr key={traceId}>
              <td className="log-time">{toMoment(startMs, props.nowMs, props.zone, 'ms')}</td>
              <td>
                <button type="button" className="link mono-text" onClick={() => props.onOpen(traceId)}>
                  {traceId.slice(0, 8)}
                </button>
              </td>
              <td className="cut">
                <span className="text-2">{service}</span> {name}
              </td>
              <td className="number">
                <Amount value={toQuantity(durationMs / 1_000, 'seconds')} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
