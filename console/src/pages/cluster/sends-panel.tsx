import type { ReactElement } from 'react'
import type { ClusterSend, ClusterSnapshot, ClusterStatus, FleetSnapshot } from '../../data/fleet-client.ts'
import { toAge, toCount, toDuration, toRate, toText } from '../../format/quantity.ts'
import { Amount } from '../../parts/amount.tsx'
import { StatusGlyph } from '../../parts/status.tsx'
import { TableHead } from '../../parts/table-head.tsx'
import { isAway } from '../fleet/presence.ts'
import { Panel } from './panel.tsx'

type SendSignal = ClusterSend['signals'][number]

/** What this cluster sends where: into the hub's store, and from there to each destination. */
export function SendsPanel(props: {
  readonly cluster: ClusterSnapshot
  readonly destinations: FleetSnapshot['destinations']
}): ReactElement {
  const { cluster, destinations } = props
  const { ledger, rates, lag } = cluster
  const troubles = destinations.flatMap(({ name, signals }) =>
    signals
      .filter(({ state }) => state !== 'up' && state !== 'starting')
      .map(({ signal, state, lastError }) => ({ name, signal, state, words: lastError?.message })),
  )
  return (
    <Panel title="Sends to" more="items of this cluster, since the hub started">
      <table className="table" data-sends="">
        <TableHead
          columns={[
            'Destination',
            'Signal',
            'State',
            { number: 'Out' },
            { number: 'Behind' },
            { number: 'Waiting' },
            { number: 'Delivered' },
            { number: 'Left out by rule' },
            { number: 'Rejected' },
          ]}
        />
        <tbody>
          <tr data-destination="store">
            <td>
              <span className="status">
                <StatusGlyph status={cluster.status} /> store
              </span>
            </td>
            <td className="text-2">all</td>
            <td className="text-2">the hub's own</td>
            <td className="number">
              {isAway(cluster) ? 'no data' : <Amount value={toRate(rates.metrics + rates.logs + rates.traces)} />}
            </td>
            <td className="number">
              {lag === undefined || isAway(cluster) ? 'no data' : <Amount value={toDuration(lag.p50Ms)} />}
            </td>
            <td className="number text-2">{toCount(ledger.queued)}</td>
            <td className="number">{toCount(ledger.stored)}</td>
            <td className="number text-2">0</td>
            <td className={ledger.rejected > 0 ? 'number status-degraded' : 'number text-2'}>
              {toCount(ledger.rejected)}
            </td>
          </tr>
          {cluster.sends.flatMap(({ destination, type, signals }) =>
            signals.map((signal) => (
              <SendRow key={`${destination} ${signal.signal}`} destination={destination} type={type} signal={signal} />
            )),
          )}
        </tbody>
      </table>
      {cluster.sends.length === 0 ? (
        <p className="panel-none">
          The fleet file names no destination: what it sends is kept here and goes nowhere else.
        </p>
      ) : null}
      {troubles.map(({ name, signal, state, words }) => (
        <p key={`${name} ${signal}`} className="panel-none">
          {name} is {state} with {signal}
          {words === undefined ? '' : `: ${words}`}; its cursor waits, others do not.
        </p>
      ))}
    </Panel>
  )
}

function SendRow(props: {
  readonly destination: string
  readonly type: string
  readonly signal: SendSignal
}): ReactElement {
  const { destination, type, signal: one } = props
  return (
    <tr data-destination={destination}>
      <td>
        <span className="status">
          <StatusGlyph status={DESTINATION_STATUS[one.state]} /> {destination} <span className="text-3">{type}</span>
        </span>
      </td>
      <td className="text-2">{one.signal}</td>
      <td className="text-2">{one.state}</td>
      <td className="number">
        <Amount value={toRate(one.perSecond)} />
      </td>
      <td className={one.state === 'behind' ? 'number status-degraded' : 'number'}>
        {one.lagMs < 1_000 ? toText(toDuration(one.lagMs)) : toText(toAge(one.lagMs))}
      </td>
      <td className="number text-2">{toCount(one.waiting)}</td>
      <td className="number">{toCount(one.delivered)}</td>
      <td className="number text-2">{toCount(one.filtered)}</td>
      <td className={one.lost > 0 ? 'number status-degraded' : 'number text-2'}>{toCount(one.lost)}</td>
    </tr>
  )
}

const DESTINATION_STATUS: Readonly<Record<SendSignal['state'], ClusterStatus>> = {
  up: 'healthy',
  starting: 'unknown',
  behind: 'degraded',
  retrying: 'degraded',
  misconfigured: 'cut-off',
  stopped: 'silent',
}
