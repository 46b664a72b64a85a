import { flagAt, isJson, type Json, numberAt, objectAt, objectsAt, textAt } from './json.ts'

/** Whether the document is a resource of Kubernetes' style: `{ apiVersion, kind: 'Dashboard', spec }`. */
export function isResource(document: Json): boolean {
  const { spec } = document
  return (
    isJson(spec) && ('elements' in spec || (textAt(document, 'apiVersion') ?? '').startsWith('dashboard.grafana.app/'))
  )
}

/** The classic form of it: version 1 holds that as its `spec`; version 2 is translated. */
export function toClassic(document: Json): Json {
  const spec = objectAt(document, 'spec')
  const uid = textAt(objectAt(document, 'metadata'), 'name')
  const own = uid === undefined ? {} : { uid }
  if (!('elements' in spec)) return { ...own, ...spec }
  const time = objectAt(spec, 'timeSettings')
  return {
    ...own,
    ...(textAt(spec, 'title') === undefined ? {} : { title: spec['title'] }),
    description: textAt(spec, 'description') ?? '',
    tags: spec['tags'] ?? [],
    links: spec['links'] ?? [],
    graphTooltip: spec['cursorSync'] === 'Off' ? 0 : 1,
    editable: flagAt(spec, 'editable') ?? true,
    refresh: textAt(time, 'autoRefresh') ?? '',
    timezone: textAt(time, 'timezone') ?? '',
    weekStart: textAt(time, 'weekStart') ?? '',
    fiscalYearStartMonth: numberAt(time, 'fiscalYearStartMonth') ?? 0,
    timepicker: { nowDelay: textAt(time, 'nowDelay') ?? '' },
    time: { from: textAt(time, 'from') ?? 'now-6h', to: textAt(time, 'to') ?? 'now' },
    templating: { list: objectsAt(spec, 'variables').map(toVariable) },
    annotations: { list: objectsAt(spec, 'annotations').map(toAnnotation) },
    panels: new Layout(objectAt(spec, 'elements')).panels(objectAt(spec, 'layout')),
    schemaVersion: 41,
  }
}

const VARIABLE_TYPES: Readonly<Record<string, string>> = {
  AdhocVariable: 'adhoc',
  ConstantVariable: 'constant',
  CustomVariable: 'custom',
  DatasourceVariable: 'datasource',
  GroupByVariable: 'groupby',
  IntervalVariable: 'interval',
  QueryVariable: 'query',
  SwitchVariable: 'switch',
  TextVariable: 'textbox',
}

const HIDE: Readonly<Record<string, number>> = { hideLabel: 1, hideVariable: 2, inControlsMenu: 0 }
const SORTS: readonly string[] = [
  'disabled',
  'alphabeticalAsc',
  'alphabeticalDesc',
  'numericalAsc',
  'numericalDesc',
  'alphabeticalCaseInsensitiveAsc',
  'alphabeticalCaseInsensitiveDesc',
  'naturalAsc',
  'naturalDesc',
]

function toVariable(json: Json): Json {
  const spec = objectAt(json, 'spec')
  const kind = textAt(json, 'kind') ?? ''
  const query = objectAt(spec, 'query')
  const isQuery = kind === 'QueryVariable'
  return {
    ...spec,
    type: VARIABLE_TYPES[kind] ?? kind,
    hide: HIDE[textAt(spec, 'hide') ?? ''] ?? 0,
    sort: Math.max(0, SORTS.indexOf(textAt(spec, 'sort') ?? '')),
    ...(isQuery ? { query: queryText(query, spec), datasource: sourceOf(query) ?? spec['datasource'] } : {}),
    ...(kind === 'DatasourceVariable' ? { query: textAt(spec, 'pluginId') ?? '' } : {}),
  }
}

function queryText(query: Json, spec: Json): unknown {
  const inner = objectAt(query, 'spec')
  const legacy = inner['__legacyStringValue']
  if (typeof legacy === 'string') return legacy
  return Object.keys(inner).length > 0 ? inner : (textAt(spec, 'definition') ?? '')
}

/** `{ kind: 'prometheus', spec }` of the first form, `{ kind: 'DataQuery', group: 'prometheus', datasource: { name } }` of the second. */
function sourceOf(query: Json): Json | undefined {
  const kind = textAt(query, 'kind')
  const type = textAt(query, 'group') ?? (kind === 'DataQuery' ? undefined : kind)
  const name = textAt(objectAt(query, 'datasource'), 'name')
  if (type === undefined && name === undefined) return undefined
  return { ...(type === undefined ? {} : { type }), ...(name === undefined ? {} : { uid: name }) }
}

function toAnnotation(json: Json): Json {
  const spec = objectAt(json, 'spec')
  const query = objectAt(spec, 'query')
  const datasource = sourceOf(query) ?? spec['datasource']
  return {
    ...objectAt(spec, 'legacyOptions'),
    ...objectAt(query, 'spec'),
    ...spec,
    target: objectAt(query, 'spec'),
    datasource,
  }
}

