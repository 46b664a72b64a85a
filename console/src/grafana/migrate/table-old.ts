import { flagAt, type Json, numberAt, objectAt, objectsAt, textAt, textsAt } from '../json.ts'

/** Tables before Grafana 7: `styles` by columns, and a `transform` of their own. */
export function oldTableToTable(json: Json): Json {
  const styles = objectsAt(json, 'styles')
  const own = objectAt(json, 'fieldConfig')
  // The last style is for what no other names.
  const rest = styles.findLast((style) => style['pattern'] === '/.*/')
  const named = styles.filter((style) => style !== rest)
  return {
    ...json,
    type: 'table',
    fieldConfig: {
      defaults: { ...(rest === undefined ? {} : Object.fromEntries(propertiesOf(rest))), ...objectAt(own, 'defaults') },
      overrides: [...named.map(overrideOf), ...objectsAt(own, 'overrides')],
    },
    transformations: [...objectsAt(json, 'transformations'), ...transformationsOf(json)],
    options: { ...objectAt(json, 'options'), sortBy: sortOf(json) },
  }
}

function overrideOf(style: Json): Json {
  const pattern = textAt(style, 'pattern') ?? ''
  return {
    matcher: { id: pattern.startsWith('/') ? 'byRegexp' : 'byName', options: pattern },
    properties: propertiesOf(style).map(([id, value]) => ({ id, value })),
  }
}

function propertiesOf(style: Json): readonly (readonly [string, unknown])[] {
  const found: (readonly [string, unknown])[] = []
  const alias = textAt(style, 'alias')
  if (alias !== undefined && alias !== '' && style['pattern'] !== '/.*/') found.push(['displayName', alias])
  switch (style['type']) {
    case 'hidden':
      found.push(['custom.hidden', true])
      break
    case 'date':
      found.push(['unit', `time: ${textAt(style, 'dateFormat') ?? ''}`])
      break
    case 'number': {
      found.push(['unit', textAt(style, 'unit') ?? 'short'])
      const decimals = numberAt(style, 'decimals')
      if (decimals !== undefined) found.push(['decimals', decimals])
      break
    }
    default:
      break
  }
  const thresholds = textsAt(style, 'thresholds').filter((value) => value !== '')
  const mode = textAt(style, 'colorMode')
  if (mode !== undefined && thresholds.length > 0) {
    const colors = textsAt(style, 'colors')
    const steps = thresholds.map((value, at) => ({ value: Number(value), color: colors[at + 1] ?? 'red' }))
    found.push(['thresholds', { mode: 'absolute', steps: [{ value: null, color: colors[0] ?? 'text' }, ...steps] }])
    found.push(['custom.cellOptions', { type: mode === 'value' ? 'color-text' : 'color-background' }])
  }
  const maps = objectsAt(style, 'valueMaps').map((map) => ({ ...map, type: 1 }))
  if (maps.length > 0) found.push(['mappings', maps])
  if (flagAt(style, 'link') === true) {
    const url = textAt(style, 'linkUrl') ?? ''
    const title = textAt(style, 'linkTooltip') ?? ''
    found.push(['links', [{ url, title, targetBlank: flagAt(style, 'linkTargetBlank') ?? false }]])
  }
  return found
}

function transformationsOf(json: Json): readonly Json[] {
  switch (json['transform']) {
    case 'timeseries_aggregations': {
      const reducers = objectsAt(json, 'columns').map((column) => textAt(column, 'value') ?? '')
      return [{ id: 'reduce', options: { reducers } }]
    }
    case 'timeseries_to_columns':
      return [{ id: 'joinByField', options: {} }]
    case 'timeseries_to_rows':
      return [{ id: 'seriesToRows', options: {} }]
    case 'table':
      return objectsAt(json, 'targets').length > 1 ? [{ id: 'merge', options: {} }] : []
    default:
      return []
  }
}

function sortOf(json: Json): readonly Json[] {
  const sort = objectAt(json, 'sort')
  return numberAt(sort, 'col') === undefined ? [] : [{ column: sort['col'], desc: flagAt(sort, 'desc') ?? false }]
}
