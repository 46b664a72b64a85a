import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { type ClusterSnapshot, useFleetClusters } from '../data/fleet-client.ts'
import { useView } from '../data/view.tsx'
import { isInScope, type Scope } from '../data/view-state.ts'
import { STATUS_WORDS } from '../format/status-words.ts'
import { toMoment } from '../format/zone.ts'
import { StatusGlyph } from './status.tsx'

/** More would push the results away; the rest is counted. */
const NAMED = 3

/** The clusters of a scope from which nothing comes, although it should, in a range that ends at `toMs`. */
export function missingClusters(
  clusters: readonly ClusterSnapshot[],
  scope: Scope,
  toMs: number,
): readonly ClusterSnapshot[] {
  return clusters.filter(
    (one) =>
      (one.status === 'silent' || one.status === 'cut-off') && isInScope(scope, one) && (one.heardAtMs ?? 0) < toMs,
  )
}

/** Says above results which clusters they lack: an answer of a fleet is as good as its gaps are known. */
export function PartialNote({ scope }: { readonly scope?: Scope }): ReactElement | null {
  const view = useView()
  const missing = missingClusters(useFleetClusters(), scope ?? view.scope, view.interval.toMs)
  if (missing.length === 0) return null
  const rest = missing.length - NAMED
  return (
    <p className="note note-degraded" role="status" data-partial="">
      <StatusGlyph status="degraded" />
      <span>
        Results are partial:{' '}
        {missing.slice(0, NAMED).map(({ cluster, status, sinceMs }, index) => (
          <span key={cluster}>
            {index === 0 ? '' : ', '}
            <Link to="/fleet/$cluster" params={{ cluster }}>
              {cluster}
            </Link>{' '}
            is {STATUS_WORDS[status].toLowerCase()} since {toMoment(sinceMs, view.nowMs, view.zone, 'minute')}
          </span>
        ))}
        {rest > 0 ? `, and ${rest} more` : ''}.
      </span>
    </p>
  )
}
