import { AppError, Backoff, type Clock, type Logger, messageOf } from '../../core/index.ts'
import type { Batch, Signal } from '../../model/index.ts'
import type { Cursor, LogReader, LogRecord } from '../../queue/index.ts'
import type { DeadLetter, DeadLetterWriter, ReplayOutcome } from '../dead-letters/index.ts'
import { Progress } from '../progress.ts'
import { decodeRecord } from '../record.ts'
import { ClusterTotals } from './cluster-totals.ts'
import { Delivery, type Parcel } from './delivery.ts'
import type { Selection } from './filter.ts'
import { type Group, type GroupLimits, OpenGroups } from './group.ts'
import { Health } from './health.ts'
import type { DestinationProtocol } from './protocol.ts'
import type { LaneReport } from './report.ts'
import { RetryGate } from './retry-gate.ts'
import { LaneTotals, readTotals } from './totals.ts'
import { Turns } from './turns.ts'

export interface LaneOptions {
  readonly destination: string
  /** The destination's type. */
  readonly type: string
  readonly signal: Signal
  readonly protocol: DestinationProtocol
  /** Closed by `stop`. */
  readonly reader: Pick<LogReader, 'epoch' | 'position' | 'next' | 'close'>
  readonly cursor: Pick<Cursor, 'position' | 'commit'>
  /** Filter and scrubbing. */
  readonly select: Selection
  readonly limits: GroupLimits & { readonly concurrency: number }
  /** Older batches are dropped and counted. */
  readonly maxAgeMs?: number | undefined
  readonly retry?: RetryTimes
  readonly deadLetters: DeadLetterWriter
  readonly clock: Clock
  readonly log: Logger
}

export interface RetryTimes {
  readonly initialMs: number
  readonly maxMs: number
  /** The least wait after an answer that says that our settings are wrong. */
  readonly slowMs: number
}

const DEFAULT_RETRY: RetryTimes = { initialMs: 500, maxMs: 60_000, slowMs: 15_000 }
/** How often the cursor is saved: what was sent since is sent again after a crash. */
const COMMIT_MS = 500
const LEAST_IN_FLIGHT_BYTES = 8 * 1024 * 1024
const READ_BACKOFF = { initialMs: 100, maxMs: 5_000 }

/** Why records are dropped that were never sent. */
export type DropReason = 'backlog_full' | 'backlog_old'

/**
 * Sends one signal to one destination: reads the log from its own cursor, selects, groups, encodes, delivers. What it
 * holds in memory is bounded; the log holds the rest. The cursor moves only over records all of whose items are
 * delivered, put aside or counted.
 */
export class Lane {
  readonly #options: LaneOptions
  readonly #progress: Progress
  readonly #open: OpenGroups
  readonly #delivery: Delivery
  readonly #health: Health
  readonly #totals = new LaneTotals()
  readonly #clusters = new ClusterTotals()
  readonly #stop = new AbortController()
  /** Parcels under way, each with the controller that ends it. */
  readonly #parcels = new Map<Parcel, AbortController>()
  readonly #turns: Turns
  readonly #maxInFlightBytes: number
  #inFlightBytes = 0
  #inFlightItems = 0
  #dropBelow: { readonly sequence: number; readonly reason: DropReason } | undefined
  /** Resolved when memory becomes free or there is something to drop. */
  #changed: (() => void) | undefined
  #running: Promise<unknown> = Promise.resolve()

