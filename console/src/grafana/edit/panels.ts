import type { Dashboard, GridPlace } from '../dashboard.ts'
import { type Json, numberAt, objectsAt, textAt } from '../json.ts'
import { bottomOf, placeOf, type Section, sectionsOf, writeSections } from './sections.ts'
import { onGrid, settle } from './settle.ts'

type ChangeSection = (section: Section) => Section

function inSectionOf(dashboard: Dashboard, id: number, change: ChangeSection): Json {
  const sections = sectionsOf(dashboard).map((section) =>
    section.panels.some((panel) => panel['id'] === id) ? change(section) : section,
  )
  return writeSections(dashboard.json, sections)
}

/** One panel changed; where it stands is for `movePanel`. */
export function updatePanel(dashboard: Dashboard, id: number, change: (panel: Json) => Json): Json {
  return inSectionOf(dashboard, id, (section) => ({
    ...section,
    panels: section.panels.map((panel) =>
      panel['id'] === id ? { ...change(panel), id, gridPos: panel['gridPos'] } : panel,
    ),
  }))
}

/** The panel at another place, or of another size; places are within its section. Others make room. */
export function movePanel(dashboard: Dashboard, id: number, place: GridPlace): Json {
  return inSectionOf(dashboard, id, (section) => ({
    ...section,
    panels: settle(
      section.panels.map((panel) => (panel['id'] === id ? { ...panel, gridPos: onGrid(place) } : panel)),
      id,
    ),
  }))
}

export function removePanel(dashboard: Dashboard, id: number): Json {
  return inSectionOf(dashboard, id, (section) => ({
    ...section,
    panels: settle(section.panels.filter((panel) => panel['id'] !== id)),
  }))
}

/** A copy below the panel. */
export function duplicatePanel(dashboard: Dashboard, id: number): Json {
  return inSectionOf(dashboard, id, (section) => {
    const source = section.panels.find((panel) => panel['id'] === id)
    if (source === undefined) return section
    const place = placeOf(source)
    const copy = {
      ...source,
      id: nextId(dashboard),
      title: `${textAt(source, 'title') ?? ''} (copy)`,
      gridPos: { ...place, y: bottomOf(place) },
    }
    return { ...section, panels: settle([...section.panels, copy], copy.id) }
  })
}

/** The panel to the section before (−1) or behind (+1) its own, at its end. */
export function moveToSection(dashboard: Dashboard, id: number, by: -1 | 1): Json {
  const sections = [...sectionsOf(dashboard)]
  const at = sections.findIndex(({ panels }) => panels.some((panel) => panel['id'] === id))
  const [from, to] = [sections[at], sections[at + by]]
  const panel = from?.panels.find((one) => one['id'] === id)
  if (from === undefined || to === undefined || panel === undefined) return dashboard.json
  const bottom = to.panels.reduce((most, one) => Math.max(most, bottomOf(placeOf(one))), 0)
  sections[at] = { ...from, panels: settle(from.panels.filter((one) => one !== panel)) }
  sections[at + by] = {
    ...to,
    panels: settle([...to.panels, { ...panel, gridPos: { ...placeOf(panel), y: bottom } }], id),
  }
  return writeSections(dashboard.json, sections)
}

/** A new panel above all others, which asks nothing yet. */
export function addPanel(dashboard: Dashboard): { readonly json: Json; readonly id: number } {
  const id = nextId(dashboard)
  const panel: Json = {
    id,
    type: 'timeseries',
    title: 'New panel',
    gridPos: { x: 0, y: 0, w: 12, h: 8 },
    datasource: { type: 'prometheus' },
    fieldConfig: { defaults: { custom: {} }, overrides: [] },
    options: { legend: { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [] } },
    targets: [{ refId: 'A', expr: '', datasource: { type: 'prometheus' } }],
  }
  const [first, ...rest] = sectionsOf(dashboard)
  const sections: readonly Section[] =
    first === undefined || first.head !== undefined
      ? [{ head: undefined, panels: [panel] }, ...(first === undefined ? [] : [first]), ...rest]
      : [{ ...first, panels: settle([panel, ...first.panels], id) }, ...rest]
  return { id, json: writeSections(dashboard.json, sections) }
}

/** A heading at the end, or the one at `at` changed; without it, its panels join the section before. */
export function addRow(dashboard: Dashboard): Json {
  return writeSections(dashboard.json, [
    ...sectionsOf(dashboard),
    { head: { type: 'row', title: 'New row', collapsed: false }, panels: [] },
  ])
}

export function changeRow(dashboard: Dashboard, at: number, change: (head: Json) => Json): Json {
  const sections = sectionsOf(dashboard).map((section, index) =>
    index === at && section.head !== undefined ? { ...section, head: change(section.head) } : section,
  )
  return writeSections(dashboard.json, sections)
}

export function removeRow(dashboard: Dashboard, at: number): Json {
  const sections = [...sectionsOf(dashboard)]
  const [removed] = sections.splice(at, 1)
  if (removed === undefined) return dashboard.json
  const before = sections[at - 1]
  if (before === undefined) {
    sections.unshift({ head: undefined, panels: removed.panels })
  } else {
    const bottom = before.panels.reduce((most, panel) => Math.max(most, bottomOf(placeOf(panel))), 0)
    const below = removed.panels.map((panel) => ({
      ...panel,
      gridPos: { ...placeOf(panel), y: placeOf(panel).y + bottom },
    }))
    sections[at - 1] = { ...before, panels: [...before.panels, ...below] }
  }
  return writeSections(dashboard.json, sections)
}

function nextId(dashboard: Dashboard): number {
  const ids = dashboard.rows.flatMap(({ panels, json }) => [
    numberAt(json ?? {}, 'id') ?? 0,
    ...panels.map(({ id }) => id),
  ])
  return 1 + Math.max(0, ...ids)
}

/** The dashboard with other variables, in their order. */
export function withVariables(json: Json, list: readonly Json[]): Json {
  const templating = json['templating']
  const own = typeof templating === 'object' && templating !== null ? templating : {}
  return { ...json, templating: { ...own, list } }
}

export function variablesIn({ json }: Dashboard): readonly Json[] {
  const { templating } = json
  return typeof templating === 'object' && templating !== null ? objectsAt({ ...templating }, 'list') : []
}
