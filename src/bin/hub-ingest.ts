import type { IncomingMessage } from 'node:http'
import { createWriteAccess } from '../access/index.ts'
import { AppError, type Logger, type Metrics, systemClock } from '../core/index.ts'
import type { Fleet, FleetStatus } from '../fleet/index.ts'
import type { Identity, Signal } from '../model/index.ts'
import {
  createWriteMeters,
  createWriteServer,
  IngestGate,
  memoryUsage,
  type WriteMeters,
  type WriteReceiverOptions,
  type WriteRoute,
  type WriteServer,
} from '../pipeline/ingest/index.ts'
import type { DurableLog } from '../queue/index.ts'
import { OLDEST_STORABLE_MS } from '../storage/index.ts'
import type { TimeWindow } from '../wire/index.ts'

/** Requests wait for memory: so many at once, and so long. Senders give up after 10 s and more. */
const MAX_WAITING = 256
const MAX_WAIT_MS = 5_000
/** What a cluster with a rate may send at once after a pause. */
const BURST_SECONDS = 2
/** Telemetry from further ahead comes of a clock that is wrong; it would hide what is new. */
const MAX_AHEAD_MS = 10 * 60_000
/** What part of its memory for requests a hub still uses when it is short of memory as a whole. */
const SHORT_OF_MEMORY_SHARE = 1 / 8
const RECEIVE_TIMEOUT_MS = 30_000

/** What stands before every receiver of the hub. */
export interface HubIngest {
  readonly gate: IngestGate
  /** Told of what is refused for good, by which receiver. */
  readonly onRejected: WriteReceiverOptions['onRejected']
  readonly meters: WriteMeters
  /** The times that are taken of senders that do not number their batches. */
  readonly windowOf: (identity: Identity, signal: Signal) => TimeWindow
}

export function createHubIngest(parts: {
  readonly fleet: Fleet
  readonly status: FleetStatus
  readonly durableLog: DurableLog
  readonly metrics: Metrics
}): HubIngest {
  const { fleet, status, durableLog, metrics } = parts
  const { maxInFlight, maxMemory } = fleet.hub.ingest
  const fullness = (): number => {
    const { bytes, pendingBytes, limitBytes } = durableLog.stats()
    return (bytes + pendingBytes) / limitBytes
  }
  const gate = new IngestGate({
    clock: systemClock,
    metrics,
    maxInFlightBytes: maxInFlight,
    maxWaiting: MAX_WAITING,
    maxWaitMs: MAX_WAIT_MS,
    rateOf: (cluster) => {
      const bytesPerSecond = fleet.rate(cluster)
      return bytesPerSecond === undefined ? undefined : { bytesPerSecond, burstBytes: BURST_SECONDS * bytesPerSecond }
    },
    pressure: [
      {
        name: 'memory',
        usage: () => memoryUsage(maxMemory),
        high: 0.85,
        low: 0.75,
        retryAfterMs: 2_000,
        aboveInFlightBytes: SHORT_OF_MEMORY_SHARE * maxInFlight,
      },
      { name: 'durable log', usage: fullness, high: 0.95, low: 0.9, retryAfterMs: 5_000 },
    ],
  })
  return {
    gate,
    meters: createWriteMeters(metrics),
    onRejected: (identity, source, { reason, items, ...about }) => {
      status.rejected(identity, reason, items, { ...about, source })
    },
    // However old: retention counts from the day on which it comes.
    windowOf: () => ({ fromMs: OLDEST_STORABLE_MS, toMs: systemClock.now() + MAX_AHEAD_MS }),
  }
}

/** The receivers' routes on the hub's main port, for senders with a token. */
export async function createTokenWrites(
  ingest: HubIngest,
  parts: {
    readonly fleet: Fleet
    readonly status: FleetStatus
    readonly routes: readonly WriteRoute[]
    readonly log: Logger
  },
): Promise<WriteServer> {
  const { fleet, status, routes, log } = parts
  const { writers, teams } = fleet
  const access = await createWriteAccess({ writers, teams, lookup: (cluster) => fleet.cluster(cluster) })
  const grantOf = ({ headers, socket }: IncomingMessage): readonly Identity[] => {
    try {
      return access.grant(headers.authorization)
    } catch (reason) {
      const { code, message } = AppError.from(reason)
      status.refused({ reason: `token_${code}`, detail: message, remote: socket.remoteAddress ?? 'unknown' })
      throw reason
    }
  }
  const { gate, meters, onRejected } = ingest
  return createWriteServer({ routes, gate, grantOf, receiveTimeoutMs: RECEIVE_TIMEOUT_MS, meters, onRejected, log })
}
