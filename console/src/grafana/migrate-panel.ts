import { flagAt, isJson, type Json, numberAt, objectAt, objectsAt, textAt, textsAt } from './json.ts'

/**
 * Panels of kinds that Grafana gave up, in the form of those that it replaced them with: `graph` → `timeseries`, `singlestat`
 * → `stat`, old tables → `table`. Panels of today are as they were.
 */
export function migratePanel(json: Json): Json {
  switch (json['type']) {
    case 'graph':
      return graphToTimeSeries(json)
    case 'singlestat':
    case 'grafana-singlestat-panel':
      return singleStatToStat(json)
    case 'table-old':
      return { ...json, type: 'table' }
    case 'gauge':
    case 'bargauge':
    case 'stat':
      return oldOptionsToFieldConfig(json)
    default:
      return json
  }
}

function graphToTimeSeries(json: Json): Json {
  const [axis = {}] = objectsAt(json, 'yaxes')
  const legend = objectAt(json, 'legend')
  const isStacked = flagAt(json, 'stack') === true
  const isBars = flagAt(json, 'bars') === true
  const calcs = ['min', 'max', 'avg', 'current', 'total'].filter((calc) => flagAt(legend, calc) === true)
  const isPercent = flagAt(json, 'percentage') === true
  const custom = {
    drawStyle: isBars ? 'bars' : flagAt(json, 'lines') === false ? 'points' : 'line',
    lineWidth: numberAt(json, 'linewidth') ?? 1,
    fillOpacity: (numberAt(json, 'fill') ?? 1) * 10,
    spanNulls: json['nullPointMode'] === 'connected',
    lineInterpolation: flagAt(json, 'steppedLine') === true ? 'stepAfter' : 'linear',
    ...(isStacked ? { stacking: { mode: isPercent ? 'percent' : 'normal' } } : {}),
    ...(numberAt(axis, 'logBase') === undefined || numberAt(axis, 'logBase') === 1
      ? {}
      : { scaleDistribution: { type: 'log', log: numberAt(axis, 'logBase') } }),
    ...(textAt(axis, 'label') === undefined ? {} : { axisLabel: textAt(axis, 'label') }),
  }
  const steps = objectsAt(json, 'thresholds').map((threshold) => ({
    value: numberAt(threshold, 'value') ?? 0,
    color: colorOf(threshold),
  }))
  const defaults = {
    unit: textAt(axis, 'format') ?? 'short',
    custom: { ...custom, ...(steps.length === 0 ? {} : { thresholdsStyle: { mode: 'line' } }) },
    ...ifNumber('min', numberAt(axis, 'min')),
    ...ifNumber('max', numberAt(axis, 'max')),
    ...ifNumber('decimals', numberAt(axis, 'decimals') ?? numberAt(json, 'decimals')),
    ...(steps.length === 0
      ? {}
      : { thresholds: { mode: 'absolute', steps: [{ value: null, color: 'text' }, ...steps] } }),
  }
  const own = objectAt(json, 'fieldConfig')
  return {
    ...json,
    type: 'timeseries',
    fieldConfig: {
      defaults: { ...defaults, ...objectAt(own, 'defaults') },
      overrides: [...overridesOfSeries(json), ...objectsAt(own, 'overrides')],
    },
    options: {
      legend: {
        showLegend: flagAt(legend, 'show') !== false,
        displayMode: flagAt(legend, 'alignAsTable') === true ? 'table' : 'list',
        placement: flagAt(legend, 'rightSide') === true ? 'right' : 'bottom',
        calcs,
      },
      tooltip: { mode: flagAt(objectAt(json, 'tooltip'), 'shared') === false ? 'single' : 'multi' },
    },
  }
}

function colorOf(threshold: Json): string {
  const color = textAt(threshold, 'lineColor') ?? textAt(threshold, 'fillColor')
  if (color !== undefined) return color
  return threshold['colorMode'] === 'warning' ? 'orange' : threshold['colorMode'] === 'ok' ? 'green' : 'red'
}

