import { CANONICAL_LABELS, HUB_RECEIVED_AT } from '../../../model/index.ts'
import type { MetricType } from '../../../wire/index.ts'
import { AppError } from '../../../core/index.ts'
import { createRelabeler, type MutableLabels, type Relabeler } from './relabel.ts'
import { seriesLabels, type Target } from './target.ts'

/** A series as it is handed on. One object per distinct label set, however a target writes it. */
export interface Series {
  /** Name, value, name, value, …; sorted. */
  readonly labels: readonly string[]
  /** The last scrape that had a sample for it, and that sample's time. */
  seenIn: number
  lastTimestampMs: number
  /** What the last exemplar looked like: targets repeat an exemplar until they have a new one. */
  lastExemplar: string | undefined
}

/** The metadata of a metric family. */
export interface Family {
  readonly name: string
  type: MetricType
  help: string
  unit: string
}

/** Names that the hub stamps on every series; a scraped label of that name must not be taken for the real one. */
const STAMPED: ReadonlySet<string> = new Set([...Object.keys(CANONICAL_LABELS), HUB_RECEIVED_AT])

/**
 * Makes the labels of a series out of the scraped ones and the target's, as Prometheus does: without `honorLabels` the
 * target's labels win and a scraped label of the same name becomes `exported_<name>`; then `metricRelabel` applies.
 */
export class SeriesLabeler {
  readonly #target: Target
  readonly #relabel: Relabeler

  constructor(target: Target) {
    this.#target = target
    this.#relabel = createRelabeler(target.job.metricRelabel)
  }

  /** Sorted labels, or undefined if the rules drop the series. Throws AppError if it breaks a limit of the job. */
  label(scraped: readonly string[]): string[] | undefined {
    const labels: MutableLabels = new Map()
    for (let i = 0; i < scraped.length; i += 2) labels.set(scraped[i] ?? '', scraped[i + 1] ?? '')
    if (this.#target.job.honorLabels) this.#addAbsent(labels)
    else this.#override(labels)
    if (!this.#relabel(labels)) return undefined
    const name = labels.get('__name__')
    if (name === undefined) throw new AppError('invalid', 'relabeling left a series without a name')
    this.#checkLimits(labels)
    return seriesLabels(labels)
  }

  #addAbsent(labels: MutableLabels): void {
    for (const [name, value] of this.#target.labels) if (!labels.has(name)) labels.set(name, value)
  }

  #override(labels: MutableLabels): void {
    const conflicts: (readonly [name: string, value: string])[] = []
    for (const [name, value] of labels) {
      if (this.#target.labels.has(name) || STAMPED.has(name)) conflicts.push([name, value])
    }
    for (const [name] of conflicts) labels.delete(name)
    for (const [name, value] of this.#target.labels) labels.set(name, value)
    // Short names first, so that of `a` and a scraped `exported_a` the former gets the shorter new name.
    conflicts.sort(([a], [b]) => a.length - b.length)
    for (const [name, value] of conflicts) {
      let free = `exported_${name}`
      while (labels.has(free)) free = `exported_${free}`
      labels.set(free, value)
    }
  }

  #checkLimits(labels: MutableLabels): void {
    const { labelLimit = Infinity, labelNameLengthLimit, labelValueLengthLimit } = this.#target.job
    if (labels.size > labelLimit) {
      throw new AppError('too_large', `${describe(labels)}: ${String(labels.size)} labels exceed the labelLimit`)
    }
    if (labelNameLengthLimit === undefined && labelValueLengthLimit === undefined) return
    for (const [name, value] of labels) {
      if (Buffer.byteLength(name) > (labelNameLengthLimit ?? Infinity)) {
        throw new AppError('too_large', `${describe(labels)}: the name ${name} exceeds the labelNameLengthLimit`)
      }
      if (Buffer.byteLength(value) > (labelValueLengthLimit ?? Infinity)) {
        throw new AppError('too_large', `${describe(labels)}: the value of ${name} exceeds the labelValueLengthLimit`)
      }
    }
  }
}

function describe(labels: MutableLabels): string {
  return `series ${labels.get('__name__') ?? ''}`
}
