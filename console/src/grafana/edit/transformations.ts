import { isJson, type Json, objectAt, textAt, textsAt } from '../json.ts'

/** How an option of a transformation is edited. `path` is its place in the options. */
export interface TransformationField {
  readonly path: readonly string[]
  readonly words: string
  readonly kind: 'text' | 'number' | 'flag' | 'list' | 'pairs' | { readonly choices: readonly string[] }
}

const field = (path: string, words: string, kind: TransformationField['kind'] = 'text'): TransformationField => ({
  path: path.split('.'),
  words,
  kind,
})

/** The common options by transformation. Others, and all of those that are not here, are edited as JSON. */
const FIELDS: Readonly<Record<string, readonly TransformationField[]>> = {
  calculateField: [
    field('mode', 'Out of', { choices: ['binary', 'reduceRow'] }),
    field('binary.left', 'Left'),
    field('binary.operator', 'Operator', { choices: ['+', '-', '*', '/', '%', '**'] }),
    field('binary.right', 'Right'),
    field('reduce.reducer', 'Each row comes down to its', { choices: ['sum', 'mean', 'min', 'max', 'count', 'range'] }),
    field('alias', 'Called'),
    field('replaceFields', 'In place of all others', 'flag'),
  ],
  concatenate: [],
  extractFields: [
    field('source', 'Column'),
    field('format', 'Form', { choices: ['auto', 'json', 'kvp'] }),
    field('replace', 'In place of all others', 'flag'),
  ],
  filterByRefId: [field('include', 'Queries, as an expression: A|B')],
  filterFieldsByName: [
    field('include.names', 'Keep, one a line', 'list'),
    field('include.pattern', 'or an expression'),
  ],
  formatTime: [field('timeField', 'Column'), field('outputFormat', 'Form: YYYY-MM-DD HH:mm')],
  groupingToMatrix: [
    field('columnField', 'A column for each'),
    field('rowField', 'A row for each'),
    field('valueField', 'Cells are of'),
  ],
  joinByField: [field('byField', 'By the field'), field('mode', 'Rows', { choices: ['outer', 'inner'] })],
  labelsToFields: [
    field('mode', 'Labels become', { choices: ['columns', 'rows'] }),
    field('valueLabel', 'The value is called by the label'),
    field('keepLabels', 'Keep only, one a line', 'list'),
  ],
  limit: [field('limitField', 'Rows at most', 'number')],
  merge: [],
  organize: [
    field('excludeByName', 'Hide, one a line', 'list'),
    field('renameByName', 'Rename, a line each: name = new name', 'pairs'),
  ],
  partitionByValues: [field('fields', 'Columns, one a line', 'list')],
  prepareTimeSeries: [],
  reduce: [
    field('mode', 'As', { choices: ['seriesToRows', 'reduceFields'] }),
    field('reducers', 'Figures, one a line: max, mean, lastNotNull', 'list'),
  ],
  renameByRegex: [field('regex', 'Expression'), field('renamePattern', 'New name, with $1')],
  seriesToRows: [],
  sortBy: [field('sort.0.field', 'By the column'), field('sort.0.desc', 'Greatest first', 'flag')],
  transpose: [],
}

/** What Grafana expects to be there of each. */
const INITIAL: Readonly<Record<string, Json>> = {
  calculateField: { mode: 'binary', binary: { left: '', operator: '+', right: '' }, reduce: { reducer: 'sum' } },
  convertFieldType: { fields: {}, conversions: [] },
  filterByValue: { filters: [], type: 'include', match: 'all' },
  filterFieldsByName: { include: { names: [] } },
  groupBy: { fields: {} },
  joinByField: { byField: '', mode: 'outer' },
  labelsToFields: { mode: 'columns' },
  limit: { limitField: 10 },
  organize: { excludeByName: {}, indexByName: {}, renameByName: {} },
  partitionByValues: { fields: [], keepFields: false },
  reduce: { reducers: ['lastNotNull'], mode: 'seriesToRows' },
  renameByRegex: { regex: '(.*)', renamePattern: '$1' },
  sortBy: { fields: {}, sort: [{ field: '' }] },
}

/** A transformation as it is added. */
export function newTransformation(id: string): Json {
  return { id, options: INITIAL[id] ?? {} }
}

/** Undefined for those that have no form of their own. */
export function fieldsOf(id: string, options: Json): readonly TransformationField[] | undefined {
  const fields = Object.hasOwn(FIELDS, id) ? FIELDS[id] : undefined
  if (id !== 'calculateField') return fields
  const isRow = options['mode'] === 'reduceRow'
  return fields?.filter(({ path }) => (path[0] === 'binary' ? !isRow : path[0] === 'reduce' ? isRow : true))
}

export function readOption(options: Json, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (Array.isArray(value) ? (value as unknown[])[Number(key)] : isJson(value) ? value[key] : undefined),
    options,
  )
}

/** The options with one of them changed; objects and lists on the way are made where there are none. */
export function writeOption(options: Json, path: readonly string[], value: unknown): Json {
  const written = put(options, path, value)
  return isJson(written) ? written : options
}

function put(into: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value
  if (/^\d+$/.test(key)) {
    const list: unknown[] = Array.isArray(into) ? [...(into as unknown[])] : []
    list[Number(key)] = put(list[Number(key)], rest, value)
    return list
  }
  const object = isJson(into) ? into : {}
  return { ...object, [key]: put(object[key], rest, value) }
}

/** A list as lines: of names, or of the names that an object marks with `true`. */
export function toLines(value: unknown): string {
  if (isJson(value)) {
    return Object.entries(value)
      .flatMap(([name, is]) => (is === true ? [name] : []))
      .join('\n')
  }
  return textsAt({ value }, 'value').join('\n')
}

/** Lines as what the value was: hidden columns are marked with `true`, names are a list. */
export function fromLines(text: string, path: readonly string[]): unknown {
  const lines = linesOf(text)
  return path.at(-1) === 'excludeByName' ? Object.fromEntries(lines.map((name) => [name, true])) : lines
}

export function toPairs(value: unknown): string {
  const json = objectAt({ value }, 'value')
  return Object.keys(json)
    .map((name) => `${name} = ${textAt(json, name) ?? ''}`)
    .join('\n')
}

export function fromPairs(text: string): Json {
  return Object.fromEntries(
    linesOf(text).map((line) => {
      const pair = /^(.*?)\s=(?:\s(.*))?$/.exec(line)
      return pair === null ? [line, ''] : [(pair[1] ?? '').trim(), (pair[2] ?? '').trim()]
    }),
  )
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
