import { setMaxListeners } from 'node:events'
import { Backoff, type Clock, type Component, type Logger, messageOf, type Metrics } from '../../../core/index.ts'
import type { EdgeReport } from '../../../model/index.ts'
import { loadTlsFiles, type TlsPaths, watchFiles } from '../../../pki/index.ts'
import {
  createDeadLetterWriters,
  DeadLetterBox,
  LetterOverview,
  LetterReplay,
} from '../../../pipeline/dead-letters/index.ts'
import type { EdgeLedger } from '../../../pipeline/index.ts'
import type { Cursor, LogReader, LogRecord } from '../../../queue/index.ts'
import { createIngestClient, type IngestClient } from './client.ts'
import type { OtlpExporterConfig } from './config.ts'
import { Delivery } from './delivery.ts'
import { decodeRecords, type Group, toGroups } from './group.ts'
import { Health, type TroubleReport } from './health.ts'
import { createOtlpExporterMeters, type OtlpExporterMeters } from './meters.ts'
import { Lane, Lanes } from './lanes.ts'
import { HUB_CONSUMER, sendLetter } from './put-aside.ts'
import { SendGate } from './send-gate.ts'

export interface OtlpExporterOptions {
  readonly config: OtlpExporterConfig
  readonly target: { readonly host: string; readonly port: number }
  readonly serverName?: string | undefined
  /** Read again whenever they change. */
  readonly tls: TlsPaths
  /** `<cluster>/<instance>`. */
  readonly edge: string
  readonly version: string
  /** Stands at the cursor's position. The exporter alone uses it; whoever opened it closes it. */
  readonly reader: Pick<LogReader, 'epoch' | 'next' | 'position'>
  /** Where the log ends, and how to read it from there; without it everything is sent in order. */
  readonly live?: {
    readonly durableEnd: () => number
    readonly openReader: (from: number) => Promise<Pick<LogReader, 'next' | 'position' | 'close'>>
  }
  readonly cursor: Pick<Cursor, 'position' | 'commit'>
  /** `<state>/dead-letters`: for records that the hub refuses for good. */
  readonly deadLetterDir: string
  /** Told what becomes of items, and shown to the hub. */
  readonly ledger?: EdgeLedger
  /** For the report: what waits in the log, and what was dropped from it, by reason. */
  readonly queue: () => Omit<EdgeReport['queue'], 'oldestAtMs'>
  readonly dropped: () => Readonly<Record<string, number>>
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

export interface OtlpExporterStatus {
  readonly connected: boolean
  readonly lastSuccessMs?: number
  readonly lastError?: TroubleReport
  /** Requests under way. */
  readonly inFlight: number
  /** Items of records that were put aside. */
  readonly lostItems: number
}

export interface OtlpExporter extends Component {
  status(): OtlpExporterStatus
}

/**
 * Sends the edge's durable log to the hub, in order and with several requests under way, and moves the cursor over what
 * the hub has stored. It never gives up on anything but a record that the hub refuses for good. It starts without
 * the hub, and without certificates, and works as soon as both are there.
 */
export function createOtlpExporter(options: OtlpExporterOptions): OtlpExporter {
  return new LogExporter(options)
}

/** One request in so many is kept for what is new while a backlog is sent. */
const LIVE_PART = 4

const READ_RETRY = { initialMs: 200, maxMs: 10_000 }

class LogExporter implements OtlpExporter {
  readonly name = 'otlp exporter'
  readonly #options: OtlpExporterOptions
  readonly #meters: OtlpExporterMeters
  readonly #health: Health
  readonly #lanes: Lanes
  readonly #startedAtMs: number
  /** Ends the reading of the log and the reports; requests under way go on. */
  readonly #stopped = new AbortController()
  /** Ends everything. */
  readonly #ended = new AbortController()
  readonly #inFlight = new Set<Promise<void>>()
  readonly #waitingForSlot = new Set<() => void>()
  #client: IngestClient | undefined
  #running: Promise<void> | undefined
  #lostItems = 0
  readonly #box: DeadLetterBox
  readonly #letters: LetterOverview

