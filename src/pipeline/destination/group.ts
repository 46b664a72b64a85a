import type { Batch } from '../../model/index.ts'

/** Batches that are encoded together. */
export interface Group {
  readonly key: string
  readonly batches: Batch[]
  /** Of the batches, in the log. */
  readonly sequences: number[]
  /** Sequences of the log, both inclusive. */
  readonly first: number
  last: number
  items: number
  bytes: number
  /** When it is sent at the latest. */
  readonly deadlineMs: number
  /** To be called when the records are done with. */
  readonly done: (() => void)[]
}

export interface GroupLimits {
  readonly items: number
  readonly bytes: number
  readonly waitMs: number
}

/** What is added to a group. */
export interface GroupMember {
  /** Batches are in one group only if this is the same. */
  readonly key: string
  readonly batch: Batch
  readonly sequence: number
  readonly done: () => void
}

/** More senders than this at once (tenants, say) share the places: the oldest group goes before it is full. */
const MAX_OPEN_GROUPS = 256

/** Collects batches into groups until one of the limits is reached. A batch alone may be larger. */
export class OpenGroups {
  readonly #limits: GroupLimits
  /** In the order in which they were begun. */
  readonly #open = new Map<string, Group>()

  constructor(limits: GroupLimits) {
    this.#limits = limits
  }

  /** When the next group is due; Infinity when there is none. */
  get nextDeadlineMs(): number {
    for (const { deadlineMs } of this.#open.values()) return deadlineMs
    return Infinity
  }

  /** Adds a batch and returns the groups that are complete by that. */
  add({ key, batch, sequence, done }: GroupMember, nowMs: number): readonly Group[] {
    const complete: Group[] = []
    const { items, bytes, waitMs } = this.#limits
    let group = this.#open.get(key)
    const isOver =
      group !== undefined && (group.items + batch.envelope.items > items || group.bytes + batch.payload.length > bytes)
    if (group !== undefined && isOver) complete.push(this.#close(group))
    if (group === undefined || isOver) {
      if (this.#open.size >= MAX_OPEN_GROUPS) complete.push(...this.#closeOldest())
      group = {
        key,
        batches: [],
        sequences: [],
        first: sequence,
        last: sequence,
        items: 0,
        bytes: 0,
        deadlineMs: nowMs + waitMs,
        done: [],
      }
      this.#open.set(key, group)
    }
    group.batches.push(batch)
    group.sequences.push(sequence)
    group.last = sequence
    group.items += batch.envelope.items
    group.bytes += batch.payload.length
    group.done.push(done)
    if (group.items >= items || group.bytes >= bytes) complete.push(this.#close(group))
    return complete
  }

  /** Those whose time has come. */
  takeDue(nowMs: number): readonly Group[] {
    return [...this.#open.values()].filter(({ deadlineMs }) => deadlineMs <= nowMs).map((group) => this.#close(group))
  }

  takeAll(): readonly Group[] {
    return this.takeDue(Infinity)
  }

  #closeOldest(): readonly Group[] {
    for (const group of this.#open.values()) return [this.#close(group)]
    return []
  }

  #close(group: Group): Group {
    this.#open.delete(group.key)
    return group
  }
}
