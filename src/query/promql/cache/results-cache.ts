import type { Clock } from '../../../core/index.ts'
import type { LateSamples } from '../../late-samples.ts'
import { cutExtent, type Extent, sizeOf } from './extent.ts'

export interface ResultsCacheOptions {
  readonly maxBytes: number
  readonly clock: Clock
  readonly late: LateSamples
}

/** Since the cache was made. */
export interface CacheCounts {
  readonly hits: number
  readonly misses: number
  /** Entries that went for want of room. */
  readonly evicted: number
  /** Entries that were cut, or went, because samples came late. */
  readonly invalidated: number
  readonly bytes: number
  readonly entries: number
}

/** Whose data an entry is, and how far beyond a step it looked for samples. */
interface EntryFacts {
  readonly tenants: readonly string[] | 'all'
  readonly aheadMs: number
}

interface Entry extends EntryFacts {
  readonly extent: Extent
  readonly bytes: number
  /** When the oldest of its parts was calculated. */
  readonly sinceMs: number
}

/** Nothing younger than this is kept: it is still coming in. */
const SETTLED_AFTER_MS = 600_000
/** What was deleted is gone from answers after this time at the latest. */
const MAX_AGE_MS = 900_000
/** An answer larger than this part of the cache is not kept: it would drive out everything else. */
const LARGEST_PART = 1 / 8

/**
 * Answers of range queries by key, the least recently used go first. What it gives was calculated over all samples
 * that could be read when `refresh` was called last.
 */
export class ResultsCache {
  readonly #options: ResultsCacheOptions
  readonly #entries = new Map<string, Entry>()
  /** Late arrivals until now: what was calculated meanwhile may lack them. */
  #arrivals = 0
  #hasLearnt = false
  #bytes = 0
  #hits = 0
  #misses = 0
  #evicted = 0
  #invalidated = 0
  #running: Promise<void> | undefined
  #following: Promise<void> | undefined

  constructor(options: ResultsCacheOptions) {
    this.#options = options
  }

  get counts(): CacheCounts {
    return {
      hits: this.#hits,
      misses: this.#misses,
      evicted: this.#evicted,
      invalidated: this.#invalidated,
      bytes: this.#bytes,
      entries: this.#entries.size,
    }
  }

  /**
   * Whether `refresh` may run beside a calculation instead of before it: there is nothing under the key that it could cut,
   * and an earlier call has learnt where to go on, so that what comes late meanwhile is told of.
   */
  mayRefreshBeside(key: string): boolean {
    return this.#hasLearnt && !this.#entries.has(key)
  }

  /** A mark for `put`: what is calculated after this call is as of now. */
  get arrivals(): number {
    return this.#arrivals
  }

  /** The newest step that may be kept of a query that looks so far ahead and is calculated now. */
  settledMs({ aheadMs }: Pick<EntryFacts, 'aheadMs'>): number {
    return this.#options.clock.now() - SETTLED_AFTER_MS - aheadMs
  }

  /** Learns what came late until this call and cuts what was calculated without it. Callers share rounds. */
  refresh(): Promise<void> {
    // A round that is under way may have read before this call.
    if (this.#following !== undefined) return this.#following
    if (this.#running === undefined) return this.#begin()
    this.#following = this.#running
      .catch(() => undefined)
      .then(() => {
        this.#following = undefined
        return this.#begin()
      })
    return this.#following
  }

  /** What is known under the key, and the part of it between the times, both inclusive. */
  get(key: string, firstMs: number, lastMs: number): { readonly known: Extent; readonly kept: Extent } | undefined {
    const entry = this.#entries.get(key)
    const isYoung = entry !== undefined && this.#options.clock.now() - entry.sinceMs <= MAX_AGE_MS
    if (entry !== undefined) this.#replace(key, entry, isYoung ? entry : undefined)
    const kept = isYoung ? cutExtent(entry.extent, firstMs, lastMs) : undefined
    if (entry === undefined || kept === undefined) {
      this.#misses += 1
      return undefined
    }
    this.#hits += 1
    return { known: entry.extent, kept }
  }

  /**
   * Keeps what was calculated since `arrivals` was read, unless something came late meanwhile. `extends` says that an
   * entry under the key is part of it.
   */
  put(key: string, extent: Extent, facts: EntryFacts, { arrivals, extends: extended }: PutOptions): void {
    if (arrivals !== this.#arrivals) return
    const known = this.#entries.get(key)
    const now = this.#options.clock.now()
    // An entry grows step by step as time goes on; its age is that of its oldest part.
    const sinceMs = extended && known !== undefined ? known.sinceMs : now
    this.#replace(key, known, { ...facts, extent, bytes: sizeOf(extent) + 2 * key.length, sinceMs })
  }

  #replace(key: string, known: Entry | undefined, entry: Entry | undefined): void {
    const { maxBytes } = this.#options
    if (known !== undefined) {
      this.#entries.delete(key)
      this.#bytes -= known.bytes
    }
    if (entry === undefined || entry.bytes > maxBytes * LARGEST_PART) return
    this.#entries.set(key, entry)
    this.#bytes += entry.bytes
    for (const [oldest, { bytes }] of this.#entries) {
      if (this.#bytes <= maxBytes) return
      this.#entries.delete(oldest)
      this.#bytes -= bytes
      this.#evicted += 1
    }
  }

  #begin(): Promise<void> {
    this.#running = this.#learn().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #learn(): Promise<void> {
    // Many callers wait for one round, so it is nobody's signal that ends it.
    const arrived = await this.#options.late.next(AbortSignal.timeout(REFRESH_MS))
    this.#hasLearnt = true
    if (arrived.length === 0) return
    this.#arrivals += 1
    for (const { tenant, firstMs } of arrived) {
      for (const [key, entry] of [...this.#entries]) {
        if (entry.tenants !== 'all' && !entry.tenants.includes(tenant)) continue
        const lastMs = firstMs - entry.aheadMs - 1
        if (lastMs >= entry.extent.lastMs) continue
        this.#invalidated += 1
        const left = cutExtent(entry.extent, entry.extent.firstMs, lastMs)
        this.#replace(key, entry, left && { ...entry, extent: left, bytes: sizeOf(left) + 2 * key.length })
      }
    }
  }
}

interface PutOptions {
  readonly arrivals: number
  readonly extends: boolean
}

const REFRESH_MS = 5_000
