import { matchesText } from '../fields/config.ts'
import { reduce, toReducer } from '../fields/reduce.ts'
import { displayNameOf, type Field, type Frame, lengthOf, withRows } from '../frame.ts'
import { flagAt, objectAt, objectsAt, textAt, textsAt } from '../json.ts'
import type { Transformation } from './transformation.ts'

type Cell = number | string | null

function named(frame: Frame, name: string | undefined): Field | undefined {
  return frame.fields.find((field) => displayNameOf(field) === name || field.name === name)
}

/** Each value of one column becomes a column, each of another a row; a third fills the cells. */
export const groupingToMatrix: Transformation = (frames, options) => {
  const frame = frames[0]
  if (frame === undefined) return frames
  const columnField = textAt(options, 'columnField')
  const rowField = textAt(options, 'rowField')
  const valueField = textAt(options, 'valueField')
  const [columns, rows, values] = [named(frame, columnField), named(frame, rowField), named(frame, valueField)]
  if (columns === undefined || rows === undefined || values === undefined) return frames
  const rowKeys = [...new Set<Cell>(rows.values)]
  const columnKeys = [...new Set<Cell>(columns.values)]
  const cells = new Map<string, Cell>()
  for (let at = 0; at < lengthOf(frame); at++) {
    cells.set(JSON.stringify([rows.values[at] ?? null, columns.values[at] ?? null]), values.values[at] ?? null)
  }
  const head = named(frame, rowField)?.type === 'time' ? 'time' : 'string'
  return [
    {
      refId: frame.refId,
      fields: [
        fieldOf(`${rowField ?? ''}\\${columnField ?? ''}`, head, rowKeys),
        ...columnKeys.map((column) =>
          fieldOf(
            String(column ?? ''),
            values.type,
            rowKeys.map((row) => cells.get(JSON.stringify([row, column])) ?? null),
          ),
        ),
      ],
    },
  ]
}

function fieldOf(name: string, type: Field['type'], values: readonly Cell[]): Field {
  return type === 'string'
    ? { name, labels: {}, type, values: values.map((value) => (value === null ? null : String(value))) }
    : { name, labels: {}, type, values: values.map((value) => (value === null ? null : Number(value))) }
}

/** Columns as other types: text that is a number, seconds or text that is a time. */
export const convertFieldType: Transformation = (frames, options) => {
  const conversions = new Map(
    objectsAt(options, 'conversions').map((one) => [
      textAt(one, 'targetField') ?? '',
      textAt(one, 'destinationType') ?? '',
    ]),
  )
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => {
      const to = conversions.get(displayNameOf(field)) ?? conversions.get(field.name)
      return to === undefined ? field : converted(field, to)
    }),
  }))
}

function converted(field: Field, to: string): Field {
  const { name, labels } = field
  const base = { name, labels, ...(field.displayName === undefined ? {} : { displayName: field.displayName }) }
  const numbers = (read: (value: number | string) => number): (number | null)[] =>
    field.values.map((value) => {
      const number = value === null ? Number.NaN : read(value)
      return Number.isNaN(number) ? null : number
    })
  switch (to) {
    case 'number':
      return { ...base, type: 'number', values: numbers(Number) }
    case 'time':
      return {
        ...base,
        type: 'time',
        values: numbers((value) =>
          typeof value === 'number' || /^\d+$/.test(value) ? Number(value) : Date.parse(value),
        ),
      }
    case 'string':
    case 'enum':
      return { ...base, type: 'string', values: field.values.map((value) => (value === null ? null : String(value))) }
    default:
      return field
  }
}

/** A frame for each set of values of the named columns. */
export const partitionByValues: Transformation = (frames, options) => {
  const names = textsAt(options, 'fields')
  const keeps = flagAt(options, 'keepFields') === true
  return frames.flatMap((frame) => {
    const keys = frame.fields.filter((field) => names.includes(displayNameOf(field)) || names.includes(field.name))
    if (keys.length === 0) return [frame]
    const groups = new Map<string, number[]>()
    for (let row = 0; row < lengthOf(frame); row++) {
      const key = keys.map(({ values }) => String(values[row] ?? '')).join(' ')
      groups.set(key, [...(groups.get(key) ?? []), row])
    }
    return [...groups].map(
      ([name, rows]): Frame => ({
        refId: frame.refId,
        name,
        fields: frame.fields
          .filter((field) => keeps || !keys.includes(field))
          .map((field) => {
            const labels = Object.fromEntries(keys.map((key) => [key.name, String(key.values[rows[0] ?? 0] ?? '')]))
            const picked = withRows(field, rows)
            return field.type === 'number' ? { ...picked, labels: { ...field.labels, ...labels } } : picked
          }),
      }),
    )
  })
}

/** One row becomes a frame of fields: a column of names, a column of values. */
export const rowsToFields: Transformation = (frames, options) => {
  const mappings = objectsAt(options, 'mappings')
  const handled = (key: string): string | undefined =>
    textAt(mappings.find((mapping) => mapping['handlerKey'] === key) ?? {}, 'fieldName')
  return frames.map((frame) => {
    const names = named(frame, handled('field.name')) ?? frame.fields.find(({ type }) => type === 'string')
    const values = named(frame, handled('field.value')) ?? frame.fields.find(({ type }) => type === 'number')
    if (names === undefined || values === undefined) return frame
    return {
      ...frame,
      fields: Array.from({ length: lengthOf(frame) }, (_, row) =>
        fieldOf(String(names.values[row] ?? ''), values.type, [values.values[row] ?? null]),
      ),
    }
  })
}