  constructor(options: LaneOptions) {
    this.#options = options
    const { destination, type, reader, protocol, deadLetters, clock, log, limits, retry = DEFAULT_RETRY } = options
    this.#progress = new Progress(options.cursor.position)
    this.#open = new OpenGroups(limits)
    this.#health = new Health(clock)
    this.#maxInFlightBytes = Math.max(LEAST_IN_FLIGHT_BYTES, 2 * limits.concurrency * limits.bytes)
    this.#delivery = new Delivery({
      destination,
      encoding: type,
      epoch: reader.epoch,
      protocol,
      gate: new RetryGate(clock, retry),
      health: this.#health,
      totals: this.#totals,
      deadLetters,
      slowMs: retry.slowMs,
      clock,
      log,
    })
    this.#turns = new Turns(protocol.ordered === true ? 1 : limits.concurrency)
  }

  start(): void {
    this.#running = Promise.all([this.#read(), this.#commitRegularly()])
  }

  /** Ends what is under way; it is sent again after the next start. Safe to call twice. */
  async stop(): Promise<void> {
    this.#stop.abort()
    for (const controller of this.#parcels.values()) controller.abort()
    this.#change()
    await this.#running
    await this.#options.reader.close()
    await this.#commit()
  }

  /** Gives up everything before this sequence that is not delivered, for want of room or because it is too old. */
  drop(below: number, reason: DropReason): void {
    if (below <= (this.#dropBelow?.sequence ?? 0)) return
    this.#dropBelow = { sequence: below, reason }
    for (const [parcel, controller] of this.#parcels) if (parcel.last < below) controller.abort()
    this.#change()
  }

  /** Delivers a dead letter of this signal that somebody wants to have delivered after all. */
  async redeliver(letter: DeadLetter, signal: AbortSignal): Promise<ReplayOutcome> {
    const { protocol, clock } = this.#options
    const { envelope, payload } = letter
    if (envelope === undefined) return 'refused'
    const restored = letter.encoding === undefined ? undefined : protocol.restore?.(envelope, payload)
    if (letter.encoding !== undefined && restored === undefined) return 'refused'
    const requests =
      restored === undefined ? protocol.encode([{ envelope, payload }], clock.now()).requests : [restored]
    for (const request of requests) {
      const outcome = await this.#delivery.redeliver(request, signal)
      if (outcome !== 'delivered') return outcome
    }
    return 'delivered'
  }

  report(): LaneReport {
    const { signal, clock } = this.#options
    const { state, trouble, lastSuccessMs } = this.#health
    const oldestAtMs = this.#progress.oldestAtMs
    return {
      signal,
      position: this.#options.cursor.position,
      state,
      lagMs: oldestAtMs === undefined ? 0 : Math.max(0, clock.now() - oldestAtMs),
      ...(trouble === undefined ? {} : { trouble }),
      ...(lastSuccessMs === undefined ? {} : { lastSuccessMs }),
      inFlight: { items: this.#inFlightItems, bytes: this.#inFlightBytes },
      counts: readTotals(this.#totals),
      clusters: this.#clusters.read(clock.now()),
    }
  }

  async #read(): Promise<void> {
    const { reader, clock, limits } = this.#options
    const { signal } = this.#stop
    const backoff = new Backoff(clock, READ_BACKOFF)
    for (;;) {
      await this.#room()
      if (signal.aborted) return
      const waitMs = Math.max(0, this.#open.nextDeadlineMs - clock.now())
      try {
        const before = reader.position
        const records = await reader.next({
          maxRecords: 1_000,
          maxBytes: limits.bytes,
          signal,
          ...(waitMs === Infinity ? {} : { waitMs }),
        })
        for (const record of records) this.#take(record)
        // Over records that are gone: nothing can be done for them.
        if (records.length === 0 && reader.position > before) this.#progress.begin(reader.position)()
        backoff.reset()
      } catch (reason) {
        this.#options.log.error({ error: messageOf(reason) }, 'a destination cannot read the log; trying again')
        await backoff.wait(signal)
      }
      for (const group of this.#open.takeDue(clock.now())) this.#send(group)
    }
  }

  /** Resolves when there is memory for more. What is open is sent rather than waited for. */
  async #room(): Promise<void> {
    while (this.#inFlightBytes >= this.#maxInFlightBytes && !this.#stop.signal.aborted) {
      for (const group of this.#open.takeAll()) this.#send(group)
      await new Promise<void>((resolve) => {
        this.#changed = resolve
      })
    }
  }

  #change(): void {
    this.#changed?.()
    this.#changed = undefined
  }

  #take(record: LogRecord): void {
    const { clock, protocol } = this.#options
    const batch = this.#select(record)
    if (batch === undefined) return
    const { receivedAtMs, items, format, identity } = batch.envelope
    const done = this.#progress.begin(record.sequence + 1, receivedAtMs)
    const dropReason = this.#dropReasonOf(record.sequence, receivedAtMs)
    if (dropReason !== undefined) {
      this.#totals.undelivered.add(dropReason, items)
      this.#clusters.lost(identity.cluster, items)
      done()
      return
    }
    this.#inFlightBytes += batch.payload.length
    this.#inFlightItems += items
    this.#clusters.begin(batch, record.sequence)
    const key = `${format} ${protocol.groupBy?.(batch.envelope) ?? ''}`
    const complete = this.#open.add({ key, batch, sequence: record.sequence, done }, clock.now())
    for (const group of complete) this.#send(group)
  }

  /** What of the record is to be sent; undefined, and the record done with, when that is nothing. */
  #select(record: LogRecord): Batch | undefined {
    const { signal, protocol, select, reader } = this.#options
    const decoded = this.#decode(record)
    let batch: Batch | undefined
    if (decoded?.envelope.signal === signal) {
      const { envelope } = decoded
      if (protocol.takes(signal, envelope.format)) batch = this.#apply(select, decoded)
      else {
        this.#totals.undelivered.add('format', envelope.items)
        this.#clusters.lost(envelope.identity.cluster, envelope.items)
      }
    }
    if (batch === undefined) {
      this.#progress.begin(record.sequence + 1)()
      return undefined
    }
    // Senders without ids: the place in the log says the same after a restart.
    const id = { edge: 'hub', epoch: reader.epoch, first: record.sequence, last: record.sequence }
    return { envelope: { id, ...batch.envelope }, payload: batch.payload }
  }

  /** Every reader of the log meets what is no batch; the store puts it aside. */
  #decode(record: LogRecord): Batch | undefined {
    try {
      return decodeRecord(record.bytes)
    } catch {
      this.#totals.undelivered.add('corrupt', 1)
      return undefined
    }
  }

  /** What cannot be looked through does not go out: it may hold what the file says must not. */
  #apply(select: Selection, batch: Batch): Batch | undefined {
    const { items, identity } = batch.envelope
    try {
      const left = select(batch)
      const leftOut = items - (left?.envelope.items ?? 0)
      this.#totals.filteredItems += leftOut
      this.#clusters.filtered(identity.cluster, leftOut)
      return left
    } catch (reason) {
      this.#totals.undelivered.add('undecodable', items)
      this.#clusters.lost(identity.cluster, items)
      this.#options.log.error({ error: messageOf(reason) }, 'a batch cannot be looked through, and is not sent')
      return undefined
    }
  }

  #dropReasonOf(sequence: number, receivedAtMs: number): DropReason | undefined {
    const { maxAgeMs, clock } = this.#options
    if (this.#dropBelow !== undefined && sequence < this.#dropBelow.sequence) return this.#dropBelow.reason
    return maxAgeMs !== undefined && receivedAtMs < clock.now() - maxAgeMs ? 'backlog_old' : undefined
  }

  /**
   * Delivers in the background; `#room` bounds how much of it there is. That a delivery rejects would be a fault of ours:
   * the worker ends by it, and its successor begins at the cursor.
   */
  #send(group: Group): void {
    const controller = new AbortController()
    const [head] = group.batches
    if (head === undefined) return
    const parcel: Parcel = {
      first: group.first,
      last: group.last,
      envelope: head.envelope,
      signal: controller.signal,
      settled: 0,
      delivered: 0,
      leftOut: 0,
    }
    this.#parcels.set(parcel, controller)
    const isBelow = this.#dropBelow !== undefined && parcel.last < this.#dropBelow.sequence
    if (isBelow || this.#stop.signal.aborted) controller.abort()
    void this.#deliver(group, parcel).then((isDone) => {
      this.#parcels.delete(parcel)
      this.#inFlightBytes -= group.bytes
      this.#inFlightItems -= group.items
      const isDropped = !isDone && controller.signal.aborted && !this.#stop.signal.aborted
      if (isDropped) {
        const reason = this.#dropBelow?.reason ?? 'backlog_full'
        this.#totals.undelivered.add(reason, Math.max(0, group.items - parcel.settled))
      }
      if (isDone || isDropped) {
        this.#clusters.end(group.batches, group.sequences, parcel.delivered, this.#options.clock.now())
        for (const done of group.done) done()
      }
      this.#change()
    })
  }

  async #deliver(group: Group, parcel: Parcel): Promise<boolean> {
    if (!(await this.#turns.begin(parcel.signal))) return false
    try {
      return await this.#deliverBatches(group.batches, parcel)
    } finally {
      this.#turns.end()
    }
  }

  async #deliverBatches(batches: readonly Batch[], parcel: Parcel): Promise<boolean> {
    const { protocol, clock } = this.#options
    let encoded: ReturnType<DestinationProtocol['encode']>
    try {
      encoded = protocol.encode(batches, clock.now())
    } catch (reason) {
      return await this.#deliverUndecodable(batches, parcel, reason)
    }
    for (const { reason, items } of encoded.undelivered) {
      this.#totals.undelivered.add(reason, items)
      parcel.settled += items
    }
    let isDone = true
    for (const [i, request] of encoded.requests.entries()) {
      isDone = (await this.#delivery.deliver(request, parcel, `_${String(i)}_`)) && isDone
      if (parcel.signal.aborted) return false
    }
    return isDone
  }

  /** One of the batches is damaged: each goes alone, and the damaged one is put aside. */
  async #deliverUndecodable(batches: readonly Batch[], parcel: Parcel, reason: unknown): Promise<boolean> {
    const [only] = batches
    if (only === undefined) return true
    if (batches.length > 1) {
      for (const batch of batches) if (!(await this.#deliverBatches([batch], parcel))) return false
      return true
    }
    const error = AppError.from(reason)
    const isDamaged = error.code === 'invalid' || error.code === 'corrupt'
    const part = `${only.envelope.signal}_${String(only.envelope.id?.first ?? 0)}`
    const letter = { reason: isDamaged ? 'undecodable' : 'not_encodable', message: error.message, part }
    return await this.#delivery.putAside({ ...letter, items: only.envelope.items, payload: only.payload }, parcel)
  }

  async #commitRegularly(): Promise<void> {
    const { clock } = this.#options
    while (!this.#stop.signal.aborted) {
      await clock.sleep(COMMIT_MS, this.#stop.signal)
      await this.#commit()
    }
  }

  async #commit(): Promise<void> {
    const { cursor, log } = this.#options
    if (this.#progress.position <= cursor.position) return
    await cursor.commit(this.#progress.position).catch((reason: unknown) => {
      log.error({ error: messageOf(reason) }, 'the cursor of a destination cannot be saved')
    })
  }
}
