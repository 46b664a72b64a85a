import { matchesText } from '../fields/config.ts'
import type { Frame } from '../frame.ts'
import { flagAt, type Json, objectAt, textAt } from '../json.ts'
import { concatenate, joinByField, merge } from './join.ts'
import { labelsToFields, seriesToRows } from './labels.ts'
import { filterByRefId, filterFieldsByName, organize, renameByRegex } from './organize.ts'
import { calculateField } from './calculate.ts'
import { filterByValue, groupBy, limit, reduceFields, sortBy } from './rows.ts'
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

/** What a panel's list of transformations may choose. */
export const TRANSFORMATION_IDS: readonly string[] = Object.keys(TRANSFORMATIONS).filter(
  (id) => !['append', 'filterByName', 'noop', 'seriesToColumns'].includes(id),
)

export interface Transformed {
  readonly frames: readonly Frame[]
  /** Ids of transformations that we do not have: the panel says so. */
  readonly unknown: readonly string[]
}

/** Of all frames, or of those of the queries that its filter names: the others are handed on. */
function applyTo(frames: readonly Frame[], json: Json, apply: Transformation): readonly Frame[] {
  const options = objectAt(json, 'options')
  const filter = objectAt(json, 'filter')
  const wanted = textAt(filter, 'options')
  if (filter['id'] !== 'byRefId' || wanted === undefined || wanted === '') return apply(frames, options)
  const isMeant = ({ refId }: Frame): boolean => refId === wanted || matchesText(`^(${wanted})$`, refId)
  return [...apply(frames.filter(isMeant), options), ...frames.filter((frame) => !isMeant(frame))]
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
    else current = applyTo(current, json, apply)
  }
  return { frames: current, unknown }
}