/** Elements are named; layouts of four kinds, one in the other, say where they stand. */
class Layout {
  readonly #elements: Json
  #y = 0

  constructor(elements: Json) {
    this.#elements = elements
  }

  panels(layout: Json): readonly Json[] {
    const spec = objectAt(layout, 'spec')
    switch (layout['kind']) {
      case 'RowsLayout':
        return objectsAt(spec, 'rows').flatMap((row) => this.#row(row))
      case 'TabsLayout':
        // Tabs become rows: all of them can be seen.
        return objectsAt(spec, 'tabs').flatMap((tab) => this.#row(tab))
      case 'AutoGridLayout':
      case 'ResponsiveGridLayout':
        return this.#automatic(spec)
      default:
        return this.#grid(spec)
    }
  }

  #row(row: Json): readonly Json[] {
    const spec = objectAt(row, 'spec')
    const repeat = textAt(objectAt(spec, 'repeat'), 'value')
    const head: Json = {
      type: 'row',
      title: textAt(spec, 'title') ?? '',
      gridPos: { x: 0, y: this.#y, w: 24, h: 1 },
      ...(repeat === undefined ? {} : { repeat }),
    }
    this.#y += 1
    const isCollapsed = flagAt(spec, 'collapse') === true
    const inner = this.panels(objectAt(spec, 'layout'))
    return isCollapsed
      ? [{ ...head, collapsed: true, panels: inner }]
      : [{ ...head, collapsed: false, panels: [] }, ...inner]
  }

  #grid(spec: Json): readonly Json[] {
    const top = this.#y
    return objectsAt(spec, 'items').flatMap((item) => {
      const place = objectAt(item, 'spec')
      if (item['kind'] === 'GridLayoutRow') {
        this.#y = Math.max(this.#y, top + (numberAt(place, 'y') ?? 0))
        const rows = {
          spec: {
            ...place,
            collapse: place['collapsed'],
            layout: { kind: 'GridLayout', spec: { items: place['elements'] } },
          },
        }
        return this.#row(rows)
      }
      const gridPos = {
        x: numberAt(place, 'x') ?? 0,
        y: top + (numberAt(place, 'y') ?? 0),
        w: numberAt(place, 'width') ?? 12,
        h: numberAt(place, 'height') ?? 8,
      }
      this.#y = Math.max(this.#y, gridPos.y + gridPos.h)
      return [this.#panel(place, gridPos)]
    })
  }

  #automatic(spec: Json): readonly Json[] {
    const columns = Math.min(6, Math.max(1, numberAt(spec, 'maxColumnCount') ?? 3))
    const w = Math.floor(24 / columns)
    const top = this.#y
    return objectsAt(spec, 'items').map((item, at) => {
      const gridPos = { x: (at % columns) * w, y: top + Math.floor(at / columns) * 9, w, h: 9 }
      this.#y = gridPos.y + gridPos.h
      return this.#panel(objectAt(item, 'spec'), gridPos)
    })
  }

  #panel(item: Json, gridPos: Json): Json {
    const element = objectAt(this.#elements, textAt(objectAt(item, 'element'), 'name') ?? '')
    const spec = objectAt(element, 'spec')
    const repeat = objectAt(item, 'repeat')
    const repeated =
      textAt(repeat, 'value') === undefined
        ? {}
        : { repeat: repeat['value'], repeatDirection: repeat['direction'] ?? 'h', maxPerRow: repeat['maxPerRow'] }
    const common = { id: spec['id'], title: textAt(spec, 'title') ?? '', gridPos, ...repeated }
    if (element['kind'] === 'LibraryPanel') return { ...common, libraryPanel: spec['libraryPanel'] ?? {} }
    const data = objectAt(objectAt(spec, 'data'), 'spec')
    const viz = objectAt(spec, 'vizConfig')
    const look = objectAt(viz, 'spec')
    const kind = textAt(viz, 'group') ?? textAt(viz, 'kind') ?? 'unknown'
    return {
      ...objectAt(data, 'queryOptions'),
      ...common,
      type: kind,
      description: textAt(spec, 'description') ?? '',
      links: spec['links'] ?? [],
      transparent: flagAt(spec, 'transparent') ?? false,
      fieldConfig: look['fieldConfig'] ?? { defaults: {}, overrides: [] },
      options: look['options'] ?? {},
      targets: objectsAt(data, 'queries').map(toTarget),
      transformations: objectsAt(data, 'transformations').map((one) => {
        const inner = objectAt(one, 'spec')
        return { ...inner, id: textAt(inner, 'id') ?? textAt(one, 'group') ?? textAt(one, 'kind') ?? '' }
      }),
    }
  }
}

function toTarget(json: Json): Json {
  const spec = objectAt(json, 'spec')
  const query = objectAt(spec, 'query')
  const datasource = sourceOf(query) ?? spec['datasource']
  return {
    ...objectAt(query, 'spec'),
    refId: textAt(spec, 'refId') ?? 'A',
    hide: flagAt(spec, 'hidden') ?? false,
    ...(datasource === undefined ? {} : { datasource }),
  }
}
