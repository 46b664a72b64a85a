import { STORE_CONSUMER } from '../components/exporters/store/index.ts'
import { AppError, type Component, type Logger, type Metrics, systemClock } from '../core/index.ts'
import type { DeadLetterEntry, DeadLetters } from '../contract/index.ts'
import type { Scope } from '../model/index.ts'
import {
  type DeadLetterBox,
  LetterOverview,
  LetterReplay,
  type LetterSummary,
  replayIntoLog,
} from '../pipeline/dead-letters/index.ts'
import type { Consumer, DurableWindows } from '../pipeline/index.ts'

const MAX_LISTED = 1_000

/** Which letters an action is about: one, those of a consumer, or all. */
export interface LetterSelection {
  readonly consumer?: string
  readonly id?: string
}

export interface HubDeadLetters extends Component {
  /** Letters on this hub, by cluster. */
  readonly countOf: (cluster: string) => number
  /** What of them may be seen in the scope. */
  list(scope: Scope): Promise<DeadLetters>
  /** How many were marked; they are on their way when it resolves. Throws `not_found`. */
  replay(selection: LetterSelection): Promise<number>
  /** How many were removed. Throws `not_found`. */
  discard(selection: LetterSelection): Promise<number>
}

export interface HubDeadLetterParts {
  readonly box: DeadLetterBox
  readonly windows: DurableWindows
  readonly sink: Consumer
  readonly log: Logger
  readonly metrics: Metrics
}

/** The hub's dead letters: counted, shown, and those of the store delivered again when somebody asks for it. */
export function createHubDeadLetters(parts: HubDeadLetterParts): HubDeadLetters {
  const { box, windows, sink, log, metrics } = parts
  const overview = new LetterOverview({ box, clock: systemClock, log, metrics })
  const deliver = replayIntoLog({ box, windows, sink })
  const replay = new LetterReplay({ box, consumer: STORE_CONSUMER, deliver, clock: systemClock, log })
  const stop = new AbortController()
  let running: Promise<unknown> = Promise.resolve()

  const select = async ({ consumer, id }: LetterSelection): Promise<readonly LetterSummary[]> => {
    const { letters } = await box.list(consumer)
    const chosen = letters.filter((letter) => id === undefined || letter.id === id)
    if (id !== undefined && chosen.length === 0) throw new AppError('not_found', 'there is no such dead letter')
    return chosen
  }
  return {
    name: 'dead letters',
    start: () => {
      running = Promise.all([overview.run(stop.signal), replay.run(stop.signal)])
      return Promise.resolve()
    },
    shutdown: async () => {
      stop.abort()
      await running
    },
    countOf: (cluster) => overview.letters.filter(({ head }) => head.envelope?.identity.cluster === cluster).length,
    list: async (scope) => {
      const { letters, damaged } = await box.list()
      const visible = letters.filter((letter) => isVisible(letter, scope))
      const isWhole = scope.tenants === 'all' && scope.clusters === undefined
      return {
        letters: visible.slice(0, MAX_LISTED).map(toEntry),
        total: visible.length,
        damaged: isWhole ? damaged.length : 0,
      }
    },
    replay: async (selection) => {
      const chosen = await select(selection)
      for (const { consumer, id } of chosen) await box.markForReplay({ consumer, id })
      await replay.deliverMarked(stop.signal)
      await overview.look()
      return chosen.length
    },
    discard: async (selection) => {
      const chosen = await select(selection)
      for (const { consumer, id } of chosen) await box.remove({ consumer, id })
      await overview.look()
      return chosen.length
    },
  }
}

function isVisible({ head }: LetterSummary, { tenants, clusters }: Scope): boolean {
  const identity = head.envelope?.identity
  if (identity === undefined) return tenants === 'all' && clusters === undefined
  return (
    (tenants === 'all' || tenants.includes(identity.tenant)) &&
    (clusters === undefined || clusters.includes(identity.cluster))
  )
}

function toEntry({ consumer, id, state, head, payloadBytes }: LetterSummary): DeadLetterEntry {
  const { envelope, atMs, reason, message } = head
  return {
    consumer,
    id,
    state: state === 'replay' ? 'replaying' : 'waiting',
    atMs,
    reason,
    message,
    payloadBytes,
    ...(envelope === undefined
      ? {}
      : {
          cluster: envelope.identity.cluster,
          tenant: envelope.identity.tenant,
          signal: envelope.signal,
          items: envelope.items,
        }),
  }
}
