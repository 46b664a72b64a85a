import type { Labels } from '../../../model/index.ts'
import { printLabels } from '../../labels.ts'
import { AppError } from '../../../core/index.ts'
import { ERROR_DETAILS_LABEL, ERROR_LABEL, type LabelSet } from '../pipeline/label-set.ts'
import type { SeriesLabels } from './needs.ts'

const FIRST_SIZE = 16

/** The samples of one series, in the order of their times. */
export class SampleSeries {
  readonly labels: Labels
  /** What went wrong in the pipeline: such a series may not be in an answer. */
  readonly failed: boolean
  count = 0
  /** Nanoseconds since the beginning of the whole range. */
  times = new Float64Array(FIRST_SIZE)
  values = new Float64Array(FIRST_SIZE)

  constructor(labels: Labels, failed: boolean) {
    this.labels = labels
    this.failed = failed
  }

  add(time: number, value: number): void {
    if (this.count === this.times.length) {
      this.times = grown(this.times)
      this.values = grown(this.values)
    }
    this.times[this.count] = time
    this.values[this.count] = value
    this.count += 1
  }
}

function grown(numbers: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(numbers.length * 2)
  larger.set(numbers)
  return larger
}

/** Series by the labels of their lines. */
export class SeriesTable {
  readonly #series = new Map<string, SampleSeries>()
  /** By what made the labels of a line: it spares putting them in order for each line. */
  readonly #known = new Map<object, Map<string, SampleSeries>>()
  readonly #labels: SeriesLabels
  readonly #dropped: ReadonlySet<string>
  /** Somebody asked for errors as for other labels. */
  readonly #errorsAsked: boolean

  constructor(labels: SeriesLabels) {
    this.#labels = labels
    this.#dropped = new Set(labels.t === 'without' ? labels.names : [])
    this.#errorsAsked = labels.t === 'by' && labels.names.includes(ERROR_LABEL)
  }

  get size(): number {
    return this.#series.size
  }

  of(labels: LabelSet): SampleSeries {
    if (labels.error === '' || this.#errorsAsked) {
      if (this.#labels.t === 'none') return this.#seriesOf('', () => ({}))
      if (this.#labels.t === 'by') return this.#byNames(labels, this.#labels.names)
    }
    let ofBase = this.#known.get(labels.base)
    if (ofBase === undefined) this.#known.set(labels.base, (ofBase = new Map<string, SampleSeries>()))
    const key = labels.key
    const known = ofBase.get(key)
    if (known !== undefined) return known
    const found = this.#byAll(labels)
    ofBase.set(key, found)
    return found
  }

  all(): IterableIterator<SampleSeries> {
    return this.#series.values()
  }

  #byNames(labels: LabelSet, names: readonly string[]): SampleSeries {
    let key = ''
    for (const name of names) {
      const value = valueOf(labels, name)
      if (value !== undefined) key += `${name}\u{10fffe}${value}\u{10ffff}`
    }
    return this.#seriesOf(key, () => {
      const found: Record<string, string> = {}
      for (const name of names) {
        const value = valueOf(labels, name)
        if (value !== undefined) found[name] = value
      }
      return found
    })
  }

  #byAll(labels: LabelSet): SampleSeries {
    const failed = labels.error !== ''
    const pairs: [string, string][] = []
    labels.forEach((name, value) => {
      if (failed || !this.#dropped.has(name)) pairs.push([name, value])
    })
    if (failed) pairs.push([ERROR_LABEL, labels.error])
    if (failed && labels.errorDetails !== '') pairs.push([ERROR_DETAILS_LABEL, labels.errorDetails])
    pairs.sort(([a], [b]) => (a < b ? -1 : 1))
    const key = pairs.map(([name, value]) => `${name}\u{10fffe}${value}\u{10ffff}`).join('')
    return this.#seriesOf(key, () => Object.fromEntries(pairs), failed)
  }

  #seriesOf(key: string, labels: () => Labels, failed = false): SampleSeries {
    const known = this.#series.get(key)
    if (known !== undefined) return known
    const series = new SampleSeries(labels(), failed)
    this.#series.set(key, series)
    return series
  }
}

function valueOf(labels: LabelSet, name: string): string | undefined {
  if (name === ERROR_LABEL) return labels.error === '' ? undefined : labels.error
  if (name === ERROR_DETAILS_LABEL) return labels.errorDetails === '' ? undefined : labels.errorDetails
  // As in Loki, who groups by a label that was taken away does not see what was put in its place.
  return labels.wasDeleted(name) ? undefined : labels.get(name)
}

/** The error of a metric query one of whose lines went wrong in the pipeline; the text is Loki's. */
export function pipelineError(labels: Labels): AppError {
  const error = labels[ERROR_LABEL] ?? ''
  const parts = Object.keys(labels)
    .sort()
    .map((name) => printLabels({ [name]: labels[name] ?? '' }).slice(1, -1))
  return new AppError(
    'invalid',
    `pipeline error: '${error}' for series: '{${parts.join(', ')}}'.\n` +
      `Use a label filter to intentionally skip this error. (e.g | __error__!="${error}").\n` +
      'To skip all potential errors you can match empty errors.(e.g __error__="")\n' +
      'The label filter can also be specified after unwrap. (e.g | unwrap latency | __error__="" )\n',
  )
}
