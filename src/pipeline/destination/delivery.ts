import { AppError, type Clock, type Logger, messageOf } from '../../core/index.ts'
import type { Envelope } from '../../model/index.ts'
import type { DeadLetterWriter, ReplayOutcome } from '../dead-letters/index.ts'
import type { Health } from './health.ts'
import type { DestinationProtocol, DestinationRequest, Outcome, Undelivered } from './protocol.ts'
import type { RetryGate } from './retry-gate.ts'
import type { LaneTotals } from './totals.ts'

/** Records of the log that travel together, as far as delivering them needs to know. */
export interface Parcel {
  /** Sequences of the log, both inclusive. */
  readonly first: number
  readonly last: number
  /** Of the first record. */
  readonly envelope: Envelope
  /** Ends the delivery: the lane stops, or the parcel is dropped. */
  readonly signal: AbortSignal
  /** Items that are done with: delivered, counted as undelivered, or put aside. */
  settled: number
  /** Those of them that arrived. */
  delivered: number
  /** What vendors refused out of requests and was put aside, to tell those letters apart. */
  leftOut: number
}

export interface DeliveryOptions {
  readonly destination: string
  /** The destination's type, for dead letters in its own format. */
  readonly encoding: string
  /** Of the log. */
  readonly epoch: string
  readonly protocol: Pick<DestinationProtocol, 'send'>
  readonly gate: RetryGate
  readonly health: Health
  readonly totals: LaneTotals
  readonly deadLetters: DeadLetterWriter
  /** The least wait after an answer that says that our settings are wrong. */
  readonly slowMs: number
  readonly clock: Clock
  readonly log: Logger
}

/** So many parts refused in a row, and nothing taken in between, and it is not the parts that are wrong. */
const REFUSALS_TO_OPEN = 8
/** How often a request is tried that is refused while everything is. */
const TRIES_WHILE_OPEN = 3
/** How often a request is cut that is refused for what is in it, while everything is: a sixteenth goes, not the whole. */
const CUTS_WHILE_OPEN = 4

/**
 * Sends requests until each of their items is done with. It does not give up with time. A request that is refused is
 * cut in halves until the bad part is found; if whatever is sent is refused, cutting would cost a request for every
 * single item, so requests are then tried slowly and put aside as they are.
 */
export class Delivery {
  readonly #options: DeliveryOptions
  #refusalsInARow = 0

  constructor(options: DeliveryOptions) {
    this.#options = options
  }

  /** Resolves with true when nothing is left to do; with false when the parcel's signal has aborted before. */
  async deliver(request: DestinationRequest, parcel: Parcel, part = ''): Promise<boolean> {
    let rest = request
    for (let refusals = 0; ; ) {
      const outcome = await this.#attempt(rest, parcel.signal)
      switch (outcome?.t) {
        case undefined:
          return false
        case 'delivered':
          await this.#delivered(rest, rest.items, outcome.undelivered, parcel)
          return !parcel.signal.aborted
        case 'partly':
          rest = await this.#deliveredPartly(rest, outcome, parcel)
          break
        case 'retry':
          this.#failed('retrying', outcome.detail, parcel.signal, outcome.afterMs)
          break
        case 'misconfigured':
          this.#failed('misconfigured', outcome.detail, parcel.signal, this.#options.slowMs)
          break
        case 'too-large':
        case 'refused': {
          const isOpen = this.#refusalsInARow >= REFUSALS_TO_OPEN
          refusals += 1
          if (isOpen && outcome.t === 'refused' && outcome.certain !== true && refusals < TRIES_WHILE_OPEN) {
            const detail = `it refuses whatever it is sent: ${outcome.detail}`
            this.#failed('misconfigured', detail, parcel.signal, this.#options.slowMs)
            break
          }
          return await this.#cut(rest, outcome, { parcel, part, isOpen })
        }
      }
    }
  }

  /** Tries a request that was put aside before once more. */
  async redeliver(request: DestinationRequest, signal: AbortSignal): Promise<ReplayOutcome> {
    const outcome = await this.#attempt(request, signal)
    switch (outcome?.t) {
      case 'delivered':
        this.#options.totals.deliveredItems += request.items
        return 'delivered'
      case 'partly':
        return await this.redeliver(outcome.rest, signal)
      case 'refused':
      case 'too-large':
        return 'refused'
      default:
        return 'later'
    }
  }

  /** Puts a request or record aside, and counts it. Resolves with false when the signal has aborted before. */
  async putAside(
    letter: {
      readonly reason: string
      readonly message: string
      readonly items: number
      readonly payload: Uint8Array
      readonly encoding?: string
      readonly part?: string
    },
    parcel: Parcel,
  ): Promise<boolean> {
    const { destination, epoch, clock, totals, deadLetters } = this.#options
    const { reason, message, items, payload, encoding, part } = letter
    try {
      const outcome = await deadLetters.keep(
        {
          origin: {
            consumer: destination,
            epoch,
            first: parcel.first,
            last: parcel.last,
            ...(part === undefined ? {} : { part }),
          },
          atMs: clock.now(),
          reason,
          message,
          envelope: { ...parcel.envelope, items },
          ...(encoding === undefined ? {} : { encoding }),
          payload,
        },
        parcel.signal,
      )
      if (outcome === 'kept') totals.deadLetters.add(reason, items)
      else totals.undelivered.add('dead_letters_full', items)
      parcel.settled += items
      return true
    } catch (failure) {
      if (AppError.from(failure).code === 'cancelled') return false
      throw failure
    }
  }

