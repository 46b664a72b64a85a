/** A series' place in the palette, 0 to 9, or `other`. */
export type ColourIndex = number | 'other'

const PALETTE = 10
/** Names that have had a colour in this page; the oldest go first when it is full. */
const REMEMBERED = 2_000
const byName = new Map<string, number>()

/**
 * One colour per name, in the order of the palette and held across charts, refreshes and pages: a cluster keeps its
 * colour. A name whose colour another one in the same chart has gets the next free one.
 */
export function colourIndexes(names: readonly string[]): readonly ColourIndex[] {
  const taken = new Set<number>()
  return names.map((name, position) => {
    if (names.length > PALETTE && position >= PALETTE - 1) return 'other'
    const known = byName.get(name)
    if (known !== undefined && !taken.has(known)) {
      taken.add(known)
      return known
    }
    const free = firstFree(taken)
    taken.add(free)
    if (known === undefined) remember(name, free)
    return free
  })
}

/** Fixes the colours of clusters in the order of the fleet, so that they are the same in every browser. */
export function reserveColours(names: readonly string[]): void {
  for (const [index, name] of names.entries()) if (!byName.has(name)) remember(name, index % PALETTE)
}

function firstFree(taken: ReadonlySet<number>): number {
  for (let index = 0; index < PALETTE; index += 1) if (!taken.has(index)) return index
  return PALETTE - 1
}

function remember(name: string, index: number): void {
  if (byName.size >= REMEMBERED) {
    const [oldest] = byName.keys()
    if (oldest !== undefined) byName.delete(oldest)
  }
  byName.set(name, index)
}

/** Series 7 to 10 take a dash besides, where they share a plot with the first ones. */
export function dashOf(index: ColourIndex): number[] | undefined {
  return typeof index === 'number' && index >= 6 ? [6, 3] : undefined
}
