import { flagAt, type Json, numberAt, objectAt, objectsAt, textAt, textsAt } from '../json.ts'

/** `graph`, which Grafana had before `timeseries`: the same in the form of today. */
export function graphToTimeSeries(json: Json): Json {
  const [left = {}, right = {}] = axesOf(json)
  const legend = objectAt(json, 'legend')
  const own = objectAt(json, 'fieldConfig')
  const ownDefaults = objectAt(own, 'defaults')
  const mode = textAt(objectAt(json, 'xaxis'), 'mode')
  const links = objectsAt(objectAt(json, 'options'), 'dataLinks')
  const fieldConfig = {
    defaults: {
      ...(links.length > 0 ? { links } : {}),
      ...defaultsOf(json, left),
      ...ownDefaults,
      custom: { ...customOf(json, left), ...objectAt(ownDefaults, 'custom') },
    },
    overrides: [...colorOverrides(json), ...seriesOverrides(json, right), ...objectsAt(own, 'overrides')],
  }
  return {
    ...json,
    type: mode === 'histogram' ? 'histogram' : mode === 'series' ? 'barchart' : 'timeseries',
    fieldConfig,
    options: {
      legend: {
        showLegend: flagAt(legend, 'show') !== false,
        displayMode: flagAt(legend, 'alignAsTable') === true ? 'table' : 'list',
        placement: flagAt(legend, 'rightSide') === true ? 'right' : 'bottom',
        calcs: ['min', 'max', 'avg', 'current', 'total'].filter((calc) => flagAt(legend, calc) === true),
        ...(textAt(legend, 'sort') === undefined
          ? {}
          : { sortBy: legend['sort'], sortDesc: flagAt(legend, 'sortDesc') ?? false }),
      },
      tooltip: { mode: flagAt(objectAt(json, 'tooltip'), 'shared') === false ? 'single' : 'multi' },
      // Bars of one figure a series.
      ...(mode === 'series' ? { reduceOptions: { calcs: textsAt(objectAt(json, 'xaxis'), 'values') } } : {}),
    },
  }
}

/** Left and right; the oldest graphs have their units beside each other and their limits in the grid. */
function axesOf(json: Json): readonly Json[] {
  const axes = objectsAt(json, 'yaxes')
  const units = textsAt(json, 'y_formats')
  if (axes.length > 0 || units.length === 0) return axes
  const grid = objectAt(json, 'grid')
  return [
    { format: units[0], min: grid['leftMin'], max: grid['leftMax'], logBase: grid['leftLogBase'] },
    { format: units[1], min: grid['rightMin'], max: grid['rightMax'], logBase: grid['rightLogBase'] },
  ]
}

function customOf(json: Json, axis: Json): Json {
  const isStacked = flagAt(json, 'stack') === true
  const isPercent = flagAt(json, 'percentage') === true
  const style = thresholdStyleOf(objectsAt(json, 'thresholds'))
  return {
    drawStyle: flagAt(json, 'bars') === true ? 'bars' : flagAt(json, 'lines') === false ? 'points' : 'line',
    lineWidth: numberAt(json, 'linewidth') ?? 1,
    fillOpacity: flagAt(json, 'bars') === true ? 100 : (numberAt(json, 'fill') ?? 1) * 10,
    spanNulls: json['nullPointMode'] === 'connected',
    ...(json['nullPointMode'] === 'null as zero' ? { nullAsZero: true } : {}),
    showPoints: flagAt(json, 'points') === true ? 'always' : 'never',
    pointSize: (numberAt(json, 'pointradius') ?? 2) * 2,
    lineInterpolation: flagAt(json, 'steppedLine') === true ? 'stepAfter' : 'linear',
    ...(flagAt(json, 'dashes') === true ? { lineStyle: { fill: 'dash' } } : {}),
    ...(isStacked ? { stacking: { mode: isPercent ? 'percent' : 'normal', group: 'A' } } : {}),
    ...scaleOf(axis),
    ...(textAt(axis, 'label') === undefined ? {} : { axisLabel: textAt(axis, 'label') }),
    ...(style === undefined ? {} : { thresholdsStyle: { mode: style } }),
  }
}

function scaleOf(axis: Json): Json {
  const log = numberAt(axis, 'logBase') ?? 1
  return log === 1 ? {} : { scaleDistribution: { type: 'log', log } }
}

function defaultsOf(json: Json, axis: Json): Json {
  const steps = stepsOf(objectsAt(json, 'thresholds'))
  return {
    unit: textAt(axis, 'format') ?? 'short',
    ...ifNumber('min', numberAt(axis, 'min')),
    ...ifNumber('max', numberAt(axis, 'max')),
    ...ifNumber('decimals', numberAt(axis, 'decimals') ?? numberAt(json, 'decimals')),
    ...(steps.length === 0 ? {} : { thresholds: { mode: 'absolute', steps } }),
  }
}