  constructor(options: OtlpExporterOptions) {
    this.#options = options
    this.#startedAtMs = options.clock.now()
    this.#meters = createOtlpExporterMeters(options.metrics, () => this.#inFlight.size)
    this.#health = new Health(options.clock)
    const { clock, log, metrics } = options
    this.#box = new DeadLetterBox(options.deadLetterDir)
    this.#letters = new LetterOverview({ box: this.#box, clock, log, metrics })
    this.#lanes = new Lanes(new Lane(options.reader))
    // Each request under way listens, which is more than Node takes for a mistake.
    for (const { signal } of [this.#stopped, this.#ended]) setMaxListeners(0, signal)
  }

  start(): Promise<void> {
    this.#running ??= this.#run()
    return Promise.resolve()
  }

  async shutdown(signal: AbortSignal): Promise<void> {
    this.#stopped.abort()
    // Without the hub, waiting for answers is of no use: the log has everything.
    if (this.#client?.connected === true && !signal.aborted) await settledOrAborted([...this.#inFlight], signal)
    this.#ended.abort()
    await this.#running
  }

  status(): OtlpExporterStatus {
    const { lastSuccessMs, lastError } = this.#health
    return {
      connected: this.#client?.connected ?? false,
      inFlight: this.#inFlight.size,
      lostItems: this.#lostItems,
      ...(lastSuccessMs === undefined ? {} : { lastSuccessMs }),
      ...(lastError === undefined ? {} : { lastError }),
    }
  }

  /** Rejects only by a fault of ours; the process should not live on then, and does not. */
  async #run(): Promise<void> {
    const client = await this.#openClient()
    if (client === undefined) return
    this.#client = client
    await Promise.all([
      this.#watchCertificates(client),
      this.#sendLog(this.#createDelivery(client)),
      this.#commitLoop(),
      this.#reportLoop(client),
      this.#letters.run(this.#stopped.signal),
      this.#replayLoop(client),
    ])
    await Promise.all(this.#inFlight)
    await this.#commit()
    client.close()
  }

  /** Waits for certificates that can be used: where they are mounted, they may come later than the program. */
  async #openClient(): Promise<IngestClient | undefined> {
    const { config, target, serverName, tls, clock, log } = this.#options
    const backoff = new Backoff(clock, { initialMs: 200, maxMs: 5_000 })
    for (let told = false; !this.#stopped.signal.aborted; told = true) {
      try {
        const certificates = await loadTlsFiles(tls)
        return createIngestClient({ target, serverName, certificates, timeoutMs: config.timeout })
      } catch (reason) {
        this.#health.otherFailed(messageOf(reason))
        if (!told) log.error({ error: messageOf(reason) }, 'otlp exporter: no certificates yet')
        await backoff.wait(this.#stopped.signal)
      }
    }
    return undefined
  }

  async #watchCertificates(client: IngestClient): Promise<void> {
    const { tls, clock, log } = this.#options
    const onChange = async (): Promise<void> => {
      client.setCertificates(await loadTlsFiles(tls))
      this.#health.otherWorks()
      log.info({ cert: tls.cert }, 'otlp exporter: new certificates are used')
    }
    await watchFiles([tls.ca, tls.cert, tls.key], onChange, {
      clock,
      signal: this.#ended.signal,
      onError: (error) => {
        this.#health.otherFailed(error.message)
        log.error({ error: error.message }, 'otlp exporter: new certificates cannot be used')
      },
    })
  }

  #createDelivery(client: IngestClient): Delivery {
    const { config, edge, reader, deadLetterDir, ledger, clock, log, metrics } = this.#options
    const { retryInitial: retryInitialMs, retryMax: retryMaxMs } = config
    return new Delivery({
      edge,
      epoch: reader.epoch,
      client,
      gate: new SendGate(clock, { window: config.window, initialMs: retryInitialMs, maxMs: retryMaxMs }),
      deadLetters: createDeadLetterWriters({ directory: deadLetterDir, clock, log, metrics })({
        consumer: HUB_CONSUMER,
        limitBytes: config.deadLetterSize,
      }),
      health: this.#health,
      meters: this.#meters,
      clock,
      log,
      retryInitialMs,
      retryMaxMs,
      onSettled: (count, signal, items) => {
        if (count === 'deadLettered') this.#lostItems += items
        ledger?.add(count, signal, items)
      },
    })
  }

  /** Sends the letters that somebody has marked. */
  async #replayLoop(client: IngestClient): Promise<void> {
    const { config, clock, log } = this.#options
    const replay = new LetterReplay({
      box: this.#box,
      consumer: HUB_CONSUMER,
      deliver: sendLetter(client),
      lookAgainMs: config.reportInterval,
      clock,
      log,
    })
    await replay.run(this.#stopped.signal)
  }

  /** Runs the lanes, and those that are split off from them. */
  async #sendLog(delivery: Delivery): Promise<void> {
    const running = new Set<Promise<void>>()
    const run = (lane: Lane): void => {
      const ended = this.#runLane(lane, delivery, run).finally(() => running.delete(ended))
      running.add(ended)
    }
    for (const lane of this.#lanes.all) run(lane)
    while (running.size > 0) await Promise.all(running)
  }

  async #runLane(lane: Lane, delivery: Delivery, run: (lane: Lane) => void): Promise<void> {
    const { config, clock, log } = this.#options
    const backoff = new Backoff(clock, READ_RETRY)
    const { signal } = this.#stopped
    const limits = { maxRecords: config.maxRequestRecords, maxBytes: config.maxRequestSize, signal }
    while (!signal.aborted && !lane.isRead) {
      let records: readonly LogRecord[]
      try {
        records = await lane.reader.next(limits)
        backoff.reset()
      } catch (reason) {
        this.#health.otherFailed(messageOf(reason))
        log.error({ error: messageOf(reason) }, 'otlp exporter: reading the log failed')
        await backoff.wait(signal)
        continue
      }
      const next = await this.#splitIfLate(lane, records)
      if (next !== undefined) run(next)
      await this.#dispatch(records, lane, delivery)
    }
    // What is under way holds its own bytes: the reader is not needed for it.
    await lane.close()
  }

