import { type Labels, METRIC_NAME } from '../../model/index.ts'
import {
  compareLabels,
  dropLabels,
  dropMetricIdentity,
  keepLabels,
  labelValue,
  printLabels,
  setLabel,
} from '../labels.ts'
import type { VectorMatching } from './ast.ts'
import type { StepContext } from './context.ts'
import { evaluationError } from './errors.ts'
import type { Operation } from './operation.ts'
import { signatureOf } from './signature.ts'
import { FLOAT, type RowWriter, type Sample, sampleAt, SeriesCollector, type StepSeries } from './values.ts'

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
  const { many, one, fillMany, fillOne, swapped } = rolesOf(sides, matching)
  const signature = signatureOf(matching)
  const oneSide = indexOneSide(one, fillMany === undefined ? many : undefined, matching, count)

  const matcher = new Matcher({ one, swapped, matching, operation, fillOne, count })
  for (const series of many) {
    if (context.pacer.due()) await context.pacer.pause()
    const key = signature(series)
    const partners = oneSide.get(key)
    if (partners === undefined && fillOne === undefined) continue
    matcher.matchMany(series, key, partners)
  }
  if (fillMany !== undefined) for (const [key, partners] of oneSide) matcher.fillMany(fillMany, key, partners)
  return matcher.finish()
}

interface Roles {
  readonly many: readonly StepSeries[]
  readonly one: readonly StepSeries[]
  readonly fillMany: number | undefined
  readonly fillOne: number | undefined
  /** The "many" side is the right operand. */
  readonly swapped: boolean
}

function rolesOf({ left, right }: Sides, { cardinality, fill }: VectorMatching): Roles {
  return cardinality === 'one-to-many'
    ? { many: right, one: left, fillMany: fill?.right, fillOne: fill?.left, swapped: true }
    : { many: left, one: right, fillMany: fill?.left, fillOne: fill?.right, swapped: false }
}

/** `many` is undefined where it may be filled: then the other side is looked at whether or not it is there. */
function indexOneSide(
  one: readonly StepSeries[],
  many: readonly StepSeries[] | undefined,
  matching: VectorMatching,
  count: number,
): OneSide {
  const signature = signatureOf(matching)
  // At a step where the other side has nothing, nothing can be ambiguous.
  const asked = new Uint8Array(count).fill(many === undefined ? 1 : 0)
  for (const series of many ?? []) {
    for (let i = 0; i < count; i++) asked[i] = (asked[i] ?? 0) | (series.present[i] ?? 0)
  }

  const index = new Map<string, Int32Array>()
  one.forEach((series, position) => {
    const key = signature(series)
    const steps = index.get(key) ?? new Int32Array(count).fill(-1)
    index.set(key, steps)
    for (let step = 0; step < count; step++) {
      if (series.present[step] === 0) continue
      const other = one[steps[step] ?? -1]
      if (other !== undefined && asked[step] !== 0) throw ambiguous(other, series, matching)
      steps[step] = position
    }
  })
  return index
}

function ambiguous(first: StepSeries, second: StepSeries, matching: VectorMatching): Error {
  const side = matching.cardinality === 'one-to-many' ? 'left' : 'right'
  const group = matchedLabels(first.labels, matching)
  const pair = [first.labels, second.labels].sort(compareLabels).map(printLabels).join(', ')
  return evaluationError(
    `found duplicate series for the match group ${printLabels(group)} on the ${side} hand-side of the operation: ` +
      `[${pair}];many-to-many matching not allowed: matching labels must be unique on one side`,
  )
}

/** The labels that are equal on both sides of a match. */
function matchedLabels(labels: Labels, matching: VectorMatching): Labels {
  const names = new Set(matching.labels)
  return matching.on ? keepLabels(labels, names) : dropLabels(labels, new Set([METRIC_NAME, ...names]))
}

interface Match {
  readonly one: readonly StepSeries[]
  /** The "many" side is the right operand. */
  readonly swapped: boolean
  readonly matching: VectorMatching
  readonly operation: Operation
  /** Stands in for the "one" side where that has nothing. */
  readonly fillOne: number | undefined
  readonly count: number
}

/** Where the value of a pair goes; used for one pair after the other. */
interface Target {
  row: RowWriter
  step: number
  /** Of the pair's signature. */
  readonly taken: Uint8Array
}

/** Combines series of the "many" side, one after the other, with their partners. */
class Matcher {
  readonly #match: Match
  readonly #rows: SeriesCollector
  /** For each signature, at which steps something of the "many" side was matched. */
  readonly #taken = new Map<string, Uint8Array>()
  /** For each row of a comparison, which steps were compared. */
  readonly #claimed = new Map<RowWriter, Uint8Array>()

  constructor(match: Match) {
    this.#match = match
    this.#rows = new SeriesCollector(match.count)
  }

