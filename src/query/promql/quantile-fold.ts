import type { Labels } from '../../model/index.ts'
import type { StepContext } from './context.ts'
import { type Grouping, Groups } from './grouping.ts'
import { quantileOfMany } from './quantile.ts'
import { FLOAT, hasValues, type RowCells, RowWriter, type StepSeries } from './values.ts'

interface Group {
  readonly labels: Labels
  readonly members: RowCells[]
  dropName: boolean
}

/** So many steps are gone through at once: their values lie beside each other in a row, but rows lie apart. */
const STEPS_AT_ONCE = 16

/**
 * `quantile`, holding of each series its values and nothing else: members may come in any number of pieces. Nobody may write
 * to their rows any more. All values of a step are needed, so it cannot be done with less.
 */
export class QuantileFold {
  readonly #context: StepContext
  readonly #groups: Groups<Group>

  constructor(node: Grouping, context: StepContext) {
    this.#context = context
    this.#groups = new Groups(node, (labels) => ({ labels, members: [], dropName: false }))
  }

  add(rows: readonly StepSeries[]): void {
    for (const { labels, values, present, dropName } of rows) {
      const group = this.#groups.of(labels)
      group.members.push({ values, present })
      group.dropName ||= dropName
    }
  }

  /** `q` has one for each step. */
  async finish(q: Float64Array): Promise<StepSeries[]> {
    const rows: StepSeries[] = []
    for (const group of this.#groups.all()) {
      const row = await this.#rowOf(group, q)
      if (hasValues(row)) rows.push(row)
    }
    return rows
  }

  async #rowOf({ labels, members, dropName }: Group, q: Float64Array): Promise<StepSeries> {
    const { pacer } = this.#context
    const row = new RowWriter(labels, q.length, dropName)
    const columns = Array.from({ length: STEPS_AT_ONCE }, () => new Float64Array(members.length))
    for (let first = 0; first < q.length; first += STEPS_AT_ONCE) {
      if (pacer.due()) await pacer.pause()
      const end = Math.min(q.length, first + STEPS_AT_ONCE)
      const sizes = gather(members, { first, end }, columns)
      for (let step = first; step < end; step++) {
        const values = columns[step - first]
        const size = sizes[step - first] ?? 0
        if (values === undefined || size === 0) continue
        row.values[step] = quantileOfMany(q[step] ?? NaN, values, size)
        row.present[step] = FLOAT
      }
    }
    return row.finish()
  }
}

/** Puts the floats of each step one behind the other; says how many there are. */
function gather(
  members: readonly RowCells[],
  { first, end }: { readonly first: number; readonly end: number },
  columns: readonly Float64Array[],
): Int32Array {
  const sizes = new Int32Array(STEPS_AT_ONCE)
  for (const { values, present } of members) {
    for (let step = first; step < end; step++) {
      const column = columns[step - first]
      if (present[step] !== FLOAT || column === undefined) continue
      const size = sizes[step - first] ?? 0
      column[size] = values[step] ?? NaN
      sizes[step - first] = size + 1
    }
  }
  return sizes
}
