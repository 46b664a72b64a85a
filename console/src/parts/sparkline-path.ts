interface Point {
  readonly x: number
  readonly y: number
}

export interface SparklinePath {
  readonly line: string
  readonly areas: string
  /** Stretches without a value. */
  readonly gaps: readonly { readonly x: number; readonly width: number }[]
  /** The last known value, when nothing is missing after it but at most the bucket that still fills. */
  readonly last: Point | undefined
}

/** Values to SVG paths: each run of known values is a line of its own, with its area down to zero. */
export function sparklinePath(values: readonly (number | null)[], width: number, height: number): SparklinePath {
  const top = Math.max(1e-9, ...values.map((value) => value ?? 0))
  const step = values.length < 2 ? 0 : (width - 4) / (values.length - 1)
  const at = (index: number, value: number): Point => ({
    x: round(1 + index * step),
    y: round(height - 1 - (value / top) * (height - 4)),
  })

  const runs: Point[][] = []
  const gaps: { x: number; width: number }[] = []
  values.forEach((value, index) => {
    const fresh = index === 0 || (values[index - 1] === null) !== (value === null)
    if (value === null) {
      if (fresh) gaps.push({ x: round(1 + (index - 0.5) * step), width: 0 })
      const gap = gaps.at(-1)
      if (gap !== undefined) gap.width = round(gap.width + step)
      return
    }
    if (fresh) runs.push([])
    runs.at(-1)?.push(at(index, value))
  })

  const lines = runs.map((run) => `M${run.map(({ x, y }) => `${x} ${y}`).join('L')}`)
  return {
    line: lines.join(''),
    areas: runs
      .map((run, i) => `${lines[i] ?? ''}L${run.at(-1)?.x ?? 0} ${height - 1}L${run[0]?.x ?? 0} ${height - 1}z`)
      .join(''),
    gaps: gaps.map(({ x, width: wide }) => ({ x: Math.max(0, x), width: Math.min(wide, width - Math.max(0, x)) })),
    last: runs.at(-1)?.at(-1),
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
