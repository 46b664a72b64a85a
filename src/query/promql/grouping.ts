import type { Labels } from '../../model/index.ts'
import { dropLabels, keepLabels, keyOfLabels, keyWithoutLabels, METRIC_IDENTITY } from '../labels.ts'
import type { Aggregation, Range } from './ast.ts'

/** An aggregation and the places of its operand and parameter, for what is to be said of them. */
export type Grouping = Pick<Aggregation, 'operator' | 'grouping' | 'without' | 'start' | 'end'> & {
  readonly expr: Range
  readonly parameter?: Range
}

/** So many sets of labels are recognised by identity: sources that leave labels out give one object to many series. */
const MAX_RECOGNISED = 4_096

/** Puts series into groups by `by` or `without`; groups are in the order in which they came first. */
export class Groups<G> {
  readonly #node: Grouping
  readonly #create: (labels: Labels) => G
  readonly #names: readonly string[]
  readonly #kept: ReadonlySet<string>
  readonly #dropped: ReadonlySet<string>
  readonly #byKey = new Map<string, G>()
  readonly #recognised = new Map<Labels, G>()

  constructor(node: Grouping, create: (labels: Labels) => G) {
    this.#node = node
    this.#create = create
    this.#names = [...new Set(node.grouping)].sort()
    this.#kept = new Set(this.#names)
    this.#dropped = new Set([...METRIC_IDENTITY, ...this.#names])
  }

  get size(): number {
    return this.#byKey.size
  }

  /** The group of a series with these labels; made if there is none yet. */
  of(labels: Labels): G {
    const recognised = this.#recognised.get(labels)
    if (recognised !== undefined) return recognised
    const key = this.#node.without ? keyWithoutLabels(labels, this.#dropped) : keyOfLabels(labels, this.#names)
    let group = this.#byKey.get(key)
    if (group === undefined) {
      group = this.#create(this.#node.without ? dropLabels(labels, this.#dropped) : keepLabels(labels, this.#kept))
      this.#byKey.set(key, group)
    }
    if (this.#recognised.size < MAX_RECOGNISED) this.#recognised.set(labels, group)
    return group
  }

  all(): G[] {
    return [...this.#byKey.values()]
  }
}