  matchMany(series: StepSeries, key: string, partners: Int32Array | undefined): void {
    const { one, fillOne, count } = this.#match
    const taken = this.#takenOf(key)
    let last: StepSeries | undefined
    let to: Target | undefined
    for (let step = 0; step < count; step++) {
      if (series.present[step] === 0) continue
      const partner = one[partners?.[step] ?? -1]
      if (partner === undefined && fillOne === undefined) continue
      if (to === undefined || partner !== last) {
        to = { row: this.#rowFor(series, partner), step, taken }
        last = partner
      }
      to.step = step
      this.#combineAt(to, series, partner)
    }
  }

  /** Where the "many" side had nothing to match with, the value stands in for it. */
  fillMany(value: number, key: string, partners: Int32Array): void {
    const { one, matching, operation, count } = this.#match
    const taken = this.#takenOf(key)
    let last: StepSeries | undefined
    let to: Target | undefined
    for (let step = 0; step < count; step++) {
      const partner = one[partners[step] ?? -1]
      if (partner === undefined || taken[step] !== 0) continue
      if (to === undefined || partner !== last) {
        const labels = matchedLabels(partner.labels, matching)
        const row = this.#rows.row(resultLabels(labels, partner.labels, this.#match), operation.dropsName)
        to = { row, step, taken }
        last = partner
      }
      to.step = step
      this.#combine(to, value, sampleAt(partner, step))
    }
  }

  finish(): StepSeries[] {
    return this.#rows.finish()
  }

  #rowFor(series: StepSeries, partner: StepSeries | undefined): RowWriter {
    const { matching, operation } = this.#match
    const other = partner?.labels ?? matchedLabels(series.labels, matching)
    return this.#rows.row(resultLabels(series.labels, other, this.#match), series.dropName || operation.dropsName)
  }

  #combineAt(to: Target, series: StepSeries, partner: StepSeries | undefined): void {
    const { step } = to
    if (series.present[step] === FLOAT && partner?.present[step] === FLOAT) {
      this.#combineFloats(to, series.values[step] ?? 0, partner.values[step] ?? 0)
      return
    }
    const theirs = partner === undefined ? this.#match.fillOne : sampleAt(partner, step)
    this.#combine(to, sampleAt(series, step), theirs)
  }

  #takenOf(key: string): Uint8Array {
    const known = this.#taken.get(key)
    if (known !== undefined) return known
    const taken = new Uint8Array(this.#match.count)
    this.#taken.set(key, taken)
    return taken
  }

  #combineFloats(to: Target, mine: number, theirs: number): void {
    const { swapped, operation } = this.#match
    const left = swapped ? theirs : mine
    const right = swapped ? mine : theirs
    const isKept = operation.keep(left, right)
    if (isKept || operation.isFilter) this.#claim(to)
    if (!isKept) return
    const { row, step } = to
    row.present[step] = FLOAT
    row.values[step] = operation.value(left, right)
  }

  #combine(to: Target, mine: Sample | undefined, theirs: Sample | undefined): void {
    if (mine === undefined || theirs === undefined) return
    if (typeof mine === 'number' && typeof theirs === 'number') {
      this.#combineFloats(to, mine, theirs)
      return
    }
    const { swapped, operation } = this.#match
    const result = swapped ? operation.mixed(theirs, mine) : operation.mixed(mine, theirs)
    const areCompared = operation.isFilter && typeof mine !== 'number' && typeof theirs !== 'number'
    if (result !== undefined || areCompared) this.#claim(to)
    if (result !== undefined) to.row.set(to.step, result)
  }

  /** A step is for one pair, even if a comparison leaves nothing of it; pairs that cannot be combined are none. */
  #claim({ row, step, taken }: Target): void {
    const isTaken = taken[step] !== 0
    taken[step] = 1
    if (this.#match.matching.cardinality === 'one-to-one') {
      if (isTaken) throw evaluationError(MANY_TO_ONE)
      return
    }
    if (row.present[step] !== 0) throw evaluationError(NOT_UNIQUE)
    if (!this.#match.operation.isFilter) return
    let claimed = this.#claimed.get(row)
    if (claimed === undefined) this.#claimed.set(row, (claimed = new Uint8Array(this.#match.count)))
    if (claimed[step] !== 0) throw evaluationError(NOT_UNIQUE)
    claimed[step] = 1
  }
}

function resultLabels(many: Labels, one: Labels, { matching, operation }: Match): Labels {
  let labels = operation.dropsName ? dropMetricIdentity(many) : many
  if (matching.cardinality === 'one-to-one') {
    const names = new Set(matching.labels)
    labels = matching.on ? keepLabels(labels, names) : dropLabels(labels, names)
  }
  for (const name of matching.include) labels = setLabel(labels, name, labelValue(one, name))
  return labels
}
