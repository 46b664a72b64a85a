import type { MetricType } from '../metric-type.ts'
import type { SampleRole } from './family-rules.ts'
import { parseNumber } from './number.ts'

export interface PointSample {
  readonly role: SampleRole
  /** Of `le`, `quantile` or the state's name, where the role has one. */
  readonly distinguishing: string | undefined
  readonly value: number
  readonly exemplarValue: number | undefined
}

/**
 * One point of one metric: the samples that share the metric's labels and a timestamp. `add` and `finish` return what
 * is wrong, or undefined. (Specification, "Metric Types".)
 */
export class MetricPoint {
  readonly #type: MetricType
  readonly #seen = new Set<string>()
  #le = -Infinity
  #bucketValue = 0
  #hasNegativeBucket = false
  #count: number | undefined = undefined
  #sum: number | undefined = undefined

  constructor(type: MetricType) {
    this.#type = type
  }

  has(sample: PointSample): boolean {
    return this.#seen.has(keyOf(sample))
  }

  add(sample: PointSample): string | undefined {
    if (this.has(sample)) return 'the same sample twice in one point'
    this.#seen.add(keyOf(sample))
    const wrong = checkValue(this.#type, sample)
    if (wrong !== undefined) return wrong
    switch (sample.role) {
      case 'bucket':
        return this.#addBucket(sample)
      case 'count':
      case 'gcount':
        this.#count = sample.value
        return undefined
      case 'sum':
      case 'gsum':
        this.#sum = sample.value
        return undefined
      case 'value':
        return this.#type === 'summary' ? checkQuantile(sample) : undefined
      default:
        return undefined
    }
  }

  finish(): string | undefined {
    switch (this.#type) {
      case 'histogram':
      case 'gaugehistogram':
        return this.#finishHistogram()
      case 'counter':
        return this.#seen.has('total') ? undefined : 'a counter without its _total'
      default:
        return undefined
    }
  }

  #addBucket(sample: PointSample): string | undefined {
    const le = parseLabelNumber(sample.distinguishing)
    if (le === undefined || Number.isNaN(le)) return 'le must be a number'
    // `has` compares texts; this finds "1" and "1.0" too.
    if (this.#seen.size > 1 && le <= this.#le) return 'buckets must stand in increasing order of le'
    if (sample.value < this.#bucketValue) return 'buckets must be cumulative'
    if (sample.exemplarValue !== undefined && sample.exemplarValue > le) return 'the exemplar lies outside its bucket'
    this.#le = le
    this.#bucketValue = sample.value
    if (le < 0) this.#hasNegativeBucket = true
    return undefined
  }

  #finishHistogram(): string | undefined {
    if (this.#le !== Infinity) return 'a histogram without a bucket le="+Inf"'
    if ((this.#sum === undefined) !== (this.#count === undefined)) return 'count and sum must come together'
    if (this.#count !== undefined && this.#count !== this.#bucketValue) return 'the count is not that of le="+Inf"'
    if (this.#type === 'histogram' && this.#hasNegativeBucket && this.#sum !== undefined) {
      return 'a histogram with negative buckets cannot have a sum'
    }
    if ((this.#sum ?? 0) < 0 && !this.#hasNegativeBucket) return 'a negative sum without negative buckets'
    return undefined
  }
}

function keyOf(sample: PointSample): string {
  return sample.distinguishing === undefined ? sample.role : `${sample.role} ${sample.distinguishing}`
}

interface ValueRule {
  readonly holds: (value: number) => boolean
  readonly otherwise: string
}

const COUNT: ValueRule = {
  holds: (value) => Number.isInteger(value) && value >= 0,
  otherwise: 'a count must be an integer and not negative',
}

const RULE_OF_ROLE: Readonly<Partial<Record<SampleRole, ValueRule>>> = {
  total: { holds: (value) => value >= 0, otherwise: 'a counter must be a number and not negative' },
  created: { holds: Number.isFinite, otherwise: 'a creation time must be finite' },
  bucket: COUNT,
  count: COUNT,
  gcount: COUNT,
  sum: { holds: (value) => value >= 0, otherwise: 'a sum must be a number and not negative' },
  gsum: { holds: (value) => !Number.isNaN(value), otherwise: 'a sum must be a number' },
  info: { holds: (value) => value === 1, otherwise: 'the value of an info must be 1' },
}

const STATE: ValueRule = {
  holds: (value) => value === 0 || value === 1,
  otherwise: 'the value of a state must be 0 or 1',
}

function checkValue(type: MetricType, { role, value }: PointSample): string | undefined {
  const rule = type === 'stateset' ? STATE : RULE_OF_ROLE[role]
  return rule === undefined || rule.holds(value) ? undefined : rule.otherwise
}

function checkQuantile(sample: PointSample): string | undefined {
  const quantile = parseLabelNumber(sample.distinguishing)
  if (quantile === undefined || !(quantile >= 0 && quantile <= 1)) return 'quantile must be a number from 0 to 1'
  return sample.value < 0 ? 'the value of a quantile must not be negative' : undefined
}

function parseLabelNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const bytes = Buffer.from(text)
  return parseNumber(bytes, 0, bytes.length)
}
