import { AppError, Backoff, type Clock, type Logger } from '../../../core/index.ts'
import type { Signal } from '../../../model/index.ts'
import type { DeadLetter, DeadLetterWriter } from '../../../pipeline/dead-letters/index.ts'
import type { EdgeCount } from '../../../pipeline/index.ts'
import type { LogRecord } from '../../../queue/index.ts'
import type { IngestClient } from './client.ts'
import { type Group, halve, type MergedGroup, mergeGroup, type OutgoingRecord, withoutHeld } from './group.ts'
import type { Health } from './health.ts'
import { damagedLetter, refusedLetter } from './put-aside.ts'
import type { OtlpExporterMeters } from './meters.ts'
import type { SendOutcome } from './outcome.ts'
import type { Lane, SendGate } from './send-gate.ts'

export interface DeliveryOptions {
  readonly edge: string
  readonly epoch: string
  readonly client: IngestClient
  readonly gate: SendGate
  readonly deadLetters: DeadLetterWriter
  readonly health: Health
  readonly meters: OtlpExporterMeters
  readonly clock: Clock
  readonly log: Logger
  readonly retryInitialMs: number
  readonly retryMaxMs: number
  /** Told what became of items. */
  readonly onSettled: (count: EdgeCount, signal: Signal, items: number) => void
}

/** How often something is tried that may be the data's fault or the hub's; about a minute in all. */
const SUSPECT_TRIES = 10
/** For the parts of a request whose whole was tried as often. */
const SUSPECT_TRIES_OF_PART = 3

/** A connection that breaks right after it was made (a certificate that the hub refuses) is no reason to hurry. */
const STEADY_MS = 500

/** Sends groups until the hub has every record of them, or it is sure that the hub will never take one. */
export class Delivery {
  readonly #options: DeliveryOptions

  constructor(options: DeliveryOptions) {
    this.#options = options
  }

  /** Resolves with true when nothing is left to do for the group; with false when the signal has aborted before. */
  async deliver(group: Group, lane: Lane, signal: AbortSignal, tries = SUSPECT_TRIES): Promise<boolean> {
    const { gate, clock, retryInitialMs, retryMaxMs } = this.#options
    const merged = mergeGroup(group)
    const suspicion = new Backoff(clock, { initialMs: retryInitialMs, maxMs: retryMaxMs })
    for (;;) {
      const outcome = await this.#send(merged, lane, signal)
      if (outcome === undefined) return false
      if (outcome.t === 'stored') return true
      if (outcome.t === 'partly') {
        const rest = withoutHeld(group, outcome.held)
        this.#options.onSettled('sent', merged.signal, merged.items - itemsOf(rest))
        return await this.#deliverAll(rest, lane, signal, tries)
      }
      if (outcome.verdict === 'bad' || suspicion.failures + 1 >= tries) {
        return await this.#giveUp(group, lane, outcome, signal)
      }
      if (outcome.verdict === 'suspect') await suspicion.wait(signal, outcome.retryAfterMs)
      else gate.close(signal, outcome.retryAfterMs ?? 0, (until) => this.#steadyConnection(until))
    }
  }

  /** Puts a record aside that could not even be decoded. */
  async discard(record: LogRecord, message: string, signal: AbortSignal): Promise<boolean> {
    const { epoch, clock } = this.#options
    return await this.#keep(damagedLetter(epoch, record, message, clock), 'damaged', signal)
  }

  async #deliverAll(groups: readonly Group[], lane: Lane, signal: AbortSignal, tries: number): Promise<boolean> {
    for (const group of groups) {
      if (!(await this.deliver(group, lane, signal, tries))) return false
    }
    return true
  }

