export interface FittingColumn {
  /** In px, with the padding of its cells. */
  readonly width: number
  /** Its place in the order in which columns leave when there is too little room; without one it stays. */
  readonly leaves?: number
}

/** The columns that fit, in their order. */
export function fitColumns<T extends FittingColumn>(columns: readonly T[], available: number): readonly T[] {
  const leaving = columns.filter(({ leaves }) => leaves !== undefined).sort((a, b) => (a.leaves ?? 0) - (b.leaves ?? 0))
  let width = columns.reduce((sum, column) => sum + column.width, 0)
  const gone = new Set<T>()
  for (const column of leaving) {
    if (width <= available) break
    gone.add(column)
    width -= column.width
  }
  return columns.filter((column) => !gone.has(column))
}
