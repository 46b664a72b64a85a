import { displayNameOf, type Field, type Frame, lengthOf } from '../frame.ts'
import { textAt } from '../json.ts'
import type { Transformation } from './transformation.ts'

type Cell = number | string | null

/** One frame with a row for each value of a column that all have; by time when none is named. */
export const joinByField: Transformation = (frames, options) => {
  const wanted = textAt(options, 'byField')
  const isInner = options['mode'] === 'inner'
  const keyed = frames.flatMap((frame) => {
    const key = frame.fields.find((field) =>
      wanted === undefined || wanted === ''
        ? field.type === 'time'
        : displayNameOf(field) === wanted || field.name === wanted,
    )
    return key === undefined ? [] : [{ frame, key }]
  })
  const [first] = keyed
  if (first === undefined || keyed.length < 2) return frames
  const keys = keysOf(
    keyed.map(({ key }) => key),
    isInner,
  )
  const places = new Map(keys.map((key, row) => [key, row]))
  const fields = keyed.flatMap(({ frame, key }) =>
    frame.fields.filter((field) => field !== key).map((field) => spread(field, key, places)),
  )
  return [{ refId: first.frame.refId, fields: [keyField(first.key, keys), ...fields] }]
}

function keysOf(columns: readonly Field[], isInner: boolean): readonly Cell[] {
  const counts = new Map<Cell, number>()
  for (const column of columns)
    for (const key of new Set<Cell>(column.values)) counts.set(key, (counts.get(key) ?? 0) + 1)
  const keys = [...counts].filter(([, count]) => !isInner || count === columns.length).map(([key]) => key)
  const isTime = columns[0]?.type === 'time'
  return isTime ? keys.sort((a, b) => Number(a) - Number(b)) : keys
}

function keyField(key: Field, keys: readonly Cell[]): Field {
  return key.type === 'string'
    ? { ...key, values: keys.map((value) => (value === null ? null : String(value))) }
    : { ...key, values: keys.map((value) => (value === null ? null : Number(value))) }
}

/** The field's values at the rows of their keys. */
function spread(field: Field, key: Field, places: ReadonlyMap<Cell, number>): Field {
  const rowOf = new Map<number, number>()
  key.values.forEach((value, from) => {
    const row = places.get(value)
    if (row !== undefined && !rowOf.has(row)) rowOf.set(row, from)
  })
  const at = <V>(values: readonly (V | null)[]): (V | null)[] =>
    Array.from({ length: places.size }, (_, row) => {
      const from = rowOf.get(row)
      return from === undefined ? null : (values[from] ?? null)
    })
  switch (field.type) {
    case 'string':
      return { ...field, values: at(field.values) }
    case 'number':
    case 'time':
      return { ...field, values: at(field.values) }
  }
}

/**
 * All frames in one table: columns of equal names are one, and rows that agree in all columns that both have are one. It is
 * how several instant queries become a table with a column a query.
 */
export const merge: Transformation = (frames) => {
  if (frames.length < 2) return frames
  const columns = new Map<string, Field>()
  for (const { fields } of frames) {
    for (const field of fields) if (!columns.has(displayNameOf(field))) columns.set(displayNameOf(field), field)
  }
  const rows: Map<string, Cell>[] = []
  const byKey = new Map<string, Map<string, Cell>[]>()
  const shared = sharedNames(frames)
  for (const frame of frames) {
    for (let at = 0; at < lengthOf(frame); at++) {
      const row = rowOf(frame, at)
      const key = JSON.stringify(shared.map((name) => row.get(name) ?? null))
      const candidates = byKey.get(key) ?? []
      const same = candidates.find((candidate) => agree(candidate, row))
      if (same === undefined) {
        rows.push(row)
        byKey.set(key, [...candidates, row])
      } else for (const [name, value] of row) same.set(name, value)
    }
  }
  const fields = [...columns].map(([name, field]) =>
    columnOf(
      field,
      rows.map((row) => row.get(name) ?? null),
    ),
  )
  return [{ refId: frames[0]?.refId ?? 'A', fields }]
}

function sharedNames(frames: readonly Frame[]): readonly string[] {
  const [first, ...rest] = frames.map(({ fields }) => new Set(fields.map(displayNameOf)))
  return first === undefined ? [] : [...first].filter((name) => rest.every((names) => names.has(name)))
}

function rowOf(frame: Frame, at: number): Map<string, Cell> {
  return new Map(frame.fields.map((field) => [displayNameOf(field), field.values[at] ?? null]))
}

/** No column has two different values. */
function agree(a: ReadonlyMap<string, Cell>, b: ReadonlyMap<string, Cell>): boolean {
  for (const [name, value] of b) if (a.has(name) && a.get(name) !== value) return false
  return true
}

function columnOf(field: Field, cells: readonly Cell[]): Field {
  return keyField(field, cells)
}

/** Rows of all frames below each other, for frames that have the same columns. */
export const concatenate: Transformation = (frames) => {
  const fields = frames.flatMap((frame) => frame.fields)
  const length = frames.reduce((most, frame) => Math.max(most, lengthOf(frame)), 0)
  const [first] = frames
  if (first === undefined) return frames
  const padded = fields.map((field) =>
    columnOf(
      field,
      Array.from({ length }, (_, row) => field.values[row] ?? null),
    ),
  )
  return [{ refId: first.refId, fields: padded }]
}