/** Above a value (`gt`) the colour begins; below one (`lt`) it ends there. */
function stepsOf(thresholds: readonly Json[]): readonly Json[] {
  if (thresholds.length === 0) return []
  const sorted = [...thresholds].sort((a, b) => (numberAt(a, 'value') ?? 0) - (numberAt(b, 'value') ?? 0))
  const [lowest] = sorted
  const base = lowest?.['op'] === 'lt' ? colorOf(lowest) : 'text'
  return [
    { value: null, color: base },
    ...sorted.map((one) => ({
      value: numberAt(one, 'value') ?? 0,
      color: one['op'] === 'lt' ? 'text' : colorOf(one),
    })),
  ]
}

function thresholdStyleOf(thresholds: readonly Json[]): string | undefined {
  if (thresholds.length === 0) return undefined
  const isFilled = thresholds.some((one) => flagAt(one, 'fill') === true)
  const isLined = thresholds.some((one) => flagAt(one, 'line') !== false)
  return isFilled ? (isLined ? 'line+area' : 'area') : 'line'
}

function colorOf(threshold: Json): string {
  const color = textAt(threshold, 'lineColor') ?? textAt(threshold, 'fillColor')
  if (color !== undefined) return color
  return threshold['colorMode'] === 'warning' ? 'orange' : threshold['colorMode'] === 'ok' ? 'green' : 'red'
}

function colorOverrides(json: Json): readonly Json[] {
  return Object.entries(objectAt(json, 'aliasColors')).map(([name, color]) => ({
    matcher: { id: 'byName', options: name },
    properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: color } }],
  }))
}

/** What the old graph said of single series, by an alias or `/an expression/`. */
function seriesOverrides(json: Json, right: Json): readonly Json[] {
  return objectsAt(json, 'seriesOverrides').map((override) => {
    const alias = textAt(override, 'alias') ?? ''
    return {
      matcher: { id: alias.startsWith('/') ? 'byRegexp' : 'byName', options: alias },
      properties: propertiesOf(override, right),
    }
  })
}

function propertiesOf(override: Json, right: Json): readonly Json[] {
  const found: Json[] = []
  const add = (id: string, value: unknown): void => {
    found.push({ id, value })
  }
  if (flagAt(override, 'bars') === true) add('custom.drawStyle', 'bars')
  if (flagAt(override, 'lines') === true) add('custom.drawStyle', 'line')
  if (flagAt(override, 'points') === true) {
    if (flagAt(override, 'lines') === false) add('custom.drawStyle', 'points')
    add('custom.showPoints', 'always')
  }
  const fill = numberAt(override, 'fill')
  if (fill !== undefined) add('custom.fillOpacity', fill * 10)
  const width = numberAt(override, 'linewidth')
  if (width !== undefined) add('custom.lineWidth', width)
  const { stack } = override
  if (stack === false) add('custom.stacking', { mode: 'none' })
  if (stack === true) add('custom.stacking', { mode: 'normal', group: 'A' })
  if (typeof stack === 'string') add('custom.stacking', { mode: 'normal', group: stack })
  const color = textAt(override, 'color')
  if (color !== undefined) add('color', { mode: 'fixed', fixedColor: color })
  if (override['transform'] === 'negative-Y') add('custom.transform', 'negative-Y')
  if (flagAt(override, 'dashes') === true) add('custom.lineStyle', { fill: 'dash' })
  const below = textAt(override, 'fillBelowTo')
  if (below !== undefined) add('custom.fillBelowTo', below)
  if (override['nullPointMode'] === 'connected') add('custom.spanNulls', true)
  if (flagAt(override, 'steppedLine') === true) add('custom.lineInterpolation', 'stepAfter')
  if (flagAt(override, 'legend') === false) add('custom.hideFrom', { legend: true, tooltip: false, viz: false })
  if (flagAt(override, 'hiddenSeries') === true) add('custom.hideFrom', { legend: false, tooltip: true, viz: true })
  if (numberAt(override, 'yaxis') === 2) {
    add('custom.axisPlacement', 'right')
    add('unit', textAt(right, 'format') ?? 'short')
    for (const key of ['min', 'max', 'decimals']) {
      const value = numberAt(right, key)
      if (value !== undefined) add(key, value)
    }
    const { scaleDistribution } = scaleOf(right)
    if (scaleDistribution !== undefined) add('custom.scaleDistribution', scaleDistribution)
    if (textAt(right, 'label') !== undefined) add('custom.axisLabel', textAt(right, 'label'))
  }
  return found
}

function ifNumber(key: string, value: number | undefined): Json {
  return value === undefined ? {} : { [key]: value }
}
