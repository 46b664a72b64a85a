import { displayNameOf, type Field, type Frame, lengthOf, withRows } from '../frame.ts'
import { flagAt, type Json, numberAt, objectAt, objectsAt, textAt, textsAt } from '../json.ts'
import { matchesText } from '../fields/config.ts'
import { reduce, type Reducer, toReducer } from '../fields/reduce.ts'
import type { Transformation } from './transformation.ts'

export function fieldOf(frame: Frame, name: string | undefined): Field | undefined {
  return frame.fields.find((field) => displayNameOf(field) === name || field.name === name)
}

function compareCells(a: number | string | null, b: number | string | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a).localeCompare(String(b), 'en', { numeric: true })
}

export const sortBy: Transformation = (frames, options) => {
  const [sort] = objectsAt(options, 'sort')
  if (sort === undefined) return frames
  const sign = flagAt(sort, 'desc') === true ? -1 : 1
  return frames.map((frame) => {
    const by = fieldOf(frame, textAt(sort, 'field'))
    if (by === undefined) return frame
    const rows = Array.from({ length: lengthOf(frame) }, (_, row) => row)
    rows.sort((a, b) => sign * compareCells(by.values[a] ?? null, by.values[b] ?? null))
    return { ...frame, fields: frame.fields.map((field) => withRows(field, rows)) }
  })
}

export const limit: Transformation = (frames, options) => {
  const count = numberAt(options, 'limitField') ?? 10
  return frames.map((frame) => {
    const rows = Array.from({ length: Math.min(count, lengthOf(frame)) }, (_, row) => row)
    return { ...frame, fields: frame.fields.map((field) => withRows(field, rows)) }
  })
}

/** Keeps or drops the rows whose values meet all or any of the conditions. */
export const filterByValue: Transformation = (frames, options) => {
  const filters = objectsAt(options, 'filters')
  const isAny = options['match'] === 'any'
  const isExclude = options['type'] === 'exclude'
  return frames.map((frame) => {
    const tests = filters.map((filter) => {
      const field = fieldOf(frame, textAt(filter, 'fieldName'))
      const meets = conditionOf(objectAt(filter, 'config'))
      return (row: number): boolean => meets(field?.values[row] ?? null)
    })
    const rows: number[] = []
    for (let row = 0; row < lengthOf(frame); row++) {
      const met = isAny ? tests.some((test) => test(row)) : tests.every((test) => test(row))
      if (met !== isExclude) rows.push(row)
    }
    return { ...frame, fields: frame.fields.map((field) => withRows(field, rows)) }
  })
}

function conditionOf(config: Json): (value: number | string | null) => boolean {
  const options = objectAt(config, 'options')
  const wanted = options['value']
  const number = Number(wanted)
  switch (config['id']) {
    case 'greater':
      return (value) => value !== null && Number(value) > number
    case 'greaterOrEqual':
      return (value) => value !== null && Number(value) >= number
    case 'lower':
      return (value) => value !== null && Number(value) < number
    case 'lowerOrEqual':
      return (value) => value !== null && Number(value) <= number
    case 'equal':
      return (value) => value === wanted || (value !== null && String(value) === String(wanted))
    case 'notEqual':
      return (value) => value === null || String(value) !== String(wanted)
    case 'between':
      return (value) =>
        value !== null && Number(value) >= Number(options['from']) && Number(value) <= Number(options['to'])
    case 'isNull':
      return (value) => value === null
    case 'isNotNull':
      return (value) => value !== null
    case 'regex':
      return (value) => value !== null && typeof wanted === 'string' && matchesText(`/${wanted}/`, String(value))
    default:
      return () => true
  }
}

/** Each series comes down to a row of figures, or each frame to one row of its own columns. */
export const reduceFields: Transformation = (frames, options) => {
  const reducers = textsAt(options, 'reducers').flatMap((name) => toReducer(name) ?? [])
  const calcs: readonly Reducer[] = reducers.length === 0 ? ['max'] : reducers
  if (options['mode'] === 'reduceFields') {
    const [calc = 'max'] = calcs
    return frames.map((frame) => ({
      ...frame,
      fields: frame.fields.filter(isNumber).map((field) => reduced(field, calc)),
    }))
  }
  const fields = frames.flatMap((frame) => frame.fields.filter(isNumber))
  const names: Field = { name: 'Field', labels: {}, type: 'string', values: fields.map(displayNameOf) }
  // Labels stand between the name and the figures, where the panel wants them.
  const labels =
    options['labelsToFields'] === true ? [...new Set(fields.flatMap((field) => Object.keys(field.labels)))] : []
  const labelled = labels.map(
    (label): Field => ({
      name: label,
      labels: {},
      type: 'string',
      values: fields.map((field) => field.labels[label] ?? null),
    }),
  )
  const columns = calcs.map(
    (calc): Field => ({
      name: titleOf(calc),
      labels: {},
      type: 'number',
      values: fields.map((field) => reduce(field.values, calc)),
    }),
  )
  return [{ refId: frames[0]?.refId ?? 'A', fields: [names, ...labelled, ...columns] }]
}

export type NumberField = Extract<Field, { readonly type: 'number' }>

export function isNumber(field: Field): field is NumberField {
  return field.type === 'number'
}

function reduced(field: NumberField, calc: Reducer): Field {
  return { ...field, values: [reduce(field.values, calc)] }
}

/** Grafana's words for columns of figures. */
const TITLES: Partial<Record<Reducer, string>> = {
  lastNotNull: 'Last *',
  last: 'Last',
  firstNotNull: 'First *',
  first: 'First',
  mean: 'Mean',
  max: 'Max',
  min: 'Min',
  sum: 'Total',
  count: 'Count',
  range: 'Range',
  delta: 'Delta',
  diff: 'Difference',
}

export function titleOf(calc: Reducer): string {
  return TITLES[calc] ?? calc
}

/** Rows with equal values of the grouping columns become one; the other columns come down to figures. */
export const groupBy: Transformation = (frames, options) => {
  const settings = objectAt(options, 'fields')
  return frames.map((frame) => {
    const settingOf = (field: Field): Json => {
      const name = displayNameOf(field)
      return objectAt(settings, name in settings ? name : field.name)
    }
    const keys = frame.fields.filter((field) => settingOf(field)['operation'] === 'groupby')
    if (keys.length === 0) return frame
    const groups = new Map<string, number[]>()
    for (let row = 0; row < lengthOf(frame); row++) {
      const key = JSON.stringify(keys.map(({ values }) => values[row] ?? null))
      groups.set(key, [...(groups.get(key) ?? []), row])
    }
    const members = [...groups.values()]
    const heads = keys.map((field) =>
      withRows(
        field,
        members.map(([first = 0]) => first),
      ),
    )
    const figures = frame.fields.flatMap((field): Field[] => {
      if (settingOf(field)['operation'] !== 'aggregate' || field.type === 'string') return []
      return textsAt(settingOf(field), 'aggregations').flatMap((name): Field[] => {
        const calc = toReducer(name)
        if (calc === undefined) return []
        const values = members.map((rows) =>
          reduce(
            rows.map((row) => field.values[row] ?? null),
            calc,
          ),
        )
        return [{ name: `${displayNameOf(field)} (${calc})`, labels: {}, type: 'number', values }]
      })
    })
    return { ...frame, fields: [...heads, ...figures] }
  })
}
