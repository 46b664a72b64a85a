import { flagAt, isJson, type Json, numberAt, objectAt, objectsAt, textAt } from './json.ts'
import { isLibraryPanel, withLibraryPanels } from './library.ts'
import { migratePanel } from './migrate/index.ts'
import { type PanelKind, reasonFor, toPanelKind } from './panel-types.ts'
import { isResource, toClassic } from './v2.ts'
import { inputVariables, readVariables, type VariableDefinition } from './variables/definition.ts'

/** On Grafana's grid: 24 columns, rows of 30 pixels and 8 between. */
export interface GridPlace {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

export interface Panel {
  readonly id: number
  readonly title: string
  /** Undefined for a kind that is not shown; `type` says which. */
  readonly kind: PanelKind | undefined
  readonly type: string
  /** Why it is not shown as what it is, though its data is. */
  readonly standIn: string | undefined
  readonly place: GridPlace
  /** The panel as the dashboard has it, brought to the form of today; what else it holds is read where it is used. */
  readonly json: Json
  readonly targets: readonly Json[]
  /** The variable by whose values it is repeated. */
  readonly repeat: { readonly variable: string; readonly direction: 'h' | 'v'; readonly maxPerRow: number } | undefined
}

/** A heading with the panels below it, up to the next. */
export interface Row {
  readonly title: string
  readonly collapsed: boolean
  readonly repeat: string | undefined
  readonly panels: readonly Panel[]
  /** The row as the dashboard has it; nothing above the first. */
  readonly json: Json | undefined
}

export interface Dashboard {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly tags: readonly string[]
  readonly from: string
  readonly to: string
  /** `30s`; '' for never. */
  readonly refresh: string
  readonly variables: readonly VariableDefinition[]
  /** The first has no heading of its own when panels stand above the first one. */
  readonly rows: readonly Row[]
  /** The document as it was read: what export gives back, with what was changed. */
  readonly json: Json
}

/** A document that is no dashboard; the message says why. */
export class NoDashboard extends Error {}

/**
 * Reads a dashboard of Grafana's classic JSON, of any schema version, as exported, as shared (`{ dashboard: … }`), or with
 * `__inputs`. Throws `NoDashboard` with what is wrong.
 */
export function readDashboard(document: unknown): Dashboard {
  const json = withLibraryPanels(unwrap(document))
  const title = textAt(json, 'title')
  if (title === undefined) throw new NoDashboard('It has no title: this is no dashboard.')
  const time = objectAt(json, 'time')
  return {
    uid: textAt(json, 'uid') ?? '',
    title,
    description: textAt(json, 'description') ?? '',
    tags: Array.isArray(json['tags']) ? json['tags'].filter((tag) => typeof tag === 'string') : [],
    from: textAt(time, 'from') ?? 'now-6h',
    to: textAt(time, 'to') ?? 'now',
    refresh: textAt(json, 'refresh') ?? '',
    variables: [...inputVariables(json), ...readVariables(objectAt(json, 'templating'))],
    rows:
      objectsAt(json, 'rows').length > 0 ? readOldRows(objectsAt(json, 'rows')) : readRows(objectsAt(json, 'panels')),
    json,
  }
}

function unwrap(document: unknown): Json {
  if (!isJson(document)) throw new NoDashboard('A dashboard is a JSON object.')
  const inner = document['dashboard']
  if (isJson(inner)) return unwrap(inner)
  if (isResource(document)) return unwrap(toClassic(document))
  return document
}

/** Since schema 16: a flat list in which rows are panels; a collapsed row holds its panels itself. */
function readRows(panels: readonly Json[]): readonly Row[] {
  const ids = new Ids(panels)
  const rows: {
    title: string
    collapsed: boolean
    repeat: string | undefined
    panels: Panel[]
    json: Json | undefined
  }[] = []
  const ordered = [...withShared(withoutCopies(panels))].sort((a, b) => yOf(a) - yOf(b) || xOf(a) - xOf(b))
  for (const json of ordered) {
    if (json['type'] === 'row') {
      rows.push({
        title: textAt(json, 'title') ?? '',
        collapsed: flagAt(json, 'collapsed') ?? false,
        repeat: textAt(json, 'repeat'),
        panels: objectsAt(json, 'panels').map((panel) => readPanel(panel, ids)),
        json,
      })
      continue
    }
    if (rows.length === 0) rows.push({ title: '', collapsed: false, repeat: undefined, panels: [], json: undefined })
    rows.at(-1)?.panels.push(readPanel(json, ids))
  }
  return rows
}

/** Grafana saves what it repeated, too, and makes it anew when it reads. */
function withoutCopies(panels: readonly Json[]): readonly Json[] {
  return panels
    .filter((panel) => panel['repeatPanelId'] === undefined || panel['repeat'] !== undefined)
    .map((panel) => {
      const inner = objectsAt(panel, 'panels')
      return inner.length === 0 ? panel : { ...panel, panels: withoutCopies(inner) }
    })
}

/** A panel that shows another's answers asks the same. */
function withShared(panels: readonly Json[]): readonly Json[] {
  const all = new Map(
    panels.flatMap((panel) => [panel, ...objectsAt(panel, 'panels')]).map((panel) => [numberAt(panel, 'id'), panel]),
  )
  const resolve = (panel: Json): Json => {
    const [target] = objectsAt(panel, 'targets')
    const id = target === undefined ? undefined : numberAt(target, 'panelId')
    const other = id === undefined ? undefined : all.get(id)
    if (other === undefined || other === panel) return panel
    // What the other makes of its answers comes first, where the panel wants that.
    const isMade = flagAt(target ?? {}, 'withTransforms') === true
    return {
      ...panel,
      datasource: other['datasource'],
      targets: other['targets'] ?? [],
      sharedTargets: panel['targets'],
      ...(isMade
        ? {
            transformations: [...objectsAt(other, 'transformations'), ...objectsAt(panel, 'transformations')],
            sharedTransformations: panel['transformations'] ?? [],
          }
        : {}),
    }
  }
  return panels.map((panel) => {
    const inner = objectsAt(panel, 'panels')
    return inner.length === 0 ? resolve(panel) : { ...panel, panels: inner.map(resolve) }
  })
}

/** Before schema 16: rows with a height, panels with spans of twelve, placed from left to right. */
function readOldRows(rows: readonly Json[]): readonly Row[] {
  const ids = new Ids(rows.flatMap((row) => objectsAt(row, 'panels')))
  let top = 0
  return rows.map((row) => {
    const height = Math.max(3, Math.round(pixelsOf(row['height']) / 38))
    let x = 0
    let y = top
    const panels = objectsAt(row, 'panels').map((panel) => {
      const w = Math.min(24, Math.max(1, Math.round((numberAt(panel, 'span') ?? 12) * 2)))
      if (x + w > 24) {
        x = 0
        y += height
      }
      const placed = readPanel({ ...panel, gridPos: { x, y, w, h: height } }, ids)
      x += w
      return placed
    })
    top = y + height
    const isShown = flagAt(row, 'showTitle') !== false
    return {
      title: isShown ? (textAt(row, 'title') ?? '') : '',
      collapsed: flagAt(row, 'collapse') ?? false,
      repeat: textAt(row, 'repeat'),
      panels,
      json: isShown ? { type: 'row', title: textAt(row, 'title') ?? '' } : undefined,
    }
  })
}

function pixelsOf(height: unknown): number {
  if (typeof height === 'number') return height
  const pixels = typeof height === 'string' ? Number.parseInt(height, 10) : Number.NaN
  return Number.isNaN(pixels) ? 250 : pixels
}

function readPanel(document: Json, ids: Ids): Panel {
  const json = migratePanel(document)
  const type = isLibraryPanel(json) ? 'library panel' : (textAt(json, 'type') ?? 'unknown')
  const variable = textAt(json, 'repeat')
  const kind = toPanelKind(type)
  const standsIn = kind === undefined && objectsAt(json, 'targets').length > 0
  return {
    id: ids.of(json),
    title: textAt(json, 'title') ?? '',
    kind: standsIn ? 'table' : kind,
    type,
    standIn: standsIn
      ? `Panels of the kind “${type}” are not shown here, but their data is. ${reasonFor(type)}`
      : undefined,
    place: placeOf(json),
    json,
    targets: objectsAt(json, 'targets').filter((target) => flagAt(target, 'hide') !== true),
    repeat:
      variable === undefined || variable === ''
        ? undefined
        : {
            variable,
            direction: json['repeatDirection'] === 'v' ? 'v' : 'h',
            maxPerRow: numberAt(json, 'maxPerRow') ?? fromLeastWidth(numberAt(json, 'minSpan')) ?? 4,
          },
  }
}

/** Older dashboards said how wide a copy is at least. */
function fromLeastWidth(minSpan: number | undefined): number | undefined {
  return minSpan === undefined || minSpan <= 0 ? undefined : Math.max(1, Math.floor(24 / minSpan))
}

function placeOf(json: Json): GridPlace {
  const place = objectAt(json, 'gridPos')
  const w = Math.min(24, Math.max(1, numberAt(place, 'w') ?? 12))
  return {
    x: Math.min(24 - w, Math.max(0, xOf(json))),
    y: Math.max(0, yOf(json)),
    w,
    h: Math.max(1, numberAt(place, 'h') ?? 8),
  }
}

const xOf = (json: Json): number => numberAt(objectAt(json, 'gridPos'), 'x') ?? 0
const yOf = (json: Json): number => numberAt(objectAt(json, 'gridPos'), 'y') ?? 0

/** Panels have ids of their own; those without one, or with another's, get the next that is free. */
class Ids {
  readonly #used = new Set<number>()
  #next: number

  constructor(panels: readonly Json[]) {
    const all = panels.flatMap((panel) => [panel, ...objectsAt(panel, 'panels')])
    this.#next = 1 + all.reduce((most, panel) => Math.max(most, numberAt(panel, 'id') ?? 0), 0)
  }

  of(panel: Json): number {
    const own = numberAt(panel, 'id')
    const id = own === undefined || this.#used.has(own) ? this.#next++ : own
    this.#used.add(id)
    return id
  }
}
