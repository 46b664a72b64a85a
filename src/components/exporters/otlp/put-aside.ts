import type { Clock } from '../../../core/index.ts'
import type { Envelope } from '../../../model/index.ts'
import type { DeadLetter, ReplayOutcome } from '../../../pipeline/dead-letters/index.ts'
import type { LogRecord } from '../../../queue/index.ts'
import type { IngestClient } from './client.ts'
import type { OutgoingRecord } from './group.ts'

/** What the edge's letters are called, as its cursor is. */
export const HUB_CONSUMER = 'hub'

/** Which log of which edge. */
interface Log {
  readonly edge: string
  readonly epoch: string
}

/** A record that the hub refuses for good. Its id is the one under which it would have travelled. */
export function refusedLetter({ edge, epoch }: Log, record: OutgoingRecord, message: string, clock: Clock): DeadLetter {
  const { sequence, payload, ...rest } = record
  const envelope: Envelope = { ...rest, id: { edge, epoch, first: sequence, last: sequence } }
  return { origin: originOf(epoch, sequence), atMs: clock.now(), reason: 'refused', message, envelope, payload }
}

/** A record that is no batch. */
export function damagedLetter(
  epoch: string,
  { sequence, bytes }: LogRecord,
  message: string,
  clock: Clock,
): DeadLetter {
  return { origin: originOf(epoch, sequence), atMs: clock.now(), reason: 'damaged', message, payload: bytes }
}

function originOf(epoch: string, sequence: number): DeadLetter['origin'] {
  return { consumer: HUB_CONSUMER, epoch, first: sequence, last: sequence }
}

/**
 * Sends a letter to the hub under the id that it always had: the hub never took it, so it is new there, and a second
 * time it is a repetition.
 */
export function sendLetter(client: IngestClient): (letter: DeadLetter, signal: AbortSignal) => Promise<ReplayOutcome> {
  return async ({ envelope, payload, encoding }, abort) => {
    if (envelope?.id === undefined || encoding !== undefined) return 'refused'
    const { signal, format, items, collectedAtMs, id } = envelope
    const outcome = await client.send({ signal, format, items, collectedAtMs, payload, id }, abort)
    if (outcome.t !== 'failed') return 'delivered'
    return outcome.verdict === 'bad' || outcome.verdict === 'suspect' ? 'refused' : 'later'
  }
}
