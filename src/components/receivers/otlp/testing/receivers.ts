import { createMetrics, type Metrics, silentLogger, systemClock } from '../../../../core/index.ts'
import type { Batch, EdgeReport, Identity, Signal } from '../../../../model/index.ts'
import type { Consumer } from '../../../../pipeline/index.ts'
import {
  createWriteMeters,
  IngestGate,
  type RejectedItems,
  type WriteRoute,
} from '../../../../pipeline/ingest/index.ts'
import type { FleetCertificates } from '../../../../pki/testing/fleet-certificates.ts'
import {
  createCertificateIdentity,
  createEdgeOtlpReceiver,
  createHubOtlpReceiver,
  edgeOtlpConfigSchema,
  type HubOtlpReceiver,
  hubOtlpConfigSchema,
  type ListenAddress,
  type OtlpReceiver,
  type Refusal,
} from '../index.ts'

export const DEV: Identity = {
  cluster: 'dev-uaenorth',
  environment: 'dev',
  region: 'uaenorth',
  clusterType: 'workload',
  tenant: 'dev',
}

const ANYWHERE = { grpc: { host: '127.0.0.1', port: 0 }, http: { host: '127.0.0.1', port: 0 } }

/** A running receiver and what came out of it. */
export interface Running<Receiver extends OtlpReceiver> {
  readonly receiver: Receiver
  readonly grpc: ListenAddress
  readonly http: ListenAddress
  readonly metrics: Metrics
  readonly batches: Batch[]
  readonly accepted: [cluster: string, signal: Signal, items: number, bytes: number][]
  readonly rejected: [cluster: string, rejected: RejectedItems][]
  /** Replaces what happens to batches. */
  consume: Consumer
  stop(): Promise<void>
}

export interface RunningHub extends Running<HubOtlpReceiver> {
  readonly refusals: Refusal[]
  readonly reports: [cluster: string, report: EdgeReport][]
  /** `+cluster` for a connection, `-cluster` for its end. */
  readonly connections: string[]
  /** The fleet, by the clusters' names. */
  readonly fleet: Map<string, Identity>
}

export async function startEdge(
  config: object = {},
  listen: Common['listen'] = ANYWHERE,
): Promise<Running<OtlpReceiver>> {
  return await start((common) =>
    createEdgeOtlpReceiver({ ...common, listen, identity: DEV, config: edgeOtlpConfigSchema.parse(config) }),
  )
}

export interface TestGate {
  readonly maxInFlightBytes: number
  readonly maxWaiting: number
  readonly maxWaitMs: number
  readonly bytesPerSecond?: number
}

const GATE: TestGate = { maxInFlightBytes: 256 * 1_048_576, maxWaiting: 256, maxWaitMs: 5_000 }
const DAY_MS = 86_400_000

export async function startHub(
  certificates: FleetCertificates,
  config: object = {},
  { gate = {}, routes = [] }: { readonly gate?: Partial<TestGate>; readonly routes?: readonly WriteRoute[] } = {},
): Promise<RunningHub> {
  const refusals: Refusal[] = []
  const reports: RunningHub['reports'] = []
  const connections: string[] = []
  const fleet = new Map([[DEV.cluster, DEV]])
  const { trustDomain } = certificates
  const { bytesPerSecond, ...limits } = { ...GATE, ...gate }
  const rate = bytesPerSecond === undefined ? undefined : { bytesPerSecond, burstBytes: bytesPerSecond }
  const running = await start((common) =>
    createHubOtlpReceiver({
      ...common,
      gate: new IngestGate({ clock: systemClock, metrics: common.metrics, ...limits, rateOf: () => rate }),
      windowOf: () => ({ fromMs: Date.now() - 30 * DAY_MS, toMs: Date.now() + 600_000 }),
      routes,
      writeMeters: createWriteMeters(common.metrics),
      config: hubOtlpConfigSchema.parse(config),
      certificates: certificates.hub,
      identify: createCertificateIdentity({ trustDomain, clock: systemClock, lookup: (name) => fleet.get(name) }),
      onRefused: (refusal) => refusals.push(refusal),
      onReport: (identity, report) => reports.push([identity.cluster, report]),
      onConnected: ({ cluster }) => connections.push(`+${cluster}`),
      onDisconnected: ({ cluster }) => connections.push(`-${cluster}`),
    }),
  )
  return Object.assign(running, { refusals, reports, connections, fleet })
}

type Common = Omit<Parameters<typeof createEdgeOtlpReceiver>[0], 'identity' | 'config'>

async function start<Receiver extends OtlpReceiver>(create: (common: Common) => Receiver): Promise<Running<Receiver>> {
  const metrics = createMetrics()
  const batches: Batch[] = []
  const accepted: Running<Receiver>['accepted'] = []
  const rejected: Running<Receiver>['rejected'] = []
  const receiver = create({
    listen: ANYWHERE,
    clock: systemClock,
    log: silentLogger(),
    metrics,
    next: (batch) => running.consume(batch),
    onAccepted: (identity, signal, items, bytes) => accepted.push([identity.cluster, signal, items, bytes]),
    onRejected: (identity, items) => rejected.push([identity.cluster, items]),
  })
  await receiver.start(new AbortController().signal)
  const { addresses } = receiver
  if (addresses === undefined) throw new Error('the receiver has no address after its start')
  const running: Running<Receiver> = {
    receiver,
    ...addresses,
    metrics,
    batches,
    accepted,
    rejected,
    consume: (batch) => {
      batches.push(batch)
      return Promise.resolve()
    },
    stop: () => receiver.shutdown(AbortSignal.timeout(2_000)),
  }
  return running
}
