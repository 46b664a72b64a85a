import type { Labels } from '../../model/index.ts'
import { compareLabels, dropMetricIdentity, labelValue, sortedNames } from '../labels.ts'
import type { StepContext } from './context.ts'
import type { Range } from './ast.ts'
import { evaluationError } from './errors.ts'
import { hasValues, type StepSeries } from './values.ts'
import { xxhash64 } from './xxhash64.ts'

/** `limitk`: at each step the first k series of each group, in the order of their labels. */
export function limitSeries(
  groups: readonly (readonly StepSeries[])[],
  limitAt: (step: number) => number,
  count: number,
): StepSeries[] {
  return groups.flatMap((members) => {
    const sorted = [...members].sort((a, b) => compareLabels(a.labels, b.labels))
    const kept = sorted.map((series) => ({ ...series, present: new Uint8Array(count) }))
    for (let step = 0; step < count; step++) {
      let left = limitAt(step)
      for (const [i, series] of sorted.entries()) {
        const here = series.present[step] ?? 0
        const row = kept[i]
        if (left <= 0 || row === undefined) break
        if (here === 0) continue
        row.present[step] = here
        left -= 1
      }
    }
    return kept.filter(hasValues)
  })
}

/**
 * `limit_ratio`: about this share of the series, always the same ones, because a hash of the labels decides. A
 * negative ratio takes those from the other end, so that -0.9 selects what 0.1 leaves.
 */
export function limitRatio(
  series: readonly StepSeries[],
  ratios: Float64Array,
  at: Range,
  { annotations, grid }: StepContext,
): StepSeries[] {
  const { least, most } = extremesOf(ratios)
  if (least === 0 && most === 0) return []
  if (Number.isNaN(most)) throw evaluationError('Ratio value is NaN')
  if (most > 1) annotations.invalidRatio(most, 1, at)
  if (least < -1) annotations.invalidRatio(least, -1, at)
  const capped = ratios.map((ratio) => Math.max(-1, Math.min(1, ratio)))
  return series
    .map((row) => {
      // A name that is to go decides nothing.
      const place = placeOf(row.dropName ? dropMetricIdentity(row.labels) : row.labels)
      const present = new Uint8Array(grid.count)
      for (let step = 0; step < grid.count; step++) {
        const ratio = capped[step] ?? 0
        const chosen = ratio >= 0 ? place < ratio : place >= 1 + ratio
        if (chosen) present[step] = row.present[step] ?? 0
      }
      return { ...row, present }
    })
    .filter(hasValues)
}

/** The least and the greatest parameter of all steps; both NaN if one is. */
export function extremesOf(values: Float64Array): { readonly least: number; readonly most: number } {
  let [least, most] = [Infinity, -Infinity]
  for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)]
  return { least, most }
}

/** Where the labels stand between 0 and 1: the hash by which Prometheus chooses. */
function placeOf(labels: Labels): number {
  return Number(xxhash64(encodeLabels(labels))) / 2 ** 64
}

/** Names and values in the order of the names, each behind its length: a byte, or 255 and three bytes. */
function encodeLabels(labels: Labels): Uint8Array {
  const parts: Uint8Array[] = []
  for (const name of sortedNames(labels)) {
    for (const text of [name, labelValue(labels, name)]) {
      const bytes = Buffer.from(text)
      const { length } = bytes
      parts.push(length < 255 ? Uint8Array.of(length) : Uint8Array.of(255, length, length >> 8, length >> 16), bytes)
    }
  }
  return Buffer.concat(parts)
}
