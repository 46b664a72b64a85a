import type { Labels } from '../../model/index.ts'
import type { StepContext } from './context.ts'
import { type Grouping, Groups } from './grouping.ts'
import { FLOAT, RowWriter, type StepSeries, type Value } from './values.ts'

/** More places a step than these cost more than to keep all rows. */
const MAX_PLACES = 64

/**
 * How many series each step keeps. Undefined where it is not a few at every step: then all rows are to be ranked at
 * once, or the parameter is wrong.
 */
export function placesOf(parameter: Value): Int32Array | undefined {
  if (parameter.type !== 'scalar') return undefined
  const { values } = parameter
  if (!values.some((k) => k >= 1) || !values.every((k) => Math.abs(k) <= MAX_PLACES)) return undefined
  return Int32Array.from(values, (k) => Math.max(0, Math.trunc(k)))
}

/** One of the series of a group that is, or was, among the first at some step. */
interface Candidate {
  readonly labels: Labels
  readonly dropName: boolean
}

interface Ranking {
  /** In the order in which they came. */
  readonly candidates: Candidate[]
  /** By step and place, the first place first: a value, and which candidate has it. */
  readonly values: Float64Array
  readonly owners: Int32Array
  /** How many places of a step are taken. */
  readonly taken: Int32Array
}

/**
 * `topk` and `bottomk`, holding of each series only what is among the first: members may come in any number of pieces.
 * The result is that of ranking all of them at once: NaN is behind everything, of equals the one that came first is
 * before the other.
 */
export class RankFold {
  readonly #sign: number
  readonly #limits: Int32Array
  readonly #places: number
  readonly #groups: Groups<Ranking>

  /** `limits` says for each step how many are wanted. */
  constructor(operator: 'topk' | 'bottomk', node: Grouping, limits: Int32Array, { grid }: StepContext) {
    this.#sign = operator === 'topk' ? 1 : -1
    this.#limits = limits
    this.#places = limits.reduce((most, one) => Math.max(most, one), 0)
    const places = this.#places * grid.count
    this.#groups = new Groups(node, () => ({
      candidates: [],
      values: new Float64Array(places),
      owners: new Int32Array(places),
      taken: new Int32Array(grid.count),
    }))
  }

  /** Numbers that it holds. */
  get size(): number {
    return this.#groups.size * this.#places * this.#limits.length
  }

  /** Nothing of the rows but their labels is kept. */
  add(rows: readonly StepSeries[]): void {
    for (const row of rows) this.#addRow(this.#groups.of(row.labels), row)
  }

  /** In the order in which the series came; those of one step in their order of rank. */
  finish(): StepSeries[] {
    return this.#groups.all().flatMap((ranking) => this.#rowsOf(ranking))
  }

  #addRow(ranking: Ranking, { labels, dropName, values, present }: StepSeries): void {
    const { candidates, taken } = ranking
    let isCandidate = false
    for (let step = 0; step < taken.length; step++) {
      if (present[step] !== FLOAT) continue
      const limit = this.#limits[step] ?? 0
      const full = (taken[step] ?? 0) >= limit
      const value = values[step] ?? NaN
      if (limit <= 0 || (full && !this.#isBefore(value, ranking.values[step * this.#places + limit - 1] ?? NaN))) {
        continue
      }
      if (!isCandidate) {
        isCandidate = true
        candidates.push({ labels, dropName })
      }
      this.#insert(ranking, step, value)
    }
  }

  #insert({ candidates, values, owners, taken }: Ranking, step: number, value: number): void {
    const first = step * this.#places
    const count = taken[step] ?? 0
    const limit = this.#limits[step] ?? 0
    // The last one falls out when all places are taken.
    let at = first + Math.min(count, limit - 1)
    while (at > first && this.#isBefore(value, values[at - 1] ?? NaN)) {
      values[at] = values[at - 1] ?? NaN
      owners[at] = owners[at - 1] ?? 0
      at -= 1
    }
    values[at] = value
    owners[at] = candidates.length - 1
    if (count < limit) taken[step] = count + 1
  }

  #isBefore(value: number, other: number): boolean {
    if (Number.isNaN(other)) return !Number.isNaN(value)
    return this.#sign * value > this.#sign * other
  }

  #rowsOf({ candidates, values, owners, taken }: Ranking): StepSeries[] {
    const rows = new Map<number, RowWriter>()
    for (let step = 0; step < taken.length; step++) {
      for (let place = 0; place < (taken[step] ?? 0); place++) {
        const at = step * this.#places + place
        const owner = owners[at] ?? 0
        const candidate = candidates[owner]
        if (candidate === undefined) continue
        const row = rows.get(owner) ?? new RowWriter(candidate.labels, taken.length, candidate.dropName)
        rows.set(owner, row)
        row.set(step, values[at] ?? NaN)
      }
    }
    const ranked = [...rows]
    if (taken.length > 1) ranked.sort(([a], [b]) => a - b)
    return ranked.map(([, row]) => row.finish())
  }
}
