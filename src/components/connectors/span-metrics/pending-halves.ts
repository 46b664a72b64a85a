import { IDS_BYTES } from './latency-histogram.ts'
import type { Endpoint } from './resources.ts'

/** One side of a request. */
export interface Half {
  readonly isClient: boolean
  readonly endpoint: Endpoint
  /** Whom a client called, as far as its span says. */
  readonly peer: string | undefined
  readonly seconds: number
  readonly isFailed: boolean
  readonly isMessaging: boolean
}

const NONE = -1
const FIRST_SLOTS = 1_024

/**
 * Sides of requests that wait for their other side, in order of arrival: found by key, taken out anywhere, ended from
 * the front. All in typed arrays but for the texts, which are shared; memory grows with what waits, up to the limit.
 */
export class PendingHalves {
  size = 0
  readonly #limit: number
  readonly #ids = new SlotIds()
  #halves: (Half | undefined)[] = []
  #lows = new Int32Array(0)
  #highs = new Int32Array(0)
  #arrivals = new Float64Array(0)
  /** Of slots with the same place in the table; free slots are chained by it, too. */
  #next = new Int32Array(0)
  #older = new Int32Array(0)
  #newer = new Int32Array(0)
  #heads = new Int32Array(0)
  #free = NONE
  #oldest = NONE
  #newest = NONE

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Takes the other side of a request out, if it waits; `ids` gets its trace and span id. */
  take(low: number, high: number, isClient: boolean, ids: Uint8Array): Half | undefined {
    if (this.size === 0) return undefined
    const place = low & (this.#heads.length - 1)
    for (let slot = this.#heads[place] ?? NONE; slot !== NONE; slot = this.#next[slot] ?? NONE) {
      const half = this.#halves[slot]
      if (this.#lows[slot] !== low || this.#highs[slot] !== high || half?.isClient !== isClient) continue
      this.#ids.get(slot, ids)
      this.#remove(slot)
      return half
    }
    return undefined
  }

  /** False if too many wait already. */
  put(key: { readonly low: number; readonly high: number }, half: Half, arrivedAtMs: number, ids: Uint8Array): boolean {
    if (this.size >= this.#limit) return false
    if (this.#free === NONE) this.#grow()
    const slot = this.#free
    this.#free = this.#next[slot] ?? NONE
    this.#halves[slot] = half
    this.#lows[slot] = key.low
    this.#highs[slot] = key.high
    this.#arrivals[slot] = arrivedAtMs
    this.#ids.set(slot, ids)
    this.#chain(slot)
    this.#older[slot] = this.#newest
    this.#newer[slot] = NONE
    if (this.#newest === NONE) this.#oldest = slot
    else this.#newer[this.#newest] = slot
    this.#newest = slot
    this.size += 1
    return true
  }

  /** Takes out the oldest if it arrived at this time or before; `ids` gets its trace and span id. */
  takeExpired(untilMs: number, ids: Uint8Array): Half | undefined {
    const slot = this.#oldest
    if (slot === NONE || (this.#arrivals[slot] ?? 0) > untilMs) return undefined
    const half = this.#halves[slot]
    this.#ids.get(slot, ids)
    this.#remove(slot)
    return half
  }

  #chain(slot: number): void {
    const place = (this.#lows[slot] ?? 0) & (this.#heads.length - 1)
    this.#next[slot] = this.#heads[place] ?? NONE
    this.#heads[place] = slot
  }

  #unchain(slot: number): void {
    const place = (this.#lows[slot] ?? 0) & (this.#heads.length - 1)
    let before = this.#heads[place] ?? NONE
    if (before === slot) {
      this.#heads[place] = this.#next[slot] ?? NONE
      return
    }
    while (this.#next[before] !== slot) before = this.#next[before] ?? NONE
    this.#next[before] = this.#next[slot] ?? NONE
  }

  #remove(slot: number): void {
    this.#unchain(slot)
    const older = this.#older[slot] ?? NONE
    const newer = this.#newer[slot] ?? NONE
    if (older === NONE) this.#oldest = newer
    else this.#newer[older] = newer
    if (newer === NONE) this.#newest = older
    else this.#older[newer] = older
    this.#halves[slot] = undefined
    this.#next[slot] = this.#free
    this.#free = slot
    this.size -= 1
  }

  #grow(): void {
    const from = this.#next.length
    const to = Math.max(FIRST_SLOTS, 2 * from)
    this.#lows = grown(this.#lows, new Int32Array(to))
    this.#highs = grown(this.#highs, new Int32Array(to))
    this.#arrivals = grown(this.#arrivals, new Float64Array(to))
    this.#next = grown(this.#next, new Int32Array(to))
    this.#older = grown(this.#older, new Int32Array(to))
    this.#newer = grown(this.#newer, new Int32Array(to))
    this.#ids.grow(to)
    this.#heads = new Int32Array(to).fill(NONE)
    for (let slot = this.#oldest; slot !== NONE; slot = this.#newer[slot] ?? NONE) this.#chain(slot)
    for (let slot = to - 1; slot >= from; slot--) {
      this.#next[slot] = this.#free
      this.#free = slot
    }
  }
}

/** The ids of slots. */
class SlotIds {
  #bytes = new Uint8Array(0)

  get(slot: number, into: Uint8Array): void {
    into.set(this.#bytes.subarray(slot * IDS_BYTES, (slot + 1) * IDS_BYTES))
  }

  set(slot: number, ids: Uint8Array): void {
    this.#bytes.set(ids, slot * IDS_BYTES)
  }

  grow(slots: number): void {
    this.#bytes = grown(this.#bytes, new Uint8Array(slots * IDS_BYTES))
  }
}

function grown<T extends Int32Array | Float64Array | Uint8Array>(from: T, to: T): T {
  to.set(from)
  return to
}
