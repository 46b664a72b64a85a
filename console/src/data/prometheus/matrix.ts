import { AskError } from '../ask.ts'

/** Equal steps, in seconds since the epoch; both ends belong to it. */
export interface Grid {
  readonly startS: number
  readonly endS: number
  readonly stepS: number
}

export interface Series {
  readonly labels: Readonly<Record<string, string>>
  /** One value a step; null where there is none, or none that can be drawn. */
  readonly values: readonly (number | null)[]
  /** Cumulative counts by upper bound are read from histograms for heat maps. */
  readonly histograms?: readonly (NativeHistogram | null)[]
}

export interface NativeHistogram {
  readonly count: number
  readonly sum: number
  readonly buckets: readonly { readonly low: number; readonly high: number; readonly count: number }[]
}

export function gridTimes({ startS, endS, stepS }: Grid): readonly number[] {
  return Array.from({ length: Math.floor((endS - startS) / stepS + 1e-9) + 1 }, (_, index) => startS + index * stepS)
}

/** Sets `[time, "value"]` pairs on the grid. `NaN` and infinities cannot be drawn, so they are no values. */
export function placeOnGrid(pairs: readonly unknown[], grid: Grid): (number | null)[] {
  const length = Math.floor((grid.endS - grid.startS) / grid.stepS + 1e-9) + 1
  const values = new Array<number | null>(length).fill(null)
  for (const pair of pairs) {
    const [at, text] = readPair(pair)
    const index = Math.round((at - grid.startS) / grid.stepS)
    const value = typeof text === 'string' ? Number(text) : Number.NaN
    if (index >= 0 && index < length && Number.isFinite(value)) values[index] = value
  }
  return values
}

export function placeHistograms(pairs: readonly unknown[], grid: Grid): (NativeHistogram | null)[] {
  const length = Math.floor((grid.endS - grid.startS) / grid.stepS + 1e-9) + 1
  const found = new Array<NativeHistogram | null>(length).fill(null)
  for (const pair of pairs) {
    const [at, body] = readPair(pair)
    const index = Math.round((at - grid.startS) / grid.stepS)
    if (index >= 0 && index < length) found[index] = readHistogram(body)
  }
  return found
}

function readPair(pair: unknown): readonly [number, unknown] {
  if (Array.isArray(pair) && pair.length === 2) {
    const [at, value] = pair as unknown[]
    if (typeof at === 'number') return [at, value]
  }
  throw new AskError('unknown', 'The hub answers in a form that this page does not know: reload the page.')
}

function readHistogram(body: unknown): NativeHistogram | null {
  if (typeof body !== 'object' || body === null) return null
  const { count, sum, buckets } = body as Readonly<Record<string, unknown>>
  const list = Array.isArray(buckets) ? (buckets as unknown[]) : []
  return {
    count: Number(count),
    sum: Number(sum),
    buckets: list.flatMap((bucket) => {
      if (!Array.isArray(bucket)) return []
      const [, low, high, inside] = bucket.map(Number)
      return low === undefined || high === undefined || inside === undefined ? [] : [{ low, high, count: inside }]
    }),
  }
}

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400] as const

/** A round step that gives at most `points` points; never below one second. */
export function chooseStep(lengthMs: number, points: number): number {
  const least = lengthMs / 1_000 / points
  return STEPS_S.find((step) => step >= least) ?? Math.ceil(least / 86_400) * 86_400
}

/** The range on whole steps, so that a question asked again within a step is the same question. */
export function alignGrid(interval: { readonly fromMs: number; readonly toMs: number }, stepS: number): Grid {
  return {
    startS: Math.floor(interval.fromMs / 1_000 / stepS) * stepS,
    endS: Math.floor(interval.toMs / 1_000 / stepS) * stepS,
    stepS,
  }
}
