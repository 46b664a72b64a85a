import { Buffer } from 'node:buffer'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { AppError, createMetrics, silentLogger, systemClock } from '../../../core/index.ts'
import type { Batch } from '../../../model/index.ts'
import { type DurableLog, openLog, openLogReader } from '../../../queue/index.ts'
import { createDeadLetterWriters, DeadLetterBox } from '../../dead-letters/index.ts'
import { encodeRecord } from '../../record.ts'
import { Lane, type LaneOptions } from '../lane.ts'
import type { DestinationProtocol, DestinationRequest, Outcome } from '../protocol.ts'
import { openStart } from '../start-position.ts'

/** A request whose items are words. */
class WordRequest implements DestinationRequest {
  readonly signal = 'logs'
  readonly words: readonly string[]

  constructor(words: readonly string[]) {
    this.words = words
  }

  get items(): number {
    return this.words.length
  }

  get bytes(): number {
    return this.content().length
  }

  split(): readonly [WordRequest, WordRequest] | undefined {
    if (this.words.length < 2) return undefined
    const middle = this.words.length >> 1
    return [new WordRequest(this.words.slice(0, middle)), new WordRequest(this.words.slice(middle))]
  }

  content(): Uint8Array {
    return Buffer.from(this.words.join(' '))
  }
}

/** A vendor that takes words, or does what a test tells it to. */
class WordVendor implements DestinationProtocol<WordRequest> {
  /** Words taken, in the order of their arrival. */
  readonly taken: string[] = []
  requests = 0
  underWay = 0
  mostUnderWay = 0
  ordered = false
  answer: (request: WordRequest, count: number) => Outcome<WordRequest> | Promise<Outcome<WordRequest>> = () => ({
    t: 'delivered',
  })

  takes(): boolean {
    return true
  }

  encode(batches: readonly Batch[]): { requests: WordRequest[]; undelivered: { reason: string; items: number }[] } {
    const words = batches.flatMap(({ payload }) => Buffer.from(payload).toString().split(' '))
    if (words.includes('damaged')) throw new AppError('invalid', 'no words')
    const good = words.filter((word) => word !== 'stale')
    const stale = words.length - good.length
    return {
      requests: good.length === 0 ? [] : [new WordRequest(good)],
      undelivered: stale === 0 ? [] : [{ reason: 'too_old', items: stale }],
    }
  }

  restore(_envelope: unknown, content: Uint8Array): WordRequest {
    return new WordRequest(Buffer.from(content).toString().split(' '))
  }

  async send(request: WordRequest, signal: AbortSignal): Promise<Outcome<WordRequest>> {
    this.requests += 1
    this.underWay += 1
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay)
    try {
      const outcome = await this.answer(request, this.requests)
      if (signal.aborted) throw new AppError('cancelled', 'called off')
      if (outcome.t === 'delivered') this.taken.push(...request.words)
      if (outcome.t === 'partly') {
        this.taken.push(...request.words.filter((word) => !outcome.rest.words.includes(word)))
      }
      return outcome
    } finally {
      this.underWay -= 1
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

/** A batch of logs whose items are the words of the text. */
export function wordBatch(text: string, receivedAtMs = Date.now()): Batch {
  const identity = { cluster: 'dev', environment: 'dev', region: 'r', clusterType: 'workload', tenant: 'dev' }
  const items = text.split(' ').length
  return {
    envelope: { signal: 'logs', format: 'otlp', items, identity, collectedAtMs: receivedAtMs, receivedAtMs },
    payload: Buffer.from(text),
  }
}

/** A durable log on disk and a lane that reads it. */
export class LaneRig {
  readonly dir: string
  readonly log: DurableLog
  readonly vendor = new WordVendor()
  readonly #lanes: Lane[] = []

  private constructor(dir: string, log: DurableLog) {
    this.dir = dir
    this.log = log
  }

  static async open(segmentBytes = 4_096): Promise<LaneRig> {
    const dir = await mkdtemp(path.join(tmpdir(), 'fg-lane-'))
    const log = await openLog({
      dir: path.join(dir, 'log'),
      maxBytes: 64 * 1024 * 1024,
      segmentBytes,
      onFull: 'refuse',
      log: silentLogger(),
    })
    return new LaneRig(dir, log)
  }

  async append(...batches: readonly Batch[]): Promise<void> {
    await this.log.appendAll(batches.map(encodeRecord))
  }

  async startLane(options: Partial<LaneOptions> = {}, backfillMs = 0): Promise<Lane> {
    const { dir, durable } = this.log
    const { cursor } = await openStart({
      dir,
      durable,
      segments: this.log.segments(),
      name: 'dest_words_logs',
      backfillMs,
      clock: systemClock,
      log: silentLogger(),
    })
    const reader = await openLogReader({ dir, durable, from: cursor.position })
    const writers = createDeadLetterWriters({
      directory: path.join(this.dir, 'dead-letters'),
      clock: systemClock,
      log: silentLogger(),
      metrics: createMetrics(),
    })
    const lane = new Lane({
      destination: 'words',
      type: 'word-vendor',
      signal: 'logs',
      protocol: this.vendor,
      reader,
      cursor,
      select: (batch) => batch,
      limits: { items: 10_000, bytes: 1 << 20, waitMs: 5, concurrency: 4 },
      retry: { initialMs: 1, maxMs: 5, slowMs: 2 },
      deadLetters: writers({ consumer: 'words', limitBytes: 1 << 20 }),
      clock: systemClock,
      log: silentLogger(),
      ...options,
    })
    this.#lanes.push(lane)
    lane.start()
    return lane
  }

  get box(): DeadLetterBox {
    return new DeadLetterBox(path.join(this.dir, 'dead-letters'))
  }

  /** Dead letters, as `reason: text of the payload`. */
  async deadLetters(): Promise<readonly string[]> {
    const { box } = this
    const { letters } = await box.list()
    const texts = letters.map(async ({ consumer, id }) => {
      const letter = await box.read({ consumer, id })
      return `${letter?.reason ?? ''}: ${Buffer.from(letter?.payload ?? []).toString()}`
    })
    return await Promise.all(texts)
  }

  async close(): Promise<void> {
    for (const lane of this.#lanes) await lane.stop()
    await this.log.close()
    await rm(this.dir, { recursive: true })
  }
}

export async function until(condition: () => boolean, what: string): Promise<void> {
  const giveUp = Date.now() + 10_000
  while (!condition()) {
    if (Date.now() > giveUp) throw new Error(`waited in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
