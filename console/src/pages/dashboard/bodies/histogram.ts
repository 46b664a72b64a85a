import type { Heat } from '../../../charts/heat.ts'

export interface Bin {
  readonly from: number
  readonly to: number
  readonly count: number
}

const COUNT = 30
const MOST = 200

/** How often values lie between which bounds: bins of one size, round unless a size is asked for. */
export function binValues(
  values: readonly number[],
  { size, count = COUNT, offset = 0 }: { readonly size?: number; readonly count?: number; readonly offset?: number },
): readonly Bin[] {
  if (values.length === 0) return []
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (const value of values) {
    min = Math.min(min, value)
    max = Math.max(max, value)
  }
  const wanted = size !== undefined && size > 0 ? size : roundSize((max - min) / Math.max(1, count))
  // A size that somebody chose for other values must not make a million bins.
  const width = Math.max(wanted, (max - min) / MOST)
  const first = Math.floor((min - offset) / width)
  const last = Math.floor((max - offset) / width)
  const counts = new Array<number>(last - first + 1).fill(0)
  for (const value of values) {
    const at = Math.floor((value - offset) / width) - first
    counts[at] = (counts[at] ?? 0) + 1
  }
  return counts.map((one, at) => ({
    from: (first + at) * width + offset,
    to: (first + at + 1) * width + offset,
    count: one,
  }))
}

function roundSize(raw: number): number {
  if (raw <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(raw))
  const lead = raw / power
  return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10)
}

/** Buckets that somebody counted already, over all times. */
export function binsOfHeat({ rows }: Heat): readonly Bin[] {
  return rows.map(({ bound, counts }, at) => ({
    from: rows[at - 1]?.bound ?? 0,
    to: bound,
    count: counts.reduce<number>((sum, count) => sum + (count ?? 0), 0),
  }))
}
