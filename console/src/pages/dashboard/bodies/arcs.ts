/** The outline of a ring's part; turns from twelve o'clock, clockwise, at most one. */
export function arcPath(from: number, to: number, outer: number, inner: number): string {
  if (to - from >= 1) return `${arcPath(from, from + 0.5, outer, inner)} ${arcPath(from + 0.5, from + 1, outer, inner)}`
  const [a, b] = from <= to ? [from, to] : [to, from]
  const large = b - a > 0.5 ? 1 : 0
  const point = (turn: number, radius: number): string => {
    const angle = turn * 2 * Math.PI
    return `${(Math.sin(angle) * radius).toFixed(2)} ${(-Math.cos(angle) * radius).toFixed(2)}`
  }
  return [
    `M ${point(a, outer)}`,
    `A ${outer} ${outer} 0 ${large} 1 ${point(b, outer)}`,
    `L ${point(b, inner)}`,
    inner <= 0 ? '' : `A ${inner} ${inner} 0 ${large} 0 ${point(a, inner)}`,
    'Z',
  ].join(' ')
}

/** How many columns give the largest squares for so many figures; what does not fit is scrolled to. */
export function gridFor(
  count: number,
  width: number,
  height: number,
  least: number,
): { readonly columns: number; readonly size: number } {
  const most = Math.max(1, Math.floor(width / least))
  let best = { columns: 1, size: 0 }
  for (let columns = 1; columns <= Math.min(count, most); columns++) {
    const size = Math.min(width / columns, height / Math.ceil(count / columns))
    if (size > best.size) best = { columns, size }
  }
  return {
    columns: best.size < least ? Math.min(Math.max(1, count), most) : best.columns,
    size: Math.max(least, Math.floor(best.size) - 20),
  }
}