/** Rows become columns and columns rows. */
export const transpose: Transformation = (frames, options) =>
  frames.map((frame) => {
    const [head, ...rest] = frame.fields
    if (head === undefined) return frame
    const isText = rest.some(({ type }) => type === 'string')
    const first = textAt(options, 'firstFieldName') ?? 'Field'
    return {
      ...frame,
      fields: [
        fieldOf(first, 'string', rest.map(displayNameOf)),
        ...head.values.map((name, row) =>
          fieldOf(
            String(name ?? ''),
            isText ? 'string' : 'number',
            rest.map((field) => field.values[row] ?? null),
          ),
        ),
      ],
    }
  })

/** Series become rows of a table, one a series: its labels, and what it comes down to. */
export const timeSeriesTable: Transformation = (frames, options) => {
  const series = frames.flatMap((frame) =>
    frame.fields.flatMap((field) => (field.type === 'number' ? [{ refId: frame.refId, field }] : [])),
  )
  const refIds = [...new Set(series.map(({ refId }) => refId))]
  return refIds.map((refId): Frame => {
    const own = series.filter((one) => one.refId === refId)
    const labels = [...new Set(own.flatMap(({ field }) => Object.keys(field.labels)))].sort()
    const calc = toReducer(textAt(objectAt(options, refId), 'stat') ?? 'lastNotNull') ?? 'lastNotNull'
    return {
      refId,
      fields: [
        ...labels.map((label) =>
          fieldOf(
            label,
            'string',
            own.map(({ field }) => field.labels[label] ?? null),
          ),
        ),
        fieldOf(
          `Trend #${refId}`,
          'number',
          own.map(({ field }) => reduce(field.values, calc)),
        ),
      ],
    }
  })
}

const TIME_PARTS: readonly (readonly [RegExp, (date: Date) => string])[] = [
  [/YYYY/g, (date) => String(date.getUTCFullYear())],
  [/MM/g, (date) => two(date.getUTCMonth() + 1)],
  [/DD/g, (date) => two(date.getUTCDate())],
  [/HH/g, (date) => two(date.getUTCHours())],
  [/mm/g, (date) => two(date.getUTCMinutes())],
  [/ss/g, (date) => two(date.getUTCSeconds())],
]

const two = (value: number): string => String(value).padStart(2, '0')

/** A column of times as text, by year to second. */
export const formatTime: Transformation = (frames, options) => {
  const wanted = textAt(options, 'timeField')
  const format = textAt(options, 'outputFormat') ?? 'YYYY-MM-DD HH:mm:ss'
  const write = (value: number | null): string | null =>
    value === null ? null : TIME_PARTS.reduce((text, [part, of]) => text.replaceAll(part, of(new Date(value))), format)
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field): Field => {
      const isMeant = field.type === 'time' && (wanted === undefined || displayNameOf(field) === wanted)
      return isMeant
        ? { name: field.name, labels: field.labels, type: 'string', values: field.values.map(write) }
        : field
    }),
  }))
}

/** JSON, or `key=value`, in a column of text becomes columns. */
export const extractFields: Transformation = (frames, options) => {
  const source = textAt(options, 'source')
  const paths = objectsAt(options, 'jsonPaths').map((one) => textAt(one, 'path') ?? '')
  return frames.map((frame) => {
    const field = named(frame, source)
    if (field === undefined || field.type !== 'string') return frame
    const rows = field.values.map((text) => (text === null ? {} : readPairs(text, textAt(options, 'format') ?? 'auto')))
    const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter(
      (name) => paths.length === 0 || paths.includes(name),
    )
    const made = names.map((name) => {
      const values = rows.map((row) => row[name] ?? null)
      const isNumber = values.every((value) => value === null || (value.trim() !== '' && !Number.isNaN(Number(value))))
      return fieldOf(name, isNumber ? 'number' : 'string', values)
    })
    return { ...frame, fields: flagAt(options, 'replace') === true ? made : [...frame.fields, ...made] }
  })
}

function readPairs(text: string, format: string): Readonly<Record<string, string>> {
  if (format !== 'kvp') {
    try {
      const json: unknown = JSON.parse(text)
      if (typeof json === 'object' && json !== null) {
        return Object.fromEntries(
          Object.entries(json).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
        )
      }
    } catch {
      if (format === 'json') return {}
    }
  }
  return Object.fromEntries(
    [...text.matchAll(/([\w.]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)].map(([, key = '', quoted, plain]) => [
      key,
      quoted ?? plain ?? '',
    ]),
  )
}

/** Names of columns by an expression, or by a list; what Grafana once called it. */
export const filterByName: Transformation = (frames, options) => {
  const pattern = textAt(objectAt(options, 'include'), 'pattern') ?? textAt(options, 'include') ?? ''
  if (pattern === '') return frames
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.filter((field) => matchesText(pattern, displayNameOf(field))),
  }))
}

/** Frames that are in the wanted form already. */
export const asItIs: Transformation = (frames) => frames
