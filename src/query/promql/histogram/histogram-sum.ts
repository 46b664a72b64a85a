import { addKahan, type KahanSum } from '../kahan.ts'
import { align, alignTo } from './align.ts'
import { commonHint, divideHistogram } from './arithmetic.ts'
import { type Buckets, combineBuckets, mapCounts, spread, unionOf } from './buckets.ts'
import { compact, type FloatHistogram } from './float-histogram.ts'

/** Adds up histograms with compensated summation in every bucket, as `sum`, `avg` and their forms over time do. */
export class HistogramSum {
  #sum: FloatHistogram
  /** What rounding took from the sum, with the same bounds and buckets. */
  #lost: FloatHistogram
  #terms = 1
  #sawReset = false
  #sawNoReset = false
  /** Custom bounds differed on the way. */
  reconciled = false

  constructor(first: FloatHistogram) {
    this.#sum = first
    const none = (buckets: Buckets): Buckets => mapCounts(buckets, () => 0)
    const { positive, negative } = first
    this.#lost = { ...first, count: 0, sum: 0, zeroCount: 0, positive: none(positive), negative: none(negative) }
    this.#lookAtHint(first)
  }

  /** Some said that their counters were reset, others that they were not. */
  get collision(): boolean {
    return this.#sawReset && this.#sawNoReset
  }

  /** False, without adding, when one has exponential and the other custom bounds. */
  add(term: FloatHistogram): boolean {
    const aligned = align(this.#sum, term)
    if (aligned === undefined) return false
    this.reconciled ||= aligned.reconciled
    this.#lookAtHint(term)
    this.#terms += 1
    const { a, b } = aligned
    const lost = alignTo(this.#lost, a)
    const count = addTo(a.count, lost.count, b.count)
    const sum = addTo(a.sum, lost.sum, b.sum)
    const zeroCount = addTo(a.zeroCount, lost.zeroCount, b.zeroCount)
    const positive = addBuckets(a.positive, lost.positive, b.positive)
    const negative = addBuckets(a.negative, lost.negative, b.negative)
    this.#sum = {
      ...a,
      resetHint: commonHint(this.#sum.resetHint, term.resetHint),
      count: count.sum,
      sum: sum.sum,
      zeroCount: zeroCount.sum,
      positive: positive.sum,
      negative: negative.sum,
    }
    this.#lost = {
      ...lost,
      count: count.compensation,
      sum: sum.compensation,
      zeroCount: zeroCount.compensation,
      positive: positive.lost,
      negative: negative.lost,
    }
    return true
  }

  total(): FloatHistogram {
    const { count, sum, zeroCount, positive, negative } = this.#sum
    const lost = this.#lost
    return compact({
      ...this.#sum,
      count: count + lost.count,
      sum: sum + lost.sum,
      zeroCount: zeroCount + lost.zeroCount,
      positive: combineBuckets(positive, lost.positive, 1),
      negative: combineBuckets(negative, lost.negative, 1),
    })
  }

  mean(): FloatHistogram {
    return divideHistogram(this.total(), this.#terms)
  }

  #lookAtHint({ resetHint }: FloatHistogram): void {
    this.#sawReset ||= resetHint === 'reset'
    this.#sawNoReset ||= resetHint === 'not-reset'
  }
}

function addTo(sum: number, compensation: number, value: number): KahanSum {
  const total: KahanSum = { sum, compensation }
  addKahan(total, value)
  return total
}

function addBuckets(sum: Buckets, lost: Buckets, term: Buckets): { readonly sum: Buckets; readonly lost: Buckets } {
  const indexes = unionOf(unionOf(sum.indexes, lost.indexes), term.indexes)
  const sums = spread(sum, indexes)
  const losses = spread(lost, indexes)
  const terms = spread(term, indexes)
  const total: KahanSum = { sum: 0, compensation: 0 }
  for (let i = 0; i < indexes.length; i++) {
    total.sum = sums[i] ?? 0
    total.compensation = losses[i] ?? 0
    addKahan(total, terms[i] ?? 0)
    sums[i] = total.sum
    losses[i] = total.compensation
  }
  return { sum: { indexes, counts: sums }, lost: { indexes, counts: losses } }
}
