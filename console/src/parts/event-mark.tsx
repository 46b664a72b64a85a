import type { ReactElement } from 'react'
import type { ClusterStatus } from '../data/fleet-client.ts'
import { StatusGlyph } from './status.tsx'

const PATHS = {
  connected: 'M2 8h7M6.4 5.2 9.2 8l-2.8 2.8M12.6 3.4v9.2',
  disconnected: 'M2 8h3.6M5.6 5v6M10.4 5v6M10.4 8H14',
  certificate: 'M7.6 8h6M11.4 8v2.6M2.4 8a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0-5.2 0',
} as const

/** A status as everywhere else; what changes no status is a quiet line drawing. */
export function EventMark({ glyph }: { readonly glyph: ClusterStatus | keyof typeof PATHS }): ReactElement {
  if (glyph !== 'connected' && glyph !== 'disconnected' && glyph !== 'certificate')
    return <StatusGlyph status={glyph} />
  return (
    <svg width="13" height="13" viewBox="0 0 16 16" aria-hidden="true">
      <path
        d={PATHS[glyph]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}
