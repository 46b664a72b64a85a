const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const
/** Where nothing is known: never a low bar, which would say that something was little. */
const MISSING = '╱'

/**
 * Values as a line of bars, `width` characters at most; several values to a character show their highest. It begins at
 * zero, or at the lowest value where that is below. `undefined` and NaN are missing.
 */
export function renderSparkline(values: readonly (number | undefined)[], width: number): string {
  const columns = Math.min(width, values.length)
  const peaks = Array.from({ length: columns }, (_, column) => {
    const from = Math.floor((column * values.length) / columns)
    const to = Math.floor(((column + 1) * values.length) / columns)
    return highest(values.slice(from, to))
  })
  const bottom = Math.min(0, ...values.filter(isKnown))
  const top = highest(values) ?? 0
  return peaks.map((peak) => (peak === undefined ? MISSING : bar(peak, bottom, top))).join('')
}

function bar(value: number, bottom: number, top: number): string {
  if (value === Infinity) return BARS[7]
  const share = top > bottom ? (value - bottom) / (top - bottom) : 0
  return BARS[Math.min(7, Math.max(0, Math.round(share * 7)))] ?? BARS[0]
}

function highest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter(isKnown)
  return known.length === 0 ? undefined : known.reduce((a, b) => Math.max(a, b))
}

function isKnown(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value)
}
