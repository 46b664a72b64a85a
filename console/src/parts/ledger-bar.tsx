import type { ReactElement } from 'react'
import type { ClusterSnapshot } from '../data/fleet-client.ts'
import { toCount } from '../format/quantity.ts'

export const LEDGER_SEGMENTS = [
  { key: 'stored', word: 'stored', className: 'ledger-stored' },
  { key: 'forwardedOnly', word: 'forwarded only', className: 'ledger-forwarded' },
  { key: 'rejected', word: 'rejected', className: 'ledger-rejected' },
  { key: 'queued', word: 'queued', className: 'ledger-queued hatch' },
] as const

/** Always full width, segments in fixed order: what became of all that was taken in. Open books are not known. */
export function LedgerBar(props: {
  readonly ledger: ClusterSnapshot['ledger']
  readonly isOpen: boolean
}): ReactElement {
  const { ledger } = props
  const segments = LEDGER_SEGMENTS.filter(({ key }) => ledger[key] > 0)
  const words = segments.map(({ key, word }) => `${toCount(ledger[key])} ${word}`)
  if (props.isOpen || segments.length === 0) {
    const label = segments.length === 0 ? 'nothing yet' : `open, until now ${words.join(', ')}`
    return <span className="ledger hatch ledger-empty" role="img" aria-label={label} title={label} />
  }
  return (
    <span className="ledger" role="img" aria-label={words.join(', ')} title={words.join('\n')}>
      {segments.map(({ key, className }) => (
        <i key={key} className={className} style={{ flexGrow: ledger[key] }} />
      ))}
    </span>
  )
}

export function LedgerLegend(): ReactElement {
  return (
    <>
      <span className="text-3">Ledger</span>
      {LEDGER_SEGMENTS.map(({ key, word, className }) => (
        <span key={key} className="legend text-2">
          <i className={`swatch ${className}`} />
          {key === 'queued' ? 'queued or not known' : word}
        </span>
      ))}
    </>
  )
}
