import type { ClusterSend, DestinationSnapshot, FleetEvent, FleetSnapshot } from '../../contract/index.ts'
import type { Clock, Metrics } from '../../core/index.ts'
import type { EdgeReport, Identity, Signal, Silence } from '../../model/index.ts'
import type { Fleet } from '../fleet.ts'
import type { PresentedCertificate } from './certificates.ts'
import { type ClusterLedger, ClusterState } from './cluster-state.ts'
import { Counts } from './counts.ts'
import { createFleetMetrics } from './fleet-metrics.ts'
import type { RejectionAbout } from './rejections.ts'
import { clip } from './words.ts'

export interface FleetStatusOptions {
  readonly fleet: Fleet
  readonly clock: Clock
  readonly metrics: Metrics
  readonly version: string
  /** The engine in words, such as `embedded, ClickHouse 26.7`. */
  readonly engine: string
  /** What the snapshot says of the destinations; none if absent. */
  readonly destinations?: () => readonly DestinationSnapshot[]
  /** What of a cluster goes to them; nothing if absent. */
  readonly sends?: (cluster: string) => readonly ClusterSend[]
}

/** A connection or a request that the hub did not let in. */
export interface Refusal {
  /** One word for counting: `expired`, `unknown-authority`, `not-in-fleet`, … */
  readonly reason: string
  /** In words, for people. */
  readonly detail: string
  /** The peer's address. */
  readonly remote: string
  /** Only if it is certain who it was, such as by a certificate of our authority that has ended. */
  readonly cluster?: string
}

/** The hub's live knowledge of its clusters. The parts of the hub tell it what happens; it never waits and never throws. */
export interface FleetStatus {
  /** Items that are in the durable log: each once, when their batch is acknowledged. */
  accepted(identity: Identity, signal: Signal, items: number, bytes: number): void
  /** Items refused at the door, which `accepted` is not called for. */
  rejected(identity: Identity, reason: string, items: number, about?: RejectionAbout): void
  /** Items that were accepted and that the store then refused for good. */
  discarded(cluster: string, reason: string, items: number, about?: RejectionAbout): void
  /** Labels that claimed another identity than the certificate and were overwritten. */
  overwritten(identity: Identity, count: number): void
  refused(refusal: Refusal): void
  report(identity: Identity, report: EdgeReport): void
  /** A connection was opened; `disconnected` is to follow. */
  connected(identity: Identity): void
  disconnected(identity: Identity): void
  /** The certificate of a connection or request; cheap enough for each request. */
  presented(identity: Identity, certificate: PresentedCertificate): void
  /** Items that one flush made queryable, with the lag from collected to stored. */
  stored(cluster: string, signal: Signal, items: number, lag: { readonly p50Ms: number; readonly p99Ms: number }): void
  /** Where the clusters' books are, to be asked whenever statuses are settled. */
  useLedger(read: () => ReadonlyMap<string, ClusterLedger>): void
  /** What the edges of a cluster last said of themselves. */
  edges(cluster: string): readonly { readonly report: EdgeReport; readonly heardAtMs: number }[]
  snapshot(): FleetSnapshot
  /** Clusters that are silent or cut off, as statuses were settled last; cheap enough for each query. */
  silences(): readonly Silence[]
  /** Settles statuses every second, so that events have the right time though nobody looks. Ends with the signal. */
  run(signal: AbortSignal): Promise<void>
}

const MAX_EVENTS = 200
const MAX_REFUSALS = 50
const EVALUATE_EVERY_MS = 1_000

