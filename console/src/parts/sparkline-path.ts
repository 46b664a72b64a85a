interface Point {
  readonly x: number
  readonly y: number
}

export interface SparklinePath {
  readonly line: string
  readonly areas: string
  /** Stretches without a value. */
  readonly gaps: readonly { readonly x: number; readonly width: number }[]
  /** The last known value. */
  readonly last: Point | undefined
}

/** Room for the dot at both ends, and for the line's own width at top and bottom. */
const EDGE = 2
const HEADROOM = 3

/**
 * Values to SVG paths. Each run of known values is a line of its own, with its area down to zero; between runs nothing
 * is drawn. A value speaks for a bucket, so a run of one is a dash as wide as its bucket.
 */
export function sparklinePath(values: readonly (number | null)[], width: number, height: number): SparklinePath {
  // At least a tiny number, so that a flat zero is a line at the bottom.
  const top = Math.max(1e-9, ...values.map((value) => value ?? 0))
  const step = values.length < 2 ? 0 : (width - 2 * EDGE) / (values.length - 1)
  const clampX = (x: number): number => round(Math.min(width - EDGE, Math.max(EDGE, x)))
  const xOf = (index: number): number => EDGE + index * step
  const yOf = (value: number): number => round(height - 1 - (value / top) * (height - 1 - HEADROOM))

  const runs: Point[][] = []
  const gaps: { x: number; width: number }[] = []
  for (const { isKnown, from, to } of findRuns(values)) {
    if (!isKnown) {
      const x = from === 0 ? 0 : round(xOf(from - 0.5))
      const end = to === values.length - 1 ? width : round(xOf(to + 0.5))
      gaps.push({ x, width: round(end - x) })
      continue
    }
    const points = values.slice(from, to + 1).map((value, i) => ({ x: clampX(xOf(from + i)), y: yOf(value ?? 0) }))
    const only = points.length === 1 ? points[0] : undefined
    runs.push(
      only === undefined ? points : [clampX(xOf(from - 0.5)), clampX(xOf(from + 0.5))].map((x) => ({ x, y: only.y })),
    )
  }

  const lines = runs.map((run) => `M${run.map(({ x, y }) => `${x} ${y}`).join('L')}`)
  return {
    line: lines.join(''),
    areas: runs
      .map((run, i) => `${lines[i] ?? ''}L${run.at(-1)?.x ?? 0} ${height - 1}L${run[0]?.x ?? 0} ${height - 1}z`)
      .join(''),
    gaps,
    last: runs.at(-1)?.at(-1),
  }
}

interface Run {
  readonly isKnown: boolean
  readonly from: number
  to: number
}

/** Neighbours that are all known, or all not. */
function findRuns(values: readonly (number | null)[]): readonly Run[] {
  const runs: Run[] = []
  values.forEach((value, index) => {
    const isKnown = value !== null
    const last = runs.at(-1)
    if (last?.isKnown === isKnown) last.to = index
    else runs.push({ isKnown, from: index, to: index })
  })
  return runs
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
