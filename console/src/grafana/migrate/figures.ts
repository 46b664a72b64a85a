import { flagAt, isJson, type Json, numberAt, objectAt, objectsAt, textAt, textsAt } from '../json.ts'

/** `singlestat`, which Grafana had before `stat` and `gauge`. */
export function singleStatToStat(json: Json): Json {
  const gauge = objectAt(json, 'gauge')
  const isGauge = flagAt(gauge, 'show') === true
  const isColored = flagAt(json, 'colorValue') === true || flagAt(json, 'colorBackground') === true
  const own = objectAt(json, 'fieldConfig')
  const affixes = affixesOf(json)
  return {
    ...json,
    type: isGauge ? 'gauge' : 'stat',
    fieldConfig: {
      defaults: {
        unit: textAt(json, 'format') ?? 'none',
        ...ifNumber('decimals', numberAt(json, 'decimals')),
        ...(isGauge ? { min: numberAt(gauge, 'minValue') ?? 0, max: numberAt(gauge, 'maxValue') ?? 100 } : {}),
        ...(isColored || isGauge ? { thresholds: { mode: 'absolute', steps: stepsOf(json) } } : {}),
        ...(textAt(json, 'nullText') === undefined ? {} : { noValue: textAt(json, 'nullText') }),
        ...objectAt(own, 'defaults'),
        mappings: mappingsOf(json),
      },
      overrides: objectsAt(own, 'overrides'),
    },
    options: {
      reduceOptions: {
        calcs: [textAt(json, 'valueName') ?? 'avg'],
        ...(textAt(json, 'tableColumn') === undefined || textAt(json, 'tableColumn') === ''
          ? {}
          : { fields: `/^${escapeRegex(textAt(json, 'tableColumn') ?? '')}$/` }),
      },
      graphMode: flagAt(objectAt(json, 'sparkline'), 'show') === true ? 'area' : 'none',
      colorMode: flagAt(json, 'colorBackground') === true ? 'background' : 'value',
      textMode: json['valueName'] === 'name' ? 'name' : 'auto',
      ...affixes,
    },
  }
}

/** Words before and behind the figure, which no panel of today has. */
function affixesOf(json: Json): Json {
  const prefix = textAt(json, 'prefix') ?? ''
  const postfix = textAt(json, 'postfix') ?? ''
  return prefix === '' && postfix === '' ? {} : { affixes: { prefix, postfix } }
}

function escapeRegex(text: string): string {
  return text.replaceAll(/[\\^$*+?.()|[\]{}/]/g, String.raw`\$&`)
}

function stepsOf(json: Json): readonly Json[] {
  const values = (textAt(json, 'thresholds') ?? '')
    .split(',')
    .filter((value) => value.trim() !== '')
    .map(Number)
  const colors = textsAt(json, 'colors')
  return [
    { value: null, color: colors[0] ?? 'text' },
    ...values.map((value, at) => ({ value, color: colors[at + 1] ?? 'red' })),
  ]
}

function mappingsOf(json: Json): readonly Json[] {
  // 1: single values; 2: ranges. What is not chosen is kept by the editor, but means nothing.
  if (numberAt(json, 'mappingType') === 2) return objectsAt(json, 'rangeMaps').map((map) => ({ ...map, type: 2 }))
  return objectsAt(json, 'valueMaps').map((map) => ({ ...map, type: 1 }))
}

function ifNumber(key: string, value: number | undefined): Json {
  return value === undefined ? {} : { [key]: value }
}

/** Grafana 6 kept a gauge's field options under `options.fieldOptions`, and before that as options of its own. */
export function oldOptionsToFieldConfig(json: Json): Json {
  const options = objectAt(json, 'options')
  const old = options['fieldOptions']
  const own = objectAt(objectAt(json, 'fieldConfig'), 'defaults')
  if (isJson(old)) {
    return {
      ...json,
      fieldConfig: {
        defaults: { ...withSteps(objectAt(old, 'defaults'), old), ...own },
        overrides: objectsAt(old, 'overrides'),
      },
      options: { ...options, reduceOptions: { calcs: textsAt(old, 'calcs'), values: flagAt(old, 'values') ?? false } },
    }
  }
  const { valueOptions } = options
  if (!isJson(valueOptions)) return json
  const defaults = {
    unit: textAt(valueOptions, 'unit') ?? 'none',
    ...ifNumber('decimals', numberAt(valueOptions, 'decimals')),
    ...ifNumber('min', numberAt(options, 'minValue')),
    ...ifNumber('max', numberAt(options, 'maxValue')),
  }
  return {
    ...json,
    fieldConfig: { defaults: { ...withSteps(defaults, options), ...own }, overrides: [] },
    options: { ...options, reduceOptions: { calcs: textsAt(valueOptions, 'stat') } },
  }
}

/** Thresholds and mappings once stood beside the defaults. */
function withSteps(defaults: Json, beside: Json): Json {
  const steps = objectsAt(beside, 'thresholds')
  const mappings = objectsAt(beside, 'mappings')
  return {
    ...(steps.length === 0
      ? {}
      : {
          thresholds: {
            mode: 'absolute',
            steps: steps.map((step, at) => (at === 0 ? { ...step, value: null } : step)),
          },
        }),
    ...(mappings.length === 0 ? {} : { mappings }),
    ...defaults,
  }
}

/** `grafana-piechart-panel`, a plugin that came before `piechart`. */
export function oldPieToPie(json: Json): Json {
  const legend = objectAt(json, 'legend')
  const type = textAt(json, 'legendType') ?? 'Under graph'
  const colors = Object.entries(objectAt(json, 'aliasColors'))
  return {
    ...json,
    type: 'piechart',
    fieldConfig: {
      defaults: { unit: textAt(json, 'format') ?? 'short', ...ifNumber('decimals', numberAt(json, 'decimals')) },
      overrides: colors.map(([name, color]) => ({
        matcher: { id: 'byName', options: name },
        properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: color } }],
      })),
    },
    options: {
      pieType: json['pieType'] === 'donut' ? 'donut' : 'pie',
      reduceOptions: { calcs: [textAt(json, 'valueName') ?? 'current'] },
      legend: {
        showLegend: flagAt(legend, 'show') !== false,
        placement: type === 'Right side' ? 'right' : 'bottom',
        values: [
          ...(flagAt(legend, 'values') === true ? ['value'] : []),
          ...(flagAt(legend, 'percentage') === true ? ['percent'] : []),
        ],
      },
    },
  }
}
