import { type Labels, METRIC_NAME } from '../../model/index.ts'
import { compareLabels, dropLabels, dropMetricName, keepLabels, labelValue, printLabels, setLabel } from '../labels.ts'
import type { VectorMatching } from './ast.ts'
import type { Operation } from './binary.ts'
import type { StepContext } from './context.ts'
import { evaluationError } from './errors.ts'
import { signatureOf } from './signature.ts'
import { SeriesCollector, type StepSeries } from './values.ts'

interface Sides {
  readonly left: readonly StepSeries[]
  readonly right: readonly StepSeries[]
}

/** For one signature: which series of the "one" side is there at each step, -1 for none. */
type OneSide = ReadonlyMap<string, Int32Array>

const MANY_TO_ONE = 'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)'
const NOT_UNIQUE = 'multiple matches for labels: grouping labels must ensure unique matches'

/**
 * Arithmetic and comparison between two vectors. Prometheus matches step by step, and series come and go, so whether
 * a match is ambiguous is asked at each step, too.
 */
export async function matchVectors(
  { matching }: { readonly matching: VectorMatching },
  operation: Operation,
  sides: Sides,
  context: StepContext,
): Promise<StepSeries[]> {
  const { count } = context.grid
  const swapped = matching.cardinality === 'one-to-many'
  const many = swapped ? sides.right : sides.left
  const one = swapped ? sides.left : sides.right
  const signature = signatureOf(matching)
  const oneSide = indexOneSide(one, many, matching, count)

  const collector = new SeriesCollector(count)
  const taken = new Map<string, Uint8Array>()
  for (const series of many) {
    if (context.pacer.due()) await context.pacer.pause()
    const key = signature(series)
    const partners = oneSide.get(key)
    if (partners === undefined) continue
    if (matching.cardinality === 'one-to-one') takeSteps(taken, key, series, partners)
    combine({ series, partners, one, swapped, matching, operation }, collector)
  }
  return collector.finish()
}

function indexOneSide(
  one: readonly StepSeries[],
  many: readonly StepSeries[],
  matching: VectorMatching,
  count: number,
): OneSide {
  const signature = signatureOf(matching)
  // At a step where the other side has nothing, nothing can be ambiguous.
  const asked = new Uint8Array(count)
  for (const series of many) for (let i = 0; i < count; i++) asked[i] = (asked[i] ?? 0) | (series.present[i] ?? 0)

  const index = new Map<string, Int32Array>()
  one.forEach((series, position) => {
    const key = signature(series)
    const steps = index.get(key) ?? new Int32Array(count).fill(-1)
    index.set(key, steps)
    for (let step = 0; step < count; step++) {
      if (series.present[step] !== 1) continue
      const other = one[steps[step] ?? -1]
      if (other !== undefined && asked[step] === 1) throw ambiguous(other, series, matching)
      steps[step] = position
    }
  })
  return index
}

function ambiguous(first: StepSeries, second: StepSeries, matching: VectorMatching): Error {
  const side = matching.cardinality === 'one-to-many' ? 'left' : 'right'
  const names = new Set(matching.labels)
  const group = matching.on
    ? keepLabels(first.labels, names)
    : dropLabels(first.labels, new Set([METRIC_NAME, ...matching.labels]))
  const pair = [first.labels, second.labels].sort(compareLabels).map(printLabels).join(', ')
  return evaluationError(
    `found duplicate series for the match group ${printLabels(group)} on the ${side} hand-side of the operation: ` +
      `[${pair}];many-to-many matching not allowed: matching labels must be unique on one side`,
  )
}

/** In a one-to-one match a second series with the same signature at a step is an error, even if filtered later. */
function takeSteps(taken: Map<string, Uint8Array>, key: string, series: StepSeries, partners: Int32Array): void {
  const steps = taken.get(key) ?? new Uint8Array(partners.length)
  taken.set(key, steps)
  for (let step = 0; step < partners.length; step++) {
    if (series.present[step] !== 1 || partners[step] === -1) continue
    if (steps[step] === 1) throw evaluationError(MANY_TO_ONE)
    steps[step] = 1
  }
}

interface Combination {
  readonly series: StepSeries
  readonly partners: Int32Array
  readonly one: readonly StepSeries[]
  /** The "many" side is the right operand. */
  readonly swapped: boolean
  readonly matching: VectorMatching
  readonly operation: Operation
}

function combine({ series, partners, one, swapped, matching, operation }: Combination, out: SeriesCollector): void {
  let last = -1
  let row: StepSeries | undefined
  for (let step = 0; step < partners.length; step++) {
    const position = partners[step] ?? -1
    const partner = one[position]
    if (partner === undefined || series.present[step] !== 1) continue
    if (row === undefined || position !== last) {
      const labels = resultLabels(series.labels, partner.labels, matching, operation)
      row = out.row(labels, series.dropName || operation.dropsName)
      last = position
    }
    const mine = series.values[step] ?? 0
    const theirs = partner.values[step] ?? 0
    const left = swapped ? theirs : mine
    const right = swapped ? mine : theirs
    if (!operation.keep(left, right)) continue
    if (row.present[step] === 1) throw evaluationError(NOT_UNIQUE)
    row.present[step] = 1
    row.values[step] = operation.value(left, right)
  }
}

function resultLabels(many: Labels, one: Labels, matching: VectorMatching, operation: Operation): Labels {
  let labels = operation.dropsName ? dropMetricName(many) : many
  if (matching.cardinality === 'one-to-one') {
    const names = new Set(matching.labels)
    labels = matching.on ? keepLabels(labels, names) : dropLabels(labels, names)
  }
  for (const name of matching.include) labels = setLabel(labels, name, labelValue(one, name))
  return labels
}