  /** Undefined when the signal has aborted. */
  async #attempt(request: DestinationRequest, signal: AbortSignal): Promise<Outcome | undefined> {
    const { gate, protocol, totals, log, destination } = this.#options
    await gate.pass(signal)
    try {
      if (signal.aborted) return undefined
      const outcome = await protocol.send(request, signal)
      totals.requests.add(outcome.t)
      return outcome
    } catch (reason) {
      const error = AppError.from(reason)
      if (error.code === 'cancelled' || signal.aborted) return undefined
      log.error({ destination, error: error.message }, 'BUG: a destination has thrown instead of answering')
      totals.requests.add('error')
      return { t: 'retry', detail: messageOf(error) }
    } finally {
      gate.leave()
    }
  }

  /** Counts `items` of the request as done with: delivered, but for those that the vendor left out. */
  async #delivered(
    request: DestinationRequest,
    items: number,
    undelivered: readonly Undelivered[] | undefined,
    parcel: Parcel,
  ): Promise<void> {
    const { totals, gate, health } = this.#options
    let left = items
    for (const { reason, items: lost, content } of undelivered ?? []) {
      const counted = Math.min(left, lost)
      left -= counted
      if (content === undefined) {
        totals.undelivered.add(reason, counted)
        parcel.settled += counted
      } else {
        parcel.leftOut += 1
        await this.putAside(
          {
            reason,
            message: 'left out of a request that was taken',
            items: counted,
            payload: content,
            encoding: this.#options.encoding,
            part: `${parcel.envelope.signal}_out_${String(parcel.leftOut)}`,
          },
          parcel,
        )
      }
    }
    totals.deliveredItems += left
    totals.deliveredBytes += request.items === 0 ? 0 : Math.round((request.bytes * left) / request.items)
    parcel.settled += left
    parcel.delivered += left
    // A server that takes the request and refuses each of its items has not accepted anything.
    if (left > 0 || items === 0) this.#refusalsInARow = 0
    gate.succeeded()
    health.succeeded()
  }

  /** Counts what is done; returns what is to be sent, once it may be. */
  async #deliveredPartly(
    request: DestinationRequest,
    outcome: Extract<Outcome, { t: 'partly' }>,
    parcel: Parcel,
  ): Promise<DestinationRequest> {
    const done = Math.max(0, request.items - outcome.rest.items)
    if (done > 0) await this.#delivered(request, done, outcome.undelivered, parcel)
    // An answer without progress must not become a loop without a pause.
    if (done === 0) this.#failed('retrying', 'it takes nothing of what it is sent', parcel.signal, outcome.afterMs)
    else if (outcome.afterMs !== undefined) await this.#options.clock.sleep(outcome.afterMs, parcel.signal)
    return outcome.rest
  }

  #failed(state: 'retrying' | 'misconfigured', detail: string, signal: AbortSignal, afterMs = 0): void {
    const { health, gate, log, destination } = this.#options
    if (health.state !== state) log.warn({ destination, state, detail }, 'a destination does not take what it is sent')
    health.failed(state, detail)
    gate.failed(signal, afterMs)
  }

  async #cut(
    request: DestinationRequest,
    outcome: Extract<Outcome, { t: 'refused' | 'too-large' }>,
    { parcel, part, isOpen }: { readonly parcel: Parcel; readonly part: string; readonly isOpen: boolean },
  ): Promise<boolean> {
    const { gate, health } = this.#options
    const mayCut = !isOpen || outcome.t === 'too-large' || (outcome.certain === true && depthOf(part) < CUTS_WHILE_OPEN)
    const halves = mayCut ? request.split() : undefined
    if (halves !== undefined) {
      gate.succeeded()
      health.answered()
      const first = await this.deliver(halves[0], parcel, `${part}0`)
      return (await this.deliver(halves[1], parcel, `${part}1`)) && first
    }
    if (outcome.t === 'refused') this.#refusalsInARow += 1
    if (this.#refusalsInARow < REFUSALS_TO_OPEN || outcome.t === 'too-large' || outcome.certain === true)
      health.answered()
    const reason = outcome.t === 'refused' ? outcome.reason : 'too_large'
    return await this.putAside(
      {
        reason,
        message: outcome.detail,
        items: request.items,
        payload: request.content?.() ?? new Uint8Array(0),
        encoding: this.#options.encoding,
        part: `${parcel.envelope.signal}${part}`,
      },
      parcel,
    )
  }
}

/** How often a request was cut to get this part: its name ends with a digit for each. */
function depthOf(part: string): number {
  return /[01]*$/.exec(part)?.[0].length ?? 0
}
