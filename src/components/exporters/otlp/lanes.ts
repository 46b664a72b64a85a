import { Progress } from '../../../pipeline/index.ts'
import type { LogReader } from '../../../queue/index.ts'

type Reader = Pick<LogReader, 'next' | 'position'>

/** A stretch of the log that is sent by itself, in order. */
export class Lane {
  readonly reader: Reader
  readonly progress: Progress
  #end = Infinity
  readonly #close: () => Promise<void>

  constructor(reader: Reader, close: () => Promise<void> = () => Promise.resolve()) {
    this.reader = reader
    this.progress = new Progress(reader.position)
    this.#close = close
  }

  /** The sequence behind its last one: Infinity for the lane that what is new comes in by. */
  get end(): number {
    return this.#end
  }

  get isLive(): boolean {
    return this.#end === Infinity
  }

  get isRead(): boolean {
    return this.reader.position >= this.#end
  }

  /** From now on it is a backlog, which another lane goes on behind. */
  endAt(sequence: number): void {
    this.#end = sequence
  }

  async close(): Promise<void> {
    await this.#close()
  }
}

/** More lanes are not opened: what piles up then is sent when its turn comes. */
const MAX_LANES = 4

/**
 * The lanes that the log is sent by, the oldest first. There is one as long as the hub keeps up. When an edge comes back
 * from an outage, a second one begins where the log ends at that moment: what is new then need not wait for what is old.
 * The cursor moves over what is complete from the front, so a restart sends again what came by a later lane, and the
 * hub, which knows it by its numbers, refuses it.
 */
export class Lanes {
  readonly #lanes: Lane[]

  constructor(first: Lane) {
    this.#lanes = [first]
  }

  get all(): readonly Lane[] {
    return this.#lanes
  }

  get canSplit(): boolean {
    return this.#lanes.length < MAX_LANES
  }

  /** Everything before this sequence is dealt with. */
  get position(): number {
    for (const { progress, end } of this.#lanes) if (progress.position < end) return progress.position
    return 0
  }

  /** When the oldest record was collected that is not dealt with. */
  get oldestAtMs(): number | undefined {
    const times = this.#lanes.flatMap(({ progress }) => progress.oldestAtMs ?? [])
    return times.length === 0 ? undefined : Math.min(...times)
  }

  /** Makes the live lane a backlog that ends where `next` begins, which is live from now on. */
  split(next: Lane): void {
    this.#lanes.at(-1)?.endAt(next.reader.position)
    this.#lanes.push(next)
  }

  /** Forgets the lanes in front that are dealt with. */
  dropDone(): void {
    const left = this.#lanes.findIndex(({ progress, end }) => progress.position < end)
    this.#lanes.splice(0, Math.max(0, left))
  }
}
