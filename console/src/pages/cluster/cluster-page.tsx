import { Link, useParams } from '@tanstack/react-router'
import type { ReactElement, ReactNode } from 'react'
import { type ClusterSnapshot, type FleetSnapshot, useFleet } from '../../data/fleet-client.ts'
import { useView } from '../../data/view.tsx'
import { REFRESH_INTERVALS } from '../../data/view-state.ts'
import { toAge, toBytes, toDuration, toText } from '../../format/quantity.ts'
import { Icon } from '../../parts/icon.tsx'
import { Pennant } from '../../parts/pennant.tsx'
import { Empty, Skeleton } from '../../parts/states.tsx'
import { CompareLink } from '../../parts/service-links.tsx'
import { StatusGlyph } from '../../parts/status.tsx'
import { Page } from '../../shell/page.tsx'
import { isAway } from '../fleet/presence.ts'
import { ClusterLedger } from '../fleet/cluster-ledger.tsx'
import { CertificatePanel } from './certificate-panel.tsx'
import { EdgesPanel } from './edges-panel.tsx'
import { NoticesPanel } from './notices-panel.tsx'
import { RateCharts } from './rate-charts.tsx'
import { SendsPanel } from './sends-panel.tsx'
import { ServicesPanel } from './services-panel.tsx'
import { TargetsPanel } from './targets-panel.tsx'
import '../../styles/explore.css'
import '../../styles/fleet.css'
import '../../styles/cluster.css'

/** One cluster: what it sends, through which edges, what became of it, and what is wrong. */
export function ClusterPage(): ReactElement {
  const { cluster: name } = useParams({ from: '/fleet/$cluster' })
  const { ms } = REFRESH_INTERVALS[useView().refresh]
  const { answer, ask } = useFleet(ms === 0 ? false : ms)
  const snapshot = answer?.snapshot
  const cluster = snapshot?.clusters.find((one) => one.cluster === name)
  return (
    <Page crumbs={[{ name: 'Fleet', to: '/' }, { name }]}>
      {answer?.failure === undefined ? null : (
        <p className="note note-silent" role="alert">
          <StatusGlyph status="silent" />
          <span>{answer.failure}</span>
          <button type="button" className="link" onClick={ask}>
            Try now
          </button>
        </p>
      )}
      {answer === undefined ? <Skeleton label="Loading the cluster" rows={16} /> : null}
      {snapshot !== undefined && cluster === undefined ? (
        <Empty title={`No cluster named ${name}`} actions={<Link to="/">All clusters</Link>}>
          It is not in the fleet file, or you may not read its tenant.
        </Empty>
      ) : null}
      {snapshot === undefined || cluster === undefined ? null : <ClusterSheet snapshot={snapshot} cluster={cluster} />}
    </Page>
  )
}

function ClusterSheet(props: { readonly snapshot: FleetSnapshot; readonly cluster: ClusterSnapshot }): ReactElement {
  const { snapshot, cluster } = props
  const name = cluster.cluster
  const selector = `{cluster=${JSON.stringify(name)}}`
  return (
    <div className="cluster-page">
      <header className="cluster-head">
        <StatusGlyph status={cluster.status} />
        <div className="cluster-title">
          <h2>
            <span className="cut">{name}</span> <Pennant environment={cluster.environment} />
          </h2>
          <p className="label">
            {cluster.region} · {cluster.clusterType} · tenant {cluster.tenant}
          </p>
        </div>
        <ClusterFacts snapshot={snapshot} cluster={cluster} />
        <span className="grow" />
        <Link
          className="button"
          to="/explore/metrics"
          search={{ q: [`topk(10, count by (__name__) (${selector}))`], cluster: name, env: undefined }}
        >
          <Icon name="metrics" /> Metrics
        </Link>
        <Link className="button" to="/explore/logs" search={{ cluster: name, env: undefined }}>
          <Icon name="logs" /> Logs
        </Link>
        <Link className="button" to="/explore/traces" search={{ cluster: name, env: undefined }}>
          <Icon name="traces" /> Traces
        </Link>
        <CompareLink cluster={name} />
      </header>
      {cluster.reason === undefined ? null : (
        <p className={`note note-${cluster.status}`} role="status">
          <StatusGlyph status={cluster.status} />
          <span>{cluster.reason}</span>
        </p>
      )}
      <RateCharts cluster={cluster} />
      <div className="cluster-grid">
        <ServicesPanel cluster={name} />
        <EdgesPanel cluster={cluster} nowMs={snapshot.nowMs} />
        <CertificatePanel cluster={cluster} nowMs={snapshot.nowMs} />
        <section className="cluster-panel cluster-ledger" aria-label="Ledger">
          <ClusterLedger cluster={cluster} />
        </section>
        <TargetsPanel cluster={name} />
        <NoticesPanel cluster={cluster} snapshot={snapshot} />
        <SendsPanel cluster={cluster} destinations={snapshot.destinations} />
      </div>
    </div>
  )
}

function ClusterFacts({
  snapshot,
  cluster,
}: {
  readonly snapshot: FleetSnapshot
  readonly cluster: ClusterSnapshot
}): ReactElement {
  const { nowMs, hub } = snapshot
  const connected = cluster.edges.filter((edge) => edge.connected).length
  return (
    <dl className="trace-facts">
      <Fact name="Edges">
        {connected} of {cluster.edges.length}
      </Fact>
      <Fact name="Heard">
        {cluster.heardAtMs === undefined ? 'never' : `${toText(toAge(nowMs - cluster.heardAtMs))} ago`}
      </Fact>
      <Fact name="Lag p50 / p99">
        {cluster.lag === undefined || isAway(cluster)
          ? 'no data'
          : `${toText(toDuration(cluster.lag.p50Ms))} / ${toText(toDuration(cluster.lag.p99Ms))}`}
      </Fact>
      <Fact name="Queue">
        {cluster.queue === undefined || isAway(cluster) ? 'unknown' : toText(toBytes(cluster.queue.bytes))}
      </Fact>
      <Fact name="Sends to">hub {hub.cluster}</Fact>
    </dl>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <div>
      <dt className="label">{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
