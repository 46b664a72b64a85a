import { flagAt, isJson, type Json, numberAt, objectAt, objectsAt, textAt, textsAt } from '../json.ts'
import { ALL } from './interpolate.ts'
import type { Option } from './query.ts'

/** A variable as the dashboard defines it. */
export interface VariableDefinition {
  readonly name: string
  readonly label: string
  readonly description: string
  readonly kind: VariableKind
  /** Its own text: a query, a list, a plugin's id, a constant. */
  readonly query: string
  /** By type and uid; a text may hold another variable. */
  readonly datasource: DataSourceRef | undefined
  readonly multi: boolean
  readonly includeAll: boolean
  readonly allValue: string | undefined
  /** What picks options out of the answer. */
  readonly regex: string
  /** Grafana's number for the order of options. */
  readonly sort: number
  readonly hide: 'no' | 'label' | 'whole'
  readonly options: readonly Option[]
  readonly current: { readonly values: readonly string[]; readonly texts: readonly string[] }
  /** Of an interval: whether `auto` is among the choices. */
  readonly auto: { readonly steps: number; readonly least: string } | undefined
  readonly json: Json
}

const VARIABLE_KINDS = ['adhoc', 'constant', 'custom', 'datasource', 'interval', 'query', 'switch', 'textbox'] as const
/** Undefined for a kind that is not known. */
export type VariableKind = (typeof VARIABLE_KINDS)[number] | undefined

export interface DataSourceRef {
  readonly type: string | undefined
  /** A uid, a name, or a reference to a variable: `${datasource}`. */
  readonly uid: string | undefined
}

export function readVariables(templating: Json): readonly VariableDefinition[] {
  return objectsAt(templating, 'list').map(readVariable)
}

/**
 * What an exported dashboard asks its importer: data sources (`${DS_PROMETHEUS}`) and constants (`${VAR_X}`), as variables that
 * nobody chooses.
 */
export function inputVariables(dashboard: Json): readonly VariableDefinition[] {
  return objectsAt(dashboard, '__inputs').map((input) => {
    const isSource = input['type'] === 'datasource'
    const value = textAt(input, 'value') ?? ''
    return readVariable({
      name: textAt(input, 'name') ?? '',
      label: textAt(input, 'label') ?? '',
      type: isSource ? 'datasource' : 'constant',
      query: isSource ? (textAt(input, 'pluginId') ?? 'prometheus') : value,
      hide: 2,
      ...(isSource ? {} : { current: { value, text: value } }),
    })
  })
}

/** Old dashboards name a data source by a text. */
export function readDataSource(value: unknown): DataSourceRef | undefined {
  if (typeof value === 'string') return { type: undefined, uid: value }
  if (!isJson(value)) return undefined
  return { type: textAt(value, 'type'), uid: textAt(value, 'uid') }
}

function readVariable(json: Json): VariableDefinition {
  const kind = VARIABLE_KINDS.find((candidate) => candidate === json['type'])
  const query = queryOf(json)
  const current = objectAt(json, 'current')
  const values = textsAt(current, 'value')
  const texts = textsAt(current, 'text')
  const auto = flagAt(json, 'auto') === true
  return {
    name: textAt(json, 'name') ?? '',
    label: nonEmpty(textAt(json, 'label')) ?? textAt(json, 'name') ?? '',
    description: textAt(json, 'description') ?? '',
    kind,
    query,
    datasource: readDataSource(json['datasource']),
    multi: flagAt(json, 'multi') ?? false,
    includeAll: flagAt(json, 'includeAll') ?? false,
    allValue: textAt(json, 'allValue') === '' ? undefined : textAt(json, 'allValue'),
    regex: textAt(json, 'regex') ?? '',
    sort: numberAt(json, 'sort') ?? 0,
    hide: json['hide'] === 2 || json['hide'] === true ? 'whole' : json['hide'] === 1 ? 'label' : 'no',
    options: optionsOf(kind, query, json),
    current: { values: values.map((value) => (value === 'All' ? ALL : value)), texts },
    auto: auto ? { steps: numberAt(json, 'auto_count') ?? 30, least: textAt(json, 'auto_min') ?? '10s' } : undefined,
    json,
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

/** A text, or `{ query, refId }`; Loki's and Tempo's editors write objects of their own. */
function queryOf(json: Json): string {
  const query = json['query']
  if (typeof query === 'string') return query
  if (!isJson(query)) return ''
  const text = textAt(query, 'query') ?? textAt(query, 'definition') ?? ofBuilder(query)
  if (text !== undefined) return text
  const label = textAt(query, 'label')
  // Loki's and Tempo's: 0 asks for names of labels.
  if (label === undefined || label === '') return query['type'] === 0 ? 'label_names()' : ''
  const stream = textAt(query, 'stream') ?? ''
  return stream === '' ? `label_values(${label})` : `label_values(${stream}, ${label})`
}

/** What Prometheus' editor keeps beside the text, where it kept only that. */
function ofBuilder(query: Json): string | undefined {
  const label = textAt(query, 'label') ?? ''
  const metric = textAt(query, 'metric') ?? ''
  switch (query['qryType']) {
    case 0:
      return 'label_names()'
    case 1:
      return metric === '' ? `label_values(${label})` : `label_values(${metric}, ${label})`
    case 2:
      return `metrics(${textAt(query, 'metricRegex') ?? '.*'})`
    case 3:
      return `query_result(${textAt(query, 'varQuery') ?? ''})`
    case 4:
      return textAt(query, 'seriesQuery') ?? ''
    default:
      return undefined
  }
}

function optionsOf(kind: VariableKind, query: string, json: Json): readonly Option[] {
  if (kind === 'custom') return json['valuesFormat'] === 'json' ? jsonOptions(query) : customOptions(query)
  if (kind === 'switch') {
    return [textAt(json, 'enabledValue') ?? 'true', textAt(json, 'disabledValue') ?? 'false'].map((value) => ({
      text: value,
      value,
    }))
  }
  if (kind === 'interval') {
    return query
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '' && one !== 'auto')
      .map((one) => ({ text: one, value: one }))
  }
  return objectsAt(json, 'options').map((option) => {
    const value = textsAt(option, 'value')[0] ?? ''
    return { text: textsAt(option, 'text')[0] ?? value, value }
  })
}

/** A list of texts, or of objects with `text`, `value` and what else `${name.field}` may ask for. */
function jsonOptions(query: string): readonly Option[] {
  let list: unknown
  try {
    list = JSON.parse(query)
  } catch {
    return []
  }
  if (!Array.isArray(list)) return []
  return list.flatMap((one: unknown): readonly Option[] => {
    if (!isJson(one)) return [{ text: String(one), value: String(one) }]
    const fields = Object.fromEntries(
      Object.entries(one).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
    )
    const value = fields['value'] ?? ''
    return [{ text: fields['text'] ?? value, value, fields }]
  })
}

/** `a, b : value, with\, comma`. */
function customOptions(query: string): readonly Option[] {
  return query
    .split(/(?<!\\),/)
    .map((one) => one.trim().replaceAll('\\,', ','))
    .filter((one) => one !== '')
    .map((one) => {
      const pair = /^(.+?)\s+:\s+(.+)$/.exec(one)
      return pair === null ? { text: one, value: one } : { text: pair[1] ?? '', value: pair[2] ?? '' }
    })
}
