import type { ReactElement } from 'react'
import type { ClusterSnapshot } from '../data/fleet-client.ts'
import { toCount } from '../format/quantity.ts'

const SEGMENTS = [
  { key: 'stored', word: 'stored', className: 'ledger-stored' },
  { key: 'forwardedOnly', word: 'forwarded only', className: 'ledger-forwarded' },
  { key: 'rejected', word: 'rejected', className: 'ledger-rejected' },
  { key: 'queued', word: 'queued', className: 'ledger-queued hatch' },
] as const

/** Always full width, segments in fixed order: what became of all that was taken in. */
export function LedgerBar({ ledger }: { readonly ledger: ClusterSnapshot['ledger'] }): ReactElement {
  if (ledger.accepted === 0) return <span className="ledger hatch ledger-empty" role="img" aria-label="nothing yet" />
  const words = SEGMENTS.filter(({ key }) => ledger[key] > 0).map(({ key, word }) => `${toCount(ledger[key])} ${word}`)
  return (
    <span className="ledger" role="img" aria-label={words.join(', ')} title={words.join('\n')}>
      {SEGMENTS.filter(({ key }) => ledger[key] > 0).map(({ key, className }) => (
        <i key={key} className={className} style={{ flexGrow: ledger[key] }} />
      ))}
    </span>
  )
}

export function LedgerLegend(): ReactElement {
  return (
    <>
      <span className="text-3">Ledger</span>
      {SEGMENTS.map(({ key, word, className }) => (
        <span key={key} className="legend text-2">
          <i className={`swatch ${className}`} />
          {word}
        </span>
      ))}
    </>
  )
}
