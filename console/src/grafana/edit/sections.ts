import type { Dashboard, GridPlace } from '../dashboard.ts'
import { type Json, numberAt, objectAt } from '../json.ts'

/** A row with its panels. Their places are within the section: its first panel stands at y = 0. */
export interface Section {
  /** Undefined for the panels above the first heading. */
  readonly head: Json | undefined
  readonly panels: readonly Json[]
}

/** The dashboard as its editor sees it: old forms are brought to that of today, and every panel has an id. */
export function sectionsOf({ rows }: Dashboard): readonly Section[] {
  return rows.map(({ json, title, collapsed, panels }) => {
    const top = panels.reduce((least, { place }) => Math.min(least, place.y), Number.POSITIVE_INFINITY)
    const head = json === undefined ? undefined : { ...json, title, collapsed }
    return {
      head,
      panels: panels.map(({ json: panel, id, place }) => ({
        ...ownTargets(panel),
        id,
        gridPos: { ...place, y: place.y - top },
      })),
    }
  })
}

/** What a panel shows of another's is not written into it. */
function ownTargets(panel: Json): Json {
  const { sharedTargets, sharedTransformations, ...rest } = panel
  return sharedTargets === undefined
    ? panel
    : {
        ...rest,
        targets: sharedTargets,
        datasource: { uid: '-- Dashboard --', type: 'datasource' },
        ...(sharedTransformations === undefined ? {} : { transformations: sharedTransformations }),
      }
}

/** The document with these sections, one below the other; all else in it stays. */
export function writeSections(document: Json, sections: readonly Section[]): Json {
  let y = 0
  const panels: Json[] = []
  for (const { head, panels: inner } of sections) {
    const isCollapsed = head?.['collapsed'] === true
    if (head !== undefined) {
      const top = y + 1
      panels.push({
        ...head,
        type: 'row',
        gridPos: { x: 0, y, w: 24, h: 1 },
        panels: isCollapsed ? inner.map((panel) => moved(panel, top)) : [],
      })
      y += 1
    }
    if (isCollapsed) continue
    panels.push(...inner.map((panel) => moved(panel, y)))
    y += inner.reduce((most, panel) => Math.max(most, bottomOf(placeOf(panel))), 0)
  }
  const rest = Object.fromEntries(Object.entries(document).filter(([key]) => key !== 'rows'))
  return { ...rest, panels: withIds(panels), schemaVersion: Math.max(16, numberAt(document, 'schemaVersion') ?? 39) }
}

/** Rows need ids, too. */
function withIds(panels: readonly Json[]): readonly Json[] {
  let next = 1 + panels.reduce((most, panel) => Math.max(most, numberAt(panel, 'id') ?? 0), 0)
  return panels.map((panel) => (numberAt(panel, 'id') === undefined ? { ...panel, id: next++ } : panel))
}

function moved(panel: Json, by: number): Json {
  const place = placeOf(panel)
  return { ...panel, gridPos: { ...place, y: place.y + by } }
}

export function placeOf(panel: Json): GridPlace {
  const place = objectAt(panel, 'gridPos')
  return {
    x: numberAt(place, 'x') ?? 0,
    y: numberAt(place, 'y') ?? 0,
    w: numberAt(place, 'w') ?? 12,
    h: numberAt(place, 'h') ?? 8,
  }
}

export const bottomOf = ({ y, h }: GridPlace): number => y + h
