import type { GridPlace } from '../dashboard.ts'
import type { Json } from '../json.ts'
import { bottomOf, placeOf } from './sections.ts'

const COLUMNS = 24

/** A place within the grid: at least two columns and two rows. */
export function onGrid({ x, y, w, h }: GridPlace): GridPlace {
  const width = Math.min(COLUMNS, Math.max(2, Math.round(w)))
  return {
    x: Math.min(COLUMNS - width, Math.max(0, Math.round(x))),
    y: Math.max(0, Math.round(y)),
    w: width,
    h: Math.min(200, Math.max(2, Math.round(h))),
  }
}

/** No panel over another and no gap above one: what was moved keeps its place as far as it can, the others make room. */
export function settle(panels: readonly Json[], movedId?: unknown): readonly Json[] {
  const order = panels
    .map((panel) => ({ panel, place: placeOf(panel), isMoved: panel['id'] === movedId && movedId !== undefined }))
    .sort((a, b) => a.place.y - b.place.y || Number(b.isMoved) - Number(a.isMoved) || a.place.x - b.place.x)
  const done: { readonly panel: Json; readonly place: GridPlace }[] = []
  for (const { panel, place } of order) {
    // As high as nothing is in the way.
    const above = done.filter((one) => isBeside(one.place, place))
    const y = above.reduce((most, one) => Math.max(most, bottomOf(one.place)), 0)
    done.push({ panel, place: { ...place, y } })
  }
  const settled = new Map(done.map(({ panel, place }) => [panel, { ...panel, gridPos: place }]))
  return panels.map((panel) => settled.get(panel) ?? panel)
}

function isBeside(a: GridPlace, b: GridPlace): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w
}
