/** Somebody who points at somebody else; both are indexes. */
export type Arrow = readonly [from: number, to: number]

/**
 * The rank of each of `count` things: 0 for who is pointed at by nobody, else one more than the highest that points at
 * it. Arrows that would close a circle are left out, found from the first to the last in order.
 */
export function rankByArrows(count: number, arrows: readonly Arrow[]): readonly number[] {
  const next = listOf(count, arrows)
  const acyclic = withoutCircles(count, next)
  const ranks = new Array<number>(count).fill(0)
  const waiting = new Array<number>(count).fill(0)
  for (const list of acyclic) for (const to of list) waiting[to] = (waiting[to] ?? 0) + 1
  const ready = Array.from({ length: count }, (_, index) => index).filter((index) => waiting[index] === 0)
  for (let at = 0; at < ready.length; at += 1) {
    const from = ready[at] ?? 0
    for (const to of acyclic[from] ?? []) {
      ranks[to] = Math.max(ranks[to] ?? 0, (ranks[from] ?? 0) + 1)
      waiting[to] = (waiting[to] ?? 0) - 1
      if (waiting[to] === 0) ready.push(to)
    }
  }
  return ranks
}

function listOf(count: number, arrows: readonly Arrow[]): readonly (readonly number[])[] {
  const next = Array.from({ length: count }, () => new Set<number>())
  for (const [from, to] of arrows) if (from !== to) next[from]?.add(to)
  return next.map((set) => [...set].sort((a, b) => a - b))
}

/** Depth first without recursion: hundreds of services may call each other in a row. */
function withoutCircles(count: number, next: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const state = new Array<'new' | 'open' | 'done'>(count).fill('new')
  const kept = Array.from({ length: count }, (): number[] => [])
  const pointedAt = new Set(next.flat())
  // Where nobody points is where the requests come in: circles are cut as far from there as can be.
  const starts = Array.from({ length: count }, (_, index) => index).sort(
    (a, b) => Number(pointedAt.has(a)) - Number(pointedAt.has(b)) || a - b,
  )
  for (const start of starts) {
    if (state[start] !== 'new') continue
    const path = [{ index: start, at: 0 }]
    state[start] = 'open'
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const to = next[top.index]?.[top.at]
      top.at += 1
      if (to === undefined) {
        state[top.index] = 'done'
        path.pop()
      } else if (state[to] !== 'open') {
        kept[top.index]?.push(to)
        if (state[to] === 'new') {
          state[to] = 'open'
          path.push({ index: to, at: 0 })
        }
      }
    }
  }
  return kept
}

const SWEEPS = 4

/**
 * The things of each rank from top to bottom, so that arrows cross little: everything moves to the mean place of its
 * neighbours, to and fro. What is equal stays in the order of the indexes.
 */
export function orderRanks(ranks: readonly number[], arrows: readonly Arrow[]): readonly (readonly number[])[] {
  const filled = Array.from({ length: Math.max(-1, ...ranks) + 1 }, (_, rank) =>
    ranks.flatMap((one, index) => (one === rank ? [index] : [])),
  )
  const neighbours = ranks.map((): number[] => [])
  for (const [from, to] of arrows) {
    neighbours[from]?.push(to)
    neighbours[to]?.push(from)
  }
  const place = new Array<number>(ranks.length).fill(0)
  const settle = (column: readonly number[]): void => {
    for (const [at, index] of column.entries()) place[index] = (at + 0.5) / column.length
  }
  for (const column of filled) settle(column)
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    for (const column of sweep % 2 === 0 ? filled : filled.toReversed()) {
      const wish = new Map(
        column.map((index) => [index, meanPlace(neighbours[index] ?? [], place) ?? place[index] ?? 0]),
      )
      column.sort((a, b) => (wish.get(a) ?? 0) - (wish.get(b) ?? 0) || a - b)
      settle(column)
    }
  }
  return filled
}

function meanPlace(indexes: readonly number[], place: readonly number[]): number | undefined {
  if (indexes.length === 0) return undefined
  return indexes.reduce((sum, index) => sum + (place[index] ?? 0), 0) / indexes.length
}
