import type { ReactElement } from 'react'
import type { ClusterStatus } from '../data/fleet-client.ts'
import { STATUS_WORDS } from '../format/status-words.ts'

const SHAPES: Readonly<Record<ClusterStatus, ReactElement>> = {
  healthy: <circle cx="6" cy="6" r="4" fill="currentColor" />,
  degraded: <path d="M6 .8 11.6 11H.4z" fill="currentColor" />,
  silent: <path fillRule="evenodd" d="M.8.8h10.4v10.4H.8zM2.6 5h6.8v2H2.6z" fill="currentColor" />,
  'cut-off': <path d="M1.8 1.8l8.4 8.4M10.2 1.8l-8.4 8.4" stroke="currentColor" strokeWidth="2.4" />,
  unknown: <circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" strokeWidth="1.6" strokeDasharray="2.2 2" />,
}

/** Each status has a shape of its own, so that colour is never the only sign. */
export function StatusGlyph({ status }: { readonly status: ClusterStatus }): ReactElement {
  return (
    <svg className={`status-${status}`} width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
      {SHAPES[status]}
    </svg>
  )
}

export function Status({ status }: { readonly status: ClusterStatus }): ReactElement {
  return (
    <span className="status">
      <StatusGlyph status={status} />
      <span className={status === 'healthy' ? 'text-2' : `status-${status}`}>{STATUS_WORDS[status]}</span>
    </span>
  )
}
