import { type Clock, type Logger, messageOf } from '../../core/index.ts'
import type { DurableLog, SegmentFacts } from '../../queue/index.ts'
import type { DropReason } from './lane.ts'

export interface RetentionOptions {
  readonly log: Pick<DurableLog, 'segments'>
  readonly limitBytes: number
  /** How long segments stay though everybody has read them. */
  readonly keepMs: number
  /** Deletes the segments wholly below all of the positions. */
  readonly release: (positions: readonly number[]) => Promise<void>
  readonly clock: Clock
  readonly logger: Logger
}

/** What may wait in the log for one consumer. */
export interface BacklogLimits {
  readonly maxBytes: number
  readonly maxAgeMs?: number | undefined
  /** `hold`: nothing is dropped for it; rather the log becomes full and senders have to wait. */
  readonly onFull: 'drop-oldest' | 'hold'
}

export interface ConsumerOptions {
  readonly backlog: BacklogLimits
  /** Told to give up what lies below, and to count it. It is passed over if it does not follow in time. */
  readonly onDrop: (below: number, reason: DropReason) => void
}

interface Consumer {
  readonly options: ConsumerOptions | undefined
  /** As it has saved it; undefined until it tells. */
  position: number | undefined
  /** Below which it has been told to give up, and since when. */
  floor: number
  floorSinceMs: number
}

/** Above these shares of the log's limit, what is kept for nobody goes, and then what waits for destinations. */
const KEEP_PRESSURE = 0.75
const PRESSURE = 0.85
const RELIEF = 0.7
/** Of the log's limit: what is kept though everybody has read it. */
const KEEP_SHARE = 0.25
/** So long a consumer has time to count what it is told to give up. */
const GRACE_MS = 15_000
const EVERY_MS = 1_000

/**
 * Decides what the log may delete. A segment stays until every consumer is done with it; but a consumer that holds
 * more than its backlog allows is told to give up the oldest, and so are all of them (but those that hold) before the
 * log becomes full: because of a dead vendor no sender is made to wait.
 */
export class LogRetention {
  readonly #options: RetentionOptions
  readonly #consumers = new Map<string, Consumer>()
  readonly #stop = new AbortController()
  #running: Promise<void> = Promise.resolve()

  constructor(options: RetentionOptions) {
    this.#options = options
  }

  /** A consumer without options, such as the store, is waited for without limits. */
  add(name: string, options?: ConsumerOptions): void {
    this.#consumers.set(name, { options, position: undefined, floor: 0, floorSinceMs: 0 })
  }

  /** Everything before the position is done with and saved as such. */
  setPosition(name: string, position: number): void {
    const consumer = this.#consumers.get(name)
    if (consumer !== undefined) consumer.position = position
  }

  /** Bytes of the log at and behind a position; within a segment in proportion. */
  bytesBehind(position: number): number {
    return this.#options.log.segments().reduce((sum, { base, end, bytes }) => {
      if (end <= position || end === base) return sum
      return sum + Math.round((bytes * (end - Math.max(base, position))) / (end - base))
    }, 0)
  }

  start(): void {
    this.#running = this.#runRegularly()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  /** Looks at everybody's backlog, and deletes what nobody needs. Called once a second after `start`. */
  async settle(): Promise<void> {
    const segments = this.#options.log.segments()
    const total = segments.reduce((sum, { bytes }) => sum + bytes, 0)
    const nowMs = this.#options.clock.now()
    for (const consumer of this.#consumers.values()) this.#limit(consumer, segments, total, nowMs)
    const positions = [...this.#consumers.values()].map((consumer) => this.#neededFrom(consumer, nowMs))
    if (positions.length === 0) return
    await this.#options.release([...positions, this.#keptFrom(segments, total, nowMs)])
  }

  /** Tells a consumer to give up what is beyond its limits. */
  #limit(consumer: Consumer, segments: readonly SegmentFacts[], total: number, nowMs: number): void {
    const { options } = consumer
    if (options === undefined || options.backlog.onFull === 'hold') return
    const full = Math.max(this.#floorBySize(options.backlog, segments), this.#floorByPressure(segments, total))
    const old = floorByAge(options.backlog.maxAgeMs, segments, nowMs)
    const floor = Math.max(full, old)
    if (floor <= consumer.floor || floor <= (consumer.position ?? 0)) return
    consumer.floor = floor
    consumer.floorSinceMs = nowMs
    options.onDrop(floor, floor === full ? 'backlog_full' : 'backlog_old')
  }

  #floorBySize({ maxBytes }: BacklogLimits, segments: readonly SegmentFacts[]): number {
    let bytes = 0
    return (
      segments.findLast((segment, i) => {
        bytes += segment.bytes
        return bytes > maxBytes && i < segments.length - 1
      })?.end ?? 0
    )
  }

  /** Not further than the store has come: what it needs stays in any case. */
  #floorByPressure(segments: readonly SegmentFacts[], total: number): number {
    const { limitBytes } = this.#options
    if (total <= PRESSURE * limitBytes) return 0
    let left = total
    let floor = 0
    for (const { bytes, end } of segments.slice(0, -1)) {
      if (left <= RELIEF * limitBytes) break
      left -= bytes
      floor = end
    }
    return Math.min(floor, ...[...this.#consumers.values()].flatMap(heldPosition))
  }

  /** A consumer that does not follow, because it hangs or does not start, is passed over. */
  #neededFrom({ position = 0, floor, floorSinceMs }: Consumer, nowMs: number): number {
    return floor > position && nowMs - floorSinceMs > GRACE_MS ? floor : position
  }

  /** The oldest sequence that stays for destinations that may come. */
  #keptFrom(segments: readonly SegmentFacts[], total: number, nowMs: number): number {
    const { limitBytes, keepMs } = this.#options
    const end = segments.at(-1)?.end ?? 0
    if (keepMs === 0 || total > KEEP_PRESSURE * limitBytes) return end
    const byAge = floorByAge(keepMs, segments, nowMs)
    return Math.max(byAge, this.#floorBySize({ maxBytes: KEEP_SHARE * limitBytes, onFull: 'drop-oldest' }, segments))
  }

  async #runRegularly(): Promise<void> {
    const { clock, logger } = this.#options
    for (;;) {
      await clock.sleep(EVERY_MS, this.#stop.signal)
      if (this.#stop.signal.aborted) return
      await this.settle().catch((reason: unknown) => {
        logger.error({ error: messageOf(reason) }, 'old segments of the log cannot be released')
      })
    }
  }
}

/** Where a consumer stands that nothing is dropped for. */
function heldPosition({ options, position = 0 }: Consumer): readonly number[] {
  return options === undefined || options.backlog.onFull === 'hold' ? [position] : []
}

/** A segment is too old when its last record is, which is before the next segment was begun. */
function floorByAge(maxAgeMs: number | undefined, segments: readonly SegmentFacts[], nowMs: number): number {
  if (maxAgeMs === undefined) return 0
  return (
    segments.findLast((segment, i) => {
      const next = segments[i + 1]
      return next !== undefined && next.createdAtMs > 0 && next.createdAtMs < nowMs - maxAgeMs
    })?.end ?? 0
  )
}
