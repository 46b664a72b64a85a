import type { Frame } from '../frame.ts'
import { flagAt, type Json, objectAt, textAt } from '../json.ts'
import { concatenate, joinByField, merge } from './join.ts'
import { labelsToFields, seriesToRows } from './labels.ts'
import { filterByRefId, filterFieldsByName, organize, renameByRegex } from './organize.ts'
import { calculateField, filterByValue, groupBy, limit, reduceFields, sortBy } from './rows.ts'
import {
  asItIs,
  convertFieldType,
  extractFields,
  filterByName,
  formatTime,
  groupingToMatrix,
  partitionByValues,
  rowsToFields,
  timeSeriesTable,
  transpose,
} from './shape.ts'
import type { Transformation } from './transformation.ts'

/** By Grafana's ids, the old ones among them. */
const TRANSFORMATIONS: Readonly<Record<string, Transformation>> = {
  append: merge,
  calculateField,
  concatenate,
  convertFieldType,
  extractFields,
  filterByName,
  filterByRefId,
  filterByValue,
  filterFieldsByName,
  formatTime,
  groupBy,
  groupingToMatrix,
  joinByField,
  labelsToFields,
  limit,
  merge,
  noop: asItIs,
  organize,
  partitionByValues,
  // Series are frames of their own here already.
  prepareTimeSeries: asItIs,
  reduce: reduceFields,
  renameByRegex,
  rowsToFields,
  seriesToColumns: joinByField,
  seriesToRows,
  sortBy,
  timeSeriesTable,
  transpose,
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
    const apply = Object.hasOwn(TRANSFORMATIONS, id) ? TRANSFORMATIONS[id] : undefined
    if (flagAt(json, 'disabled') === true) continue
    if (apply === undefined) unknown.push(id)
    else current = apply(current, objectAt(json, 'options'))
  }
  return { frames: current, unknown }
}
