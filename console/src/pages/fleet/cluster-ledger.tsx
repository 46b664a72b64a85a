import { type ReactElement, useState } from 'react'
import type { ClusterSnapshot } from '../../data/fleet-client.ts'
import { type LedgerSourceEntry, useLedger } from '../../data/ledger-client.ts'
import { toAge, toCount, toPercent, toText } from '../../format/quantity.ts'
import { LEDGER_SEGMENTS, LedgerBar } from '../../parts/ledger-bar.tsx'

/** Exact counts, because they must add up; on request, source by source. */
export function ClusterLedger({ cluster }: { readonly cluster: ClusterSnapshot }): ReactElement {
  const { ledger, rejected, overwritten, deadLetters } = cluster
  return (
    <>
      <h3>
        Ledger{' '}
        {ledger.balanced ? (
          <span className="text-3">balanced</span>
        ) : (
          <span className="status-silent">not balanced</span>
        )}
      </h3>
      <div className="ledger-wide">
        <LedgerBar ledger={ledger} isOpen={false} />
      </div>
      <table className="ledger-table">
        <tbody>
          <LedgerRow name="Accepted" items={ledger.accepted} of={ledger.accepted} />
          {LEDGER_SEGMENTS.map(({ key, word, className }) => (
            <LedgerRow key={key} name={word} items={ledger[key]} of={ledger.accepted} swatch={className} />
          ))}
          {ledger.balanced ? null : <LedgerRow name="unaccounted for" items={ledger.difference} isAlarm />}
          {Object.entries(rejected.total).map(([reason, items]) => (
            <LedgerRow key={reason} name={`rejected: ${reason}`} items={items} of={ledger.accepted} />
          ))}
          <LedgerRow name="Duplicates" items={ledger.deduplicated} />
          <LedgerRow name="Dead letters" items={deadLetters} />
          <LedgerRow name="Labels overwritten" items={overwritten} />
        </tbody>
      </table>
      <Sources cluster={cluster.cluster} />
      <Rejections cluster={cluster} />
    </>
  )
}

function LedgerRow(props: {
  readonly name: string
  readonly items: number
  readonly of?: number
  readonly swatch?: string
  readonly isAlarm?: boolean
}): ReactElement {
  const { items, of, swatch, isAlarm } = props
  return (
    <tr className={isAlarm === true ? 'status-silent' : undefined}>
      <th scope="row">
        <i className={`swatch ${swatch ?? ''}`} />
        <span>{props.name}</span>
      </th>
      <td>{toCount(items)}</td>
      <td className="text-3">{of === undefined || of === 0 ? '' : toText(toPercent(items / of))}</td>
    </tr>
  )
}

/** The hub is asked only while this is open. */
function Sources({ cluster }: { readonly cluster: string }): ReactElement {
  const [isOpen, setOpen] = useState(false)
  const { ledger, failed } = useLedger(cluster, isOpen)
  return (
    <details className="drawer-more" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>By source</summary>
      {ledger === undefined ? (
        <p className="text-3">{failed ? 'The hub does not answer.' : 'Asking the hub.'}</p>
      ) : (
        <dl className="facts-list">
          {ledger.sources.map((source) => (
            <Source key={`${source.source} ${source.edge} ${source.epoch} ${source.signal}`} source={source} />
          ))}
        </dl>
      )}
    </details>
  )
}

function Source({ source: entry }: { readonly source: LedgerSourceEntry }): ReactElement {
  const { source, edge, signal, received, stored, deduplicated, rejected, queued, difference, sequences } = entry
  const rejectedItems = Object.values(rejected).reduce((sum, items) => sum + items, 0)
  const words = [
    `${toCount(received)} received`,
    `${toCount(stored)} stored`,
    ...(deduplicated > 0 ? [`${toCount(deduplicated)} duplicates`] : []),
    ...(rejectedItems > 0 ? [`${toCount(rejectedItems)} rejected`] : []),
    ...(queued > 0 ? [`${toCount(queued)} queued`] : []),
    ...(sequences !== undefined && sequences.missing > 0 ? [`${toCount(sequences.missing)} records missing`] : []),
  ]
  return (
    <>
      <dt>{edge ?? source}</dt>
      <dd>
        {signal}: {words.join(', ')}
        {difference === 0 ? null : <span className="status-silent">, {toCount(difference)} unaccounted for</span>}
      </dd>
    </>
  )
}

/** The newest of each kind. */
function Rejections({ cluster }: { readonly cluster: ClusterSnapshot }): ReactElement | null {
  const { recent } = cluster.rejected
  if (recent.length === 0) return null
  const newestMs = Math.max(...recent.map(({ atMs }) => atMs))
  return (
    <details className="drawer-more">
      <summary>Rejections</summary>
      <dl className="facts-list">
        {recent.map(({ source, signal, reason, items, detail, atMs }) => (
          <RejectionRow
            key={`${source} ${signal} ${reason}`}
            name={`${source} ${signal ?? ''}`}
            words={`${toCount(items)} ${reason}${detail === undefined ? '' : `: ${detail}`}`}
            age={newestMs === atMs ? '' : `${toText(toAge(newestMs - atMs))} before`}
          />
        ))}
      </dl>
    </details>
  )
}

function RejectionRow(props: { readonly name: string; readonly words: string; readonly age: string }): ReactElement {
  return (
    <>
      <dt>{props.name}</dt>
      <dd>
        {props.words} <span className="text-3">{props.age}</span>
      </dd>
    </>
  )
}