  /**
   * When the hub takes data and what is read is old, a new lane begins where the log ends now: dashboards and alerts
   * shall not be as late as the backlog is long.
   */
  async #splitIfLate(lane: Lane, records: readonly LogRecord[]): Promise<Lane | undefined> {
    const { live, config, clock, log } = this.#options
    const [oldest] = decodeRecords(records.slice(0, 1)).records
    if (live === undefined || oldest === undefined || !lane.isLive || !this.#lanes.canSplit) return undefined
    const nowMs = clock.now()
    const hubTakesData = nowMs - (this.#health.lastSuccessMs ?? -Infinity) < config.liveAfter
    const end = live.durableEnd()
    if (!hubTakesData || nowMs - oldest.collectedAtMs < config.liveAfter || end <= lane.reader.position)
      return undefined
    try {
      const reader = await live.openReader(end)
      const next = new Lane(reader, () => reader.close())
      this.#lanes.split(next)
      log.info({ backlog: end - lane.reader.position }, 'otlp exporter: what is new goes before the backlog')
      return next
    } catch (reason) {
      // In order it is, then.
      log.warn({ error: messageOf(reason) }, 'otlp exporter: the log could not be read from its end')
      return undefined
    }
  }

  /** Begins the sending of everything in `records`, in order; waits where the window is full. */
  async #dispatch(records: readonly LogRecord[], lane: Lane, delivery: Delivery): Promise<void> {
    const { config, ledger } = this.#options
    // Behind the end of a backlog stands what another lane sends.
    const decoded = decodeRecords(records.filter(({ sequence }) => sequence < lane.end))
    for (const { record, reason } of decoded.damaged) {
      if (!(await delivery.discard(record, messageOf(reason), this.#ended.signal))) return
    }
    for (const { sequence, signal, items } of decoded.records) ledger?.met(sequence, signal, items)
    for (const group of toGroups(decoded.records, config.maxRequestSize)) {
      while (!this.#hasSlot(lane)) await this.#slotFreed()
      if (this.#stopped.signal.aborted) return
      this.#send(group, lane, delivery)
    }
    // What was passed over at the end (damaged, or missing in the log) is dealt with, too.
    lane.progress.begin(Math.min(lane.reader.position, lane.end))()
  }

  /** A backlog leaves a part of the window free for what is new. */
  #hasSlot(lane: Lane): boolean {
    const { window } = this.#options.config
    if (this.#inFlight.size >= window) return false
    return lane.isLive || window === 1 || this.#inFlight.size < window - Math.max(1, Math.floor(window / LIVE_PART))
  }

  #send(group: Group, lane: Lane, delivery: Delivery): void {
    const last = group.records.at(-1)?.sequence ?? 0
    const collectedAtMs = Math.min(...group.records.map((record) => record.collectedAtMs))
    const done = lane.progress.begin(last + 1, collectedAtMs)
    const sending = this.#deliver(group, lane, delivery).then((isDone) => {
      if (isDone) done()
      this.#inFlight.delete(sending)
      const waiting = [...this.#waitingForSlot]
      this.#waitingForSlot.clear()
      for (const resolve of waiting) resolve()
    })
    this.#inFlight.add(sending)
  }

  async #deliver(group: Group, lane: Lane, delivery: Delivery): Promise<boolean> {
    const { clock, log } = this.#options
    const backoff = new Backoff(clock, READ_RETRY)
    for (;;) {
      try {
        return await delivery.deliver(group, lane.isLive ? 'live' : 'backlog', this.#ended.signal)
      } catch (reason) {
        // Only a fault of ours gets here, and it must not cost data.
        this.#health.sendingFailed(messageOf(reason))
        log.error({ error: messageOf(reason) }, 'otlp exporter: sending failed')
        await backoff.wait(this.#ended.signal)
        if (this.#ended.signal.aborted) return false
      }
    }
  }

  /** Resolves when the next request ends. */
  async #slotFreed(): Promise<void> {
    await new Promise<void>((resolve) => this.#waitingForSlot.add(resolve))
  }

  async #commitLoop(): Promise<void> {
    const { config, clock } = this.#options
    while (!this.#ended.signal.aborted) {
      await clock.sleep(config.commitInterval, this.#ended.signal)
      await this.#commit()
    }
  }

  async #commit(): Promise<void> {
    const { cursor, log } = this.#options
    this.#lanes.dropDone()
    const { position } = this.#lanes
    if (position <= cursor.position) return
    try {
      await cursor.commit(position)
    } catch (reason) {
      // The next commit covers this one; until then the hub would refuse the repetition.
      log.warn({ error: messageOf(reason) }, 'otlp exporter: the cursor could not be saved')
    }
  }

  async #reportLoop(client: IngestClient): Promise<void> {
    const { config, clock } = this.#options
    while (!this.#stopped.signal.aborted) {
      const outcome = await client.report(this.#createReport(), this.#ended.signal)
      if (outcome.t === 'failed') this.#health.otherFailed(`report: ${outcome.code}: ${outcome.message}`)
      else this.#health.otherWorks()
      await clock.sleep(config.reportInterval, this.#stopped.signal)
    }
  }

  #createReport(): EdgeReport {
    const { edge, version, queue, dropped, ledger, clock } = this.#options
    const { oldestAtMs } = this.#lanes
    const { lastError } = this.#health
    return {
      edge,
      version,
      startedAtMs: this.#startedAtMs,
      sentAtMs: clock.now(),
      queue: { ...queue(), ...(oldestAtMs === undefined ? {} : { oldestAtMs }) },
      dropped: { ...dropped(), ...(this.#lostItems === 0 ? {} : { refused: this.#lostItems }) },
      ...(ledger === undefined ? {} : { books: ledger.read() }),
      deadLetters: this.#letters.letters.length,
      ...(lastError === undefined ? {} : { lastError }),
    }
  }
}

async function settledOrAborted(promises: readonly Promise<unknown>[], signal: AbortSignal): Promise<void> {
  let stop = (): void => undefined
  const aborted = new Promise<void>((resolve) => {
    stop = resolve
    signal.addEventListener('abort', stop, { once: true })
  })
  await Promise.race([Promise.all(promises), aborted])
  signal.removeEventListener('abort', stop)
}