  /** One attempt; undefined when the signal has aborted before it began. */
  async #send(merged: MergedGroup, lane: Lane, signal: AbortSignal): Promise<SendOutcome | undefined> {
    const { client, edge, epoch, gate } = this.#options
    const { first, last } = merged
    await gate.pass(lane)
    if (signal.aborted) {
      gate.leave('failed')
      return undefined
    }
    const outcome = refuseNonsense(merged, await client.send({ ...merged, id: { edge, epoch, first, last } }, signal))
    gate.leave(outcome.t !== 'failed' ? 'succeeded' : outcome.code === 'deadline_exceeded' ? 'timed out' : 'failed')
    this.#count(merged, outcome)
    return outcome
  }

  #count({ signal, items, payload }: MergedGroup, outcome: SendOutcome): void {
    const { health, meters, clock, log, onSettled } = this.#options
    if (outcome.t === 'failed') {
      meters.answers.inc({ code: outcome.code })
      health.sendingFailed(`${outcome.code}: ${outcome.message}`)
      return
    }
    health.sent()
    meters.lastSuccess.set(clock.now() / 1_000)
    meters.answers.inc({ code: outcome.t === 'stored' ? 'ok' : 'partly_stored' })
    if (outcome.t === 'partly') return
    const rejected = outcome.partial?.rejected ?? 0
    const sent = Math.max(0, items - rejected)
    meters.sentItems.inc({ signal }, sent)
    onSettled('sent', signal, sent)
    onSettled('rejected', signal, items - sent)
    meters.sentBytes.inc({ signal }, payload.length)
    if (outcome.partial === undefined) return
    meters.rejectedItems.inc({ signal }, rejected)
    log.warn({ rejected, message: outcome.partial.message }, 'otlp exporter: the hub took a request in part')
  }

  /** Of several records, at least one is at fault: halves find out which. One alone is put aside. */
  async #giveUp(
    group: Group,
    lane: Lane,
    outcome: SendOutcome & { t: 'failed' },
    signal: AbortSignal,
  ): Promise<boolean> {
    const [record, ...others] = group.records
    if (record !== undefined && others.length === 0) return await this.#putAside(record, outcome, signal)
    return await this.#deliverAll(halve(group), lane, signal, SUSPECT_TRIES_OF_PART)
  }

  async #putAside(
    record: OutgoingRecord,
    outcome: SendOutcome & { t: 'failed' },
    signal: AbortSignal,
  ): Promise<boolean> {
    const { clock, onSettled } = this.#options
    const letter = refusedLetter(this.#options, record, `${outcome.code}: ${outcome.message}`, clock)
    if (!(await this.#keep(letter, 'refused', signal))) return false
    onSettled('deadLettered', record.signal, record.items)
    return true
  }

  /** The record leaves the log after this, so a disk that fails now is waited for. */
  async #keep(letter: DeadLetter, why: 'refused' | 'damaged', signal: AbortSignal): Promise<boolean> {
    const { deadLetters, health, meters } = this.#options
    try {
      await deadLetters.keep(letter, signal)
    } catch (reason) {
      if (AppError.from(reason).code === 'cancelled') return false
      throw reason
    }
    meters.deadRecords.inc({ reason: why })
    health.lost(`record ${String(letter.origin.first)} was put aside: ${letter.message}`)
    return true
  }

  /** Resolves when a lost connection is there again and lasts; as long as there is one, never before the signal. */
  async #steadyConnection(signal: AbortSignal): Promise<void> {
    const isLost = !this.#options.client.connected
    if (isLost && (await this.#reconnects(signal))) return
    await aborted(signal)
  }

  async #reconnects(signal: AbortSignal): Promise<boolean> {
    const { client, clock } = this.#options
    await client.whenConnected(signal)
    await clock.sleep(STEADY_MS, signal)
    return client.connected
  }
}

function itemsOf(groups: readonly Group[]): number {
  return groups.flatMap(({ records }) => records).reduce((sum, { items }) => sum + items, 0)
}

/** A hub that has a part of the request, but names none of its records, would be asked the same for ever. */
function refuseNonsense({ first, last }: MergedGroup, outcome: SendOutcome): SendOutcome {
  if (outcome.t !== 'partly' || outcome.held.some((range) => range.first <= last && range.last >= first)) return outcome
  const message = 'the hub says that it has a part of the request, and names other records'
  return { t: 'failed', verdict: 'suspect', code: 'already_exists', message }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
      return
    }
    const done = (): void => {
      resolve()
    }
    signal.addEventListener('abort', done, { once: true })
  })
}
