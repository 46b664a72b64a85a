import type { ReactElement, ReactNode } from 'react'
import { AskError } from '../data/ask.ts'
import { ErrorMark, Icon } from './icon.tsx'
import { StatusGlyph } from './status.tsx'

/** Grey bars at the final height, from the first moment: nothing jumps when the answer comes. */
export function Skeleton({ rows = 6, label }: { readonly rows?: number; readonly label: string }): ReactElement {
  return (
    <div className="skeleton-block" role="status" aria-label={label} aria-busy="true">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="skeleton-row">
          <span className="skeleton" />
        </div>
      ))}
    </div>
  )
}

/** The axes of a chart that is not there yet. */
export function ChartSkeleton(): ReactElement {
  return (
    <div className="skeleton-chart" role="status" aria-label="Loading the chart" aria-busy="true">
      {Array.from({ length: 5 }, (_, index) => (
        <i key={index} />
      ))}
    </div>
  )
}

/** What there is not, why, and the next step. */
export function Empty(props: {
  readonly title: string
  readonly children?: ReactNode
  readonly actions?: ReactNode
}): ReactElement {
  return (
    <div className="state" role="status">
      <svg className="state-picture" width="128" height="44" viewBox="0 0 128 44" aria-hidden="true">
        <path d="M1 0v43h127" fill="none" stroke="var(--axis)" />
        <path d="M8 30h116" fill="none" stroke="var(--axis)" strokeDasharray="1.5 5" strokeWidth="1.5" />
      </svg>
      <b>{props.title}</b>
      {props.children === undefined ? null : <p className="text-2">{props.children}</p>}
      {props.actions === undefined ? null : <div className="state-actions">{props.actions}</div>}
    </div>
  )
}

const TITLES = {
  query: 'The query is not understood',
  forbidden: 'You may not read this',
  busy: 'The hub has too much to do',
  slow: 'The query took too long',
  missing: 'The hub does not have this',
  away: 'The hub does not answer',
  hub: 'The hub failed',
  unknown: 'The answer is not understood',
} as const

const HINTS = {
  query: undefined,
  forbidden: 'Access is given in the fleet file, under teams: a team names the tenants that it may read.',
  busy: 'Too many queries wait for their turn. Try again in a few seconds, or ask for a shorter range.',
  slow: 'Ask for a shorter range, for fewer clusters, or add label matchers.',
  missing: 'This hub is older than this page, or the thing is gone: retention removes what is old.',
  away: 'What was asked is kept. It is asked again when you press Try again.',
  hub: "Its log says more. The query is kept; it isn't at fault.",
  unknown: 'The page and the hub are of different versions. Load the page again.',
} as const

/** What failed, where, and what to do; the query is kept. */
export function Failure(props: { readonly reason: unknown; readonly onRetry?: () => void }): ReactElement {
  const { reason } = props
  const kind = reason instanceof AskError ? reason.kind : 'unknown'
  const message = reason instanceof Error ? reason.message : String(reason)
  const hint = HINTS[kind]
  return (
    <div className="state" role="alert">
      {kind === 'forbidden' ? <Icon name="lock" size={20} /> : <ErrorMark size={20} />}
      <b>{TITLES[kind]}</b>
      <p className="text-2 state-message">{message}</p>
      {hint === undefined ? null : <p className="text-2">{hint}</p>}
      <div className="state-actions">
        {props.onRetry === undefined || kind === 'query' ? null : (
          <button type="button" className="button" onClick={props.onRetry}>
            Try again
          </button>
        )}
        {reason instanceof AskError && reason.errorType !== undefined ? (
          <span className="mono">{reason.errorType}</span>
        ) : null}
      </div>
    </div>
  )
}

/** Results that are not whole, or that the language warns about: named above what is shown. */
export function Notes(props: {
  readonly warnings: readonly string[]
  readonly infos?: readonly string[]
}): ReactElement | null {
  const { warnings, infos = [] } = props
  if (warnings.length + infos.length === 0) return null
  return (
    <>
      {warnings.map((text) => (
        <p key={text} className="note note-degraded" role="status">
          <StatusGlyph status="degraded" />
          <span>{text}</span>
        </p>
      ))}
      {infos.map((text) => (
        <p key={text} className="note note-info" role="status">
          <StatusGlyph status="unknown" />
          <span>{text}</span>
        </p>
      ))}
    </>
  )
}
