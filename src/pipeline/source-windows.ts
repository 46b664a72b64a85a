import type { BatchId } from '../model/index.ts'
import { Intervals, type SequenceRange } from './intervals.ts'

export interface SourceWindowLimits {
  /** Senders that are remembered; the one that was silent longest is forgotten first. */
  readonly maxEdges: number
  /** Logs of one sender. It has one at a time, and a new one only when its directory was lost. */
  readonly maxEpochsPerEdge: number
  /**
   * Ranges in one log. Above it the lowest gap counts as held. A gap is what a sender has dropped at its size limit, or
   * a backlog that it sends beside what is new; each start of the sender in the middle of a backlog makes one more.
   */
  readonly maxRangesPerEpoch: number
}

export const DEFAULT_WINDOW_LIMITS: SourceWindowLimits = {
  maxEdges: 10_000,
  maxEpochsPerEdge: 8,
  maxRangesPerEpoch: 10_000,
}

/** What was given up to stay within the limits, since the windows were made. */
export interface ForgottenCounts {
  readonly edges: number
  readonly epochs: number
  readonly gaps: number
}

/** Edges and epochs are in the order in which they were last heard of; a range is `[first, last]`. */
export interface SavedWindows {
  readonly edges: readonly (readonly [edge: string, epochs: readonly SavedEpoch[]])[]
}

type SavedEpoch = readonly [epoch: string, ranges: readonly (readonly [first: number, last: number])[]]

/**
 * Which records of each sender's log are held here. A batch whose records are all held is a repetition.
 * Memory is bounded by the limits; in the ordinary case a sender costs one range.
 */
export class SourceWindows {
  readonly #limits: SourceWindowLimits
  /** Maps keep insertion order: the first key is the one that was silent longest. */
  readonly #edges = new Map<string, Map<string, Intervals>>()
  #forgotten = { edges: 0, epochs: 0, gaps: 0 }

  constructor(limits: SourceWindowLimits = DEFAULT_WINDOW_LIMITS, saved?: SavedWindows) {
    this.#limits = limits
    for (const [edge, epochs] of saved?.edges ?? []) {
      for (const [epoch, ranges] of epochs) {
        for (const [first, last] of ranges) this.add({ edge, epoch, first, last })
      }
    }
  }

  get forgotten(): ForgottenCounts {
    return this.#forgotten
  }

  /** The parts of the batch that are not held; none when it is a repetition. */
  missing(id: BatchId): readonly SequenceRange[] {
    const held = this.#edges.get(id.edge)?.get(id.epoch)
    return held === undefined ? [{ first: id.first, last: id.last }] : held.missing(id)
  }

  /** The parts of the batch that are held. */
  held(id: BatchId): readonly SequenceRange[] {
    return this.#edges.get(id.edge)?.get(id.epoch)?.held(id) ?? []
  }

  /** Every range that is held of a sender's log. */
  ranges(edge: string, epoch: string): readonly SequenceRange[] {
    return this.#edges.get(edge)?.get(epoch)?.ranges ?? []
  }

  add(id: BatchId): void {
    const { maxEdges, maxEpochsPerEdge, maxRangesPerEpoch } = this.#limits
    const epochs = touch(this.#edges, id.edge, () => new Map<string, Intervals>())
    const intervals = touch(epochs, id.epoch, () => new Intervals())
    intervals.add(id)
    if (intervals.ranges.length > maxRangesPerEpoch) {
      intervals.closeLowestGap()
      this.#forgotten = { ...this.#forgotten, gaps: this.#forgotten.gaps + 1 }
    }
    if (dropOldest(epochs, maxEpochsPerEdge)) {
      this.#forgotten = { ...this.#forgotten, epochs: this.#forgotten.epochs + 1 }
    }
    if (dropOldest(this.#edges, maxEdges)) {
      this.#forgotten = { ...this.#forgotten, edges: this.#forgotten.edges + 1 }
    }
  }

  save(): SavedWindows {
    const edges = [...this.#edges].map(([edge, epochs]) => [edge, [...epochs].map(saveEpoch)] as const)
    return { edges }
  }
}

function saveEpoch([epoch, intervals]: readonly [string, Intervals]): SavedEpoch {
  return [epoch, intervals.ranges.map(({ first, last }) => [first, last] as const)]
}

/** The value of the key, made if need be, and moved to the end of the map's order. */
function touch<V>(map: Map<string, V>, key: string, make: () => V): V {
  const value = map.get(key) ?? make()
  map.delete(key)
  map.set(key, value)
  return value
}

/** Whether something had to go. */
function dropOldest(map: Map<string, unknown>, limit: number): boolean {
  if (map.size <= limit) return false
  const oldest = map.keys().next()
  return oldest.done !== true && map.delete(oldest.value)
}
