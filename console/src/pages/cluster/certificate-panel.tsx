import type { ReactElement, ReactNode } from 'react'
import type { ClusterSnapshot } from '../../data/fleet-client.ts'
import { useView } from '../../data/view.tsx'
import { toAge, toText } from '../../format/quantity.ts'
import { toDay, toMoment } from '../../format/zone.ts'
import { Panel } from './panel.tsx'

/** A certificate with less than this share of its life left should have been renewed. */
const SOON_SHARE = 0.2

/** Who the cluster is for the hub, and for how long. */
export function CertificatePanel(props: { readonly cluster: ClusterSnapshot; readonly nowMs: number }): ReactElement {
  const { zone } = useView()
  const { cluster, nowMs } = props
  const { certificate } = cluster
  if (certificate === undefined)
    return (
      <Panel title="Certificate">
        <p className="panel-none">Unknown: the cluster has not presented one since the hub started.</p>
      </Panel>
    )
  const { notBeforeMs, notAfterMs, serial, spiffeId } = certificate
  const leftMs = notAfterMs - nowMs
  const share = Math.min(1, Math.max(0, leftMs / Math.max(1, notAfterMs - notBeforeMs)))
  const status = leftMs <= 0 ? 'cut-off' : share < SOON_SHARE ? 'degraded' : undefined
  const left = leftMs <= 0 ? 'ended' : `${toText(toAge(leftMs))} left`
  return (
    <Panel title="Certificate" more={<span className={status === undefined ? '' : `status-${status}`}>{left}</span>}>
      <div className="life" role="img" aria-label={`${left} of its life`}>
        <i className={`life-spent life-${status ?? 'good'}`} style={{ width: `${String((1 - share) * 100)}%` }} />
      </div>
      <div className="life-ends text-3">
        <span>{toDay(notBeforeMs, zone)}</span>
        <span>{toDay(notAfterMs, zone)}</span>
      </div>
      <dl className="pairs panel-pairs">
        <Pair name="Ends">
          {toDay(notAfterMs, zone)} {toMoment(notAfterMs, notAfterMs, zone, 'minute')}
        </Pair>
        <Pair name="Identity">
          {spiffeId === undefined ? 'not one of this fleet' : <span className="mono-text">{spiffeId}</span>}
        </Pair>
        <Pair name="Serial">
          <span className="mono-text">{serial}</span>
        </Pair>
      </dl>
    </Panel>
  )
}

function Pair({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
