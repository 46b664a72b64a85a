import type { SetOperator, VectorMatching } from './ast.ts'
import { signatureOf } from './signature.ts'
import { hasValues, SAME_LABELSET, SeriesCollector, type StepSeries } from './values.ts'

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
    return filterBy(left, signature, other, operator === 'and' ? 1 : 0)
  }
  const taken = presenceBySignature(left, signature, count)
  const collector = new SeriesCollector(count)
  for (const row of left) collector.merge(row, SAME_LABELSET)
  for (const row of filterBy(right, signature, taken, 0)) collector.merge(row, SAME_LABELSET)
  return collector.finish()
}

type Signature = (series: StepSeries) => string

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

/** The samples at whose step the other side is there (`wanted` 1) or is not (0). */
function filterBy(
  series: readonly StepSeries[],
  signature: Signature,
  other: ReadonlyMap<string, Uint8Array>,
  wanted: 0 | 1,
): StepSeries[] {
  const rows: StepSeries[] = []
  for (const row of series) {
    const steps = other.get(signature(row))
    const present = row.present.map((here, step) => (here === 1 && (steps?.[step] ?? 0) === wanted ? 1 : 0))
    const kept = { ...row, present }
    if (hasValues(kept)) rows.push(kept)
  }
  return rows
}