export function createFleetStatus(options: FleetStatusOptions): FleetStatus {
  const { fleet, clock, version, engine } = options
  const startedAtMs = clock.now()
  const events: FleetEvent[] = []
  const refusals: FleetSnapshot['refusals']['recent'] = []
  const refusalCounts = new Counts()
  const clusters = new Map(
    fleet.identities.map((identity) => {
      const announce = (kind: FleetEvent['kind'], message: string): void => {
        pushBounded(events, { atMs: clock.now(), cluster: identity.cluster, kind, message }, MAX_EVENTS)
      }
      return [identity.cluster, new ClusterState(identity, startedAtMs, announce)]
    }),
  )
  let readLedger = (): ReadonlyMap<string, ClusterLedger> => new Map()
  const evaluate = (): void => {
    const nowMs = clock.now()
    for (const [cluster, ledger] of readLedger()) clusters.get(cluster)?.setLedger(ledger)
    for (const cluster of clusters.values()) cluster.evaluate(nowMs)
  }
  const meters = createFleetMetrics({
    metrics: options.metrics,
    clock,
    clusters: [...clusters.values()],
    refresh: evaluate,
  })
  const countRejected = (cluster: string, reason: string | undefined, items: number): void => {
    if (reason !== undefined) meters.rejectedItems.inc({ source_cluster: cluster, reason }, items)
  }
  return {
    accepted: ({ cluster }, signal, items, bytes) => {
      clusters.get(cluster)?.accepted(clock.now(), signal, items)
      meters.acceptedItems.inc({ source_cluster: cluster, signal }, items)
      meters.acceptedBytes.inc({ source_cluster: cluster, signal }, bytes)
    },
    rejected: ({ cluster }, reason, items, about) => {
      countRejected(cluster, clusters.get(cluster)?.rejected(clock.now(), reason, items, about), items)
    },
    discarded: (cluster, reason, items, about) => {
      countRejected(cluster, clusters.get(cluster)?.discarded(clock.now(), reason, items, about), items)
    },
    overwritten: ({ cluster }, count) => {
      clusters.get(cluster)?.overwritten(count)
      meters.overwrittenItems.inc({ source_cluster: cluster }, count)
    },
    refused: ({ reason, detail, remote, cluster }) => {
      meters.refusals.inc({ reason: refusalCounts.add(reason, 1) })
      pushBounded(refusals, { atMs: clock.now(), reason, detail: clip(detail), remote }, MAX_REFUSALS)
      if (cluster !== undefined) clusters.get(cluster)?.refused(clock.now(), detail)
    },
    report: ({ cluster }, report) => clusters.get(cluster)?.report(clock.now(), report),
    connected: ({ cluster }) => clusters.get(cluster)?.connected(),
    disconnected: ({ cluster }) => clusters.get(cluster)?.disconnected(clock.now()),
    presented: ({ cluster }, certificate) => clusters.get(cluster)?.presented(clock.now(), certificate),
    stored: (cluster, signal, items, lag) => {
      clusters.get(cluster)?.stored(clock.now(), items, lag)
      meters.storedItems.inc({ source_cluster: cluster, signal }, items)
    },
    useLedger: (read) => {
      readLedger = read
    },
    edges: (cluster) => clusters.get(cluster)?.edges() ?? [],
    silences: () =>
      [...clusters.values()]
        .filter(({ status }) => status === 'silent' || status === 'cut-off')
        .map(({ identity: { cluster, tenant }, heardAtMs }) => ({
          cluster,
          tenant,
          sinceMs: heardAtMs ?? startedAtMs,
          wasHeard: heardAtMs !== undefined,
        })),
    snapshot: () => {
      evaluate()
      const nowMs = clock.now()
      return {
        fleet: fleet.name,
        hub: { cluster: fleet.hub.cluster, version, startedAtMs, engine },
        nowMs,
        clusters: [...clusters.values()].map((cluster) => ({
          ...cluster.snapshot(nowMs),
          sends: [...(options.sends?.(cluster.identity.cluster) ?? [])],
        })),
        destinations: [...(options.destinations?.() ?? [])],
        events: [...events],
        refusals: { total: refusalCounts.read(), recent: [...refusals] },
      }
    },
    run: async (signal) => {
      while (!signal.aborted) {
        evaluate()
        await clock.sleep(EVALUATE_EVERY_MS, signal)
      }
    },
  }
}

/** Oldest first; at the limit the oldest goes. */
function pushBounded<T>(list: T[], item: T, limit: number): void {
  list.push(item)
  if (list.length > limit) list.shift()
}
