import type { Dashboard, GridPlace, Panel, Row } from './dashboard.ts'
import type { Variable } from './variables/interpolate.ts'

/** A panel where it is drawn, with the values of variables that hold for it alone. */
export interface PlacedPanel {
  /** Of its own among repeated panels, too. */
  readonly key: string
  readonly panel: Panel
  readonly place: GridPlace
  readonly variables: ReadonlyMap<string, Variable>
}

export interface PlacedRow {
  readonly key: string
  readonly title: string
  readonly collapsed: boolean
  readonly variables: ReadonlyMap<string, Variable>
  /** Places are within the row: its first panel stands at y = 0. */
  readonly panels: readonly PlacedPanel[]
  /** In grid units. */
  readonly height: number
}

type Variables = ReadonlyMap<string, Variable>

/** Rows and panels with everything that is repeated, repeated. */
export function layOut(dashboard: Dashboard, variables: Variables): readonly PlacedRow[] {
  return dashboard.rows.flatMap((row, at) =>
    repeated(row.repeat, variables).map(({ key, variables: own }) => placeRow(row, `${at}${key}`, own)),
  )
}

/** The variables for each value; once, as they are, where nothing is repeated. */
function repeated(name: string | undefined, variables: Variables): readonly { key: string; variables: Variables }[] {
  const variable = name === undefined ? undefined : variables.get(name)
  if (variable === undefined || variable.values.length === 0) return [{ key: '', variables }]
  return variable.values.map((value, at) => ({
    key: `/${value}`,
    variables: new Map([
      ...variables,
      [variable.name, { ...variable, values: [value], texts: [variable.texts[at] ?? value] }] as const,
    ]),
  }))
}

function placeRow(row: Row, key: string, variables: Variables): PlacedRow {
  const top = row.panels.reduce((least, { place }) => Math.min(least, place.y), Infinity)
  const panels: PlacedPanel[] = []
  let pushed = 0
  for (const panel of row.panels) {
    const place = { ...panel.place, y: panel.place.y - top + pushed }
    const copies = placeCopies(panel, place, repeated(panel.repeat?.variable, variables))
    panels.push(...copies)
    // What stands below a panel that became several rows moves down.
    const bottom = copies.reduce((most, copy) => Math.max(most, copy.place.y + copy.place.h), 0)
    pushed += Math.max(0, bottom - (place.y + place.h))
  }
  const height = panels.reduce((most, { place }) => Math.max(most, place.y + place.h), 0)
  return { key, title: row.title, collapsed: row.collapsed, variables, panels, height }
}

/** Side by side over the whole width, at most so many; or below each other. */
function placeCopies(
  panel: Panel,
  place: GridPlace,
  copies: readonly { readonly key: string; readonly variables: Variables }[],
): readonly PlacedPanel[] {
  if (panel.repeat === undefined || copies.length < 2) {
    const [only] = copies
    return only === undefined ? [] : [{ key: `${panel.id}${only.key}`, panel, place, variables: only.variables }]
  }
  const columns = panel.repeat.direction === 'v' ? 1 : Math.min(copies.length, panel.repeat.maxPerRow)
  const w = panel.repeat.direction === 'v' ? place.w : Math.floor(24 / columns)
  const left = panel.repeat.direction === 'v' ? place.x : 0
  return copies.map(({ key, variables }, at) => ({
    key: `${panel.id}${key}`,
    panel,
    place: { x: left + (at % columns) * w, y: place.y + Math.floor(at / columns) * place.h, w, h: place.h },
    variables,
  }))
}
