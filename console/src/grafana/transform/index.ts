import type { Frame } from '../frame.ts'
import { flagAt, type Json, objectAt, textAt } from '../json.ts'
import { concatenate, joinByField, merge } from './join.ts'
import { labelsToFields, seriesToRows } from './labels.ts'
import { filterByRefId, filterFieldsByName, organize, renameByRegex } from './organize.ts'
import { calculateField, filterByValue, groupBy, limit, reduceFields, sortBy } from './rows.ts'
import type { Transformation } from './transformation.ts'

/** By Grafana's ids, the old ones among them. */
const TRANSFORMATIONS: Readonly<Record<string, Transformation>> = {
  calculateField,
  concatenate,
  filterByRefId,
  filterByValue,
  filterFieldsByName,
  groupBy,
  joinByField,
  labelsToFields,
  limit,
  merge,
  organize,
  reduce: reduceFields,
  renameByRegex,
  seriesToColumns: joinByField,
  seriesToRows,
  sortBy,
}

export interface Transformed {
  readonly frames: readonly Frame[]
  /** Ids of transformations that we do not have: the panel says so. */
  readonly unknown: readonly string[]
}

/** The panel's transformations in their order; disabled ones are left out, and so are those we do not know. */
export function transform(frames: readonly Frame[], transformations: readonly Json[]): Transformed {
  const unknown: string[] = []
  let current = frames
  for (const json of transformations) {
    const id = textAt(json, 'id') ?? ''
    const apply = TRANSFORMATIONS[id]
    if (flagAt(json, 'disabled') === true) continue
    if (apply === undefined) unknown.push(id)
    else current = apply(current, objectAt(json, 'options'))
  }
  return { frames: current, unknown }
}