/** What the old graph said of single series, by an alias or `/an expression/`. */
function overridesOfSeries(json: Json): readonly Json[] {
  const colors = objectAt(json, 'aliasColors')
  const byColor = Object.entries(colors).map(([name, color]) => ({
    matcher: { id: 'byName', options: name },
    properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: color } }],
  }))
  const bySeries = objectsAt(json, 'seriesOverrides').map((override) => {
    const alias = textAt(override, 'alias') ?? ''
    const properties: { id: string; value: unknown }[] = []
    if (flagAt(override, 'bars') === true) properties.push({ id: 'custom.drawStyle', value: 'bars' })
    const fill = numberAt(override, 'fill')
    if (fill !== undefined) properties.push({ id: 'custom.fillOpacity', value: fill * 10 })
    if (override['stack'] === false) properties.push({ id: 'custom.stacking', value: { mode: 'none' } })
    const color = textAt(override, 'color')
    if (color !== undefined) properties.push({ id: 'color', value: { mode: 'fixed', fixedColor: color } })
    if (override['transform'] === 'negative-Y') properties.push({ id: 'custom.transform', value: 'negative-Y' })
    if (flagAt(override, 'dashes') === true) properties.push({ id: 'custom.lineStyle', value: { fill: 'dash' } })
    return { matcher: { id: alias.startsWith('/') ? 'byRegexp' : 'byName', options: alias }, properties }
  })
  return [...byColor, ...bySeries]
}

function ifNumber(key: string, value: number | undefined): Json {
  return value === undefined ? {} : { [key]: value }
}

function singleStatToStat(json: Json): Json {
  const values = (textAt(json, 'thresholds') ?? '')
    .split(',')
    .filter((value) => value.trim() !== '')
    .map(Number)
  const colors = textsAt(json, 'colors')
  const steps = [
    { value: null, color: colors[0] ?? 'text' },
    ...values.map((value, at) => ({ value, color: colors[at + 1] ?? 'red' })),
  ]
  const gauge = objectAt(json, 'gauge')
  const isGauge = flagAt(gauge, 'show') === true
  const isColored = flagAt(json, 'colorValue') === true || flagAt(json, 'colorBackground') === true
  const prefix = textAt(json, 'prefix') ?? ''
  const mappings = objectsAt(json, 'valueMaps').map((map) => ({ ...map, type: 1 }))
  return {
    ...json,
    type: isGauge ? 'gauge' : 'stat',
    fieldConfig: {
      defaults: {
        unit: textAt(json, 'format') ?? 'short',
        ...ifNumber('decimals', numberAt(json, 'decimals')),
        ...(isGauge ? { min: numberAt(gauge, 'minValue') ?? 0, max: numberAt(gauge, 'maxValue') ?? 100 } : {}),
        ...(isColored || isGauge ? { thresholds: { mode: 'absolute', steps } } : {}),
        mappings,
      },
      overrides: [],
    },
    options: {
      reduceOptions: { calcs: [textAt(json, 'valueName') ?? 'avg'] },
      graphMode: flagAt(objectAt(json, 'sparkline'), 'show') === true ? 'area' : 'none',
      colorMode: flagAt(json, 'colorBackground') === true ? 'background' : 'value',
      ...(prefix === '' ? {} : { text: { prefix } }),
    },
  }
}

/** Grafana 6 kept a gauge's field options under `options.fieldOptions`. */
function oldOptionsToFieldConfig(json: Json): Json {
  const options = objectAt(json, 'options')
  const old = options['fieldOptions']
  if (!isJson(old)) return json
  const own = objectAt(objectAt(json, 'fieldConfig'), 'defaults')
  return {
    ...json,
    fieldConfig: { defaults: { ...objectAt(old, 'defaults'), ...own }, overrides: objectsAt(old, 'overrides') },
    options: { ...options, reduceOptions: { calcs: textsAt(old, 'calcs'), values: flagAt(old, 'values') ?? false } },
  }
}
