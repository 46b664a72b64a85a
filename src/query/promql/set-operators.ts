import type { SetOperator, VectorMatching } from './ast.ts'
import { signatureOf } from './signature.ts'
import { hasValues, mergeSameLabels, type StepSeries } from './values.ts'

interface Sides {
  readonly left: readonly StepSeries[]
  readonly right: readonly StepSeries[]
}

/** `and`, `or`, `unless`: samples of one side, depending on whether the other has one with the same signature. */
export function applySetOperator(
  operator: SetOperator,
  { left, right }: Sides,
  matching: VectorMatching,
  count: number,
): StepSeries[] {
  const signature = signatureOf(matching)
  if (operator !== 'or') {
    const other = presenceBySignature(right, signature, count)
    return filterBy(left, signature, other, operator === 'and')
  }
  const taken = presenceBySignature(left, signature, count)
  return mergeSameLabels([...left, ...filterBy(right, signature, taken, false)], count)
}

type Signature = (series: StepSeries) => string

/** For each signature the steps with a sample of any kind. */
function presenceBySignature(
  series: readonly StepSeries[],
  signature: Signature,
  count: number,
): ReadonlyMap<string, Uint8Array> {
  const presence = new Map<string, Uint8Array>()
  for (const row of series) {
    const key = signature(row)
    const steps = presence.get(key) ?? new Uint8Array(count)
    presence.set(key, steps)
    for (let step = 0; step < count; step++) steps[step] = (steps[step] ?? 0) | (row.present[step] ?? 0)
  }
  return presence
}

/** The samples at whose step the other side is there (`wanted`) or is not. */
function filterBy(
  series: readonly StepSeries[],
  signature: Signature,
  other: ReadonlyMap<string, Uint8Array>,
  wanted: boolean,
): StepSeries[] {
  const rows: StepSeries[] = []
  for (const row of series) {
    const steps = other.get(signature(row))
    const present = row.present.map((here, step) => (((steps?.[step] ?? 0) !== 0) === wanted ? here : 0))
    const kept = { ...row, present }
    if (hasValues(kept)) rows.push(kept)
  }
  return rows
}
