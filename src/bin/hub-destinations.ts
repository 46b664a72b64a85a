import path from 'node:path'
import type { ClusterSend, DestinationSnapshot } from '../contract/index.ts'
import { type Component, type Logger, type Metrics, systemClock } from '../core/index.ts'
import type { DestinationSettings, Fleet } from '../fleet/index.ts'
import { DEAD_LETTERS_DIR } from '../pipeline/dead-letters/index.ts'
import { type BacklogLimits, LogRetention } from '../pipeline/destination/index.ts'
import type { DurableWindows } from '../pipeline/index.ts'
import { type DurableLog, listCursors, removeCursor } from '../queue/index.ts'
import { DestinationHost } from './destination-host.ts'
import { cursorName, DESTINATION_CURSOR, type DestinationWorkerData } from './destination-messages.ts'
import { createDestinationMetrics } from './destination-metrics.ts'
import { version } from './version.ts'

export interface HubDestinationsParts {
  readonly fleet: Fleet
  readonly stateDir: string
  readonly durableLog: DurableLog
  readonly windows: Pick<DurableWindows, 'release'>
  readonly log: Logger
  readonly metrics: Metrics
}

export interface HubDestinations {
  /** In the order in which they are started. */
  readonly components: readonly Component[]
  /** Tells how far the store has come: the log is kept for it and for the destinations. */
  readonly storePosition: (position: number) => void
  /**
   * Keeps the log for another reader of the hub, too, but not without limits: it may be told to give up what lies below
   * a sequence. Returns how to tell of its saved positions.
   */
  readonly keepFor: (name: string, onDrop: (below: number) => void) => (position: number) => void
  readonly snapshot: () => readonly DestinationSnapshot[]
  /** What of a cluster goes to each of them. */
  readonly sends: (cluster: string) => readonly ClusterSend[]
}

const STORE = 'store'
/** Of the durable log, if the fleet file does not say what may wait for a destination. */
const BACKLOG_SHARE = 0.5

/** A worker for each destination of the fleet file, and what decides how long the log keeps records for whom. */
export async function createHubDestinations(parts: HubDestinationsParts): Promise<HubDestinations> {
  const { fleet, durableLog, windows, log, metrics } = parts
  await forgetRemoved(parts)
  const { maxBytes, keep } = fleet.hub.log
  const retention = new LogRetention({
    log: durableLog,
    limitBytes: maxBytes,
    keepMs: keep,
    release: (positions) => windows.release(positions),
    clock: systemClock,
    logger: log,
  })
  retention.add(STORE)
  const hosts = [...fleet.destinations].map(([name, settings]) => {
    const host = new DestinationHost({
      name,
      settings,
      workerData: () => toWorkerData(parts, name, settings),
      onPosition: (signal, position) => retention.setPosition(cursorName(name, signal), position),
      bytesBehind: (position) => retention.bytesBehind(position),
      recordsBehind: (position) => Math.max(0, durableLog.durableEnd - position),
      log,
    })
    for (const signal of settings.signals) {
      retention.add(cursorName(name, signal), {
        backlog: toLimits(settings, maxBytes),
        onDrop: (below, reason) => host.drop(signal, below, reason),
      })
    }
    return { name, host }
  })
  createDestinationMetrics(metrics, () =>
    hosts.map(({ name, host }) => ({ name, snapshot: host.snapshot(), signals: [...host.signals] })),
  )
  return {
    components: [
      {
        name: 'log retention',
        start: () => {
          retention.start()
          return Promise.resolve()
        },
        shutdown: () => retention.stop(),
      },
      ...hosts.map(({ host }) => host),
    ],
    storePosition: (position) => retention.setPosition(STORE, position),
    keepFor: (name, onDrop) => {
      const maxBytes = Math.floor(BACKLOG_SHARE * fleet.hub.log.maxBytes)
      retention.add(name, { backlog: { maxBytes, onFull: 'drop-oldest' }, onDrop })
      return (position) => retention.setPosition(name, position)
    },
    snapshot: () => hosts.map(({ host }) => host.snapshot()),
    sends: (cluster) => hosts.map(({ host }) => host.send(cluster)),
  }
}

function toWorkerData(
  { fleet, stateDir, durableLog }: HubDestinationsParts,
  name: string,
  settings: DestinationSettings,
): DestinationWorkerData {
  return {
    name,
    settings,
    scrub: fleet.scrubFor(settings.scrub),
    logDir: durableLog.dir,
    durable: durableLog.durable,
    segments: durableLog.segments().map(({ base, createdAtMs }) => ({ base, createdAtMs })),
    deadLetterDir: path.join(stateDir, DEAD_LETTERS_DIR),
    version,
  }
}

function toLimits({ backlog }: DestinationSettings, logBytes: number): BacklogLimits {
  const { maxBytes = Math.floor(BACKLOG_SHARE * logBytes), maxAge, onFull } = backlog
  return { maxBytes, maxAgeMs: maxAge, onFull }
}

/** Cursors of destinations and signals that the fleet file no longer has: a name that comes back begins anew. */
async function forgetRemoved({ fleet, durableLog, log }: HubDestinationsParts): Promise<void> {
  const wanted = new Set(
    [...fleet.destinations].flatMap(([name, { signals }]) => signals.map((signal) => cursorName(name, signal))),
  )
  for (const name of await listCursors(durableLog.dir)) {
    if (!name.startsWith(DESTINATION_CURSOR) || wanted.has(name)) continue
    await removeCursor(durableLog.dir, name)
    log.info({ cursor: name }, 'the cursor of a destination that is no more was removed')
  }
}
