import type { ReactElement, ReactNode } from 'react'
import { failShare, isFailing } from '../../data/services/graph.ts'
import { toPercent, toRate } from '../../format/quantity.ts'
import { toQuantity } from '../../format/units.ts'
import { Amount } from '../../parts/amount.tsx'

/** The three figures of what is called: requests, failures, latency; and what the wire takes. */
export function CallFigures(props: {
  readonly requests: number
  readonly failed: number
  readonly p95S: number | undefined
  readonly wireS?: number | undefined
}): ReactElement {
  return (
    <dl className="figures">
      <Figure name="Requests">
        <Amount value={toRate(props.requests)} />
      </Figure>
      <Figure name="Fail" tone={isFailing(props) ? 'status-silent' : ''}>
        <Amount value={toPercent(failShare(props))} />
      </Figure>
      <Figure name="p95">
        <Amount value={toQuantity(props.p95S, 'seconds')} />
      </Figure>
      {props.wireS === undefined ? null : (
        <Figure name="On the wire">
          <Amount value={toQuantity(props.wireS, 'seconds')} />
        </Figure>
      )}
    </dl>
  )
}

function Figure(props: { readonly name: string; readonly tone?: string; readonly children: ReactNode }): ReactElement {
  return (
    <div>
      <dt className="label">{props.name}</dt>
      <dd className={props.tone ?? ''}>{props.children}</dd>
    </div>
  )
}
