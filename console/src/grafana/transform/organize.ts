import { displayNameOf, type Field } from '../frame.ts'
import { type Json, numberAt, objectAt, textAt, textsAt } from '../json.ts'
import { matchesText } from '../fields/config.ts'
import type { Transformation } from './transformation.ts'

/** Hides, orders and renames columns. */
export const organize: Transformation = (frames, options) => {
  const hidden = objectAt(options, 'excludeByName')
  const order = objectAt(options, 'indexByName')
  const names = objectAt(options, 'renameByName')
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields
      .filter((field) => hidden[displayNameOf(field)] !== true && hidden[field.name] !== true)
      .map((field, at) => ({ field, at: placeOf(order, field) ?? at + frame.fields.length }))
      .sort((a, b) => a.at - b.at)
      .map(({ field }) => renamed(field, nameFor(names, field))),
  }))
}

function placeOf(order: Json, field: Field): number | undefined {
  return numberAt(order, displayNameOf(field)) ?? numberAt(order, field.name)
}

function nameFor(names: Json, field: Field): string | undefined {
  return textAt(names, displayNameOf(field)) ?? textAt(names, field.name)
}

function renamed(field: Field, name: string | undefined): Field {
  return name === undefined || name === '' ? field : { ...field, displayName: name }
}

/** Keeps the columns that are named or that an expression finds, or all others. */
export const filterFieldsByName: Transformation = (frames, options) => {
  const included = pickerOf(objectAt(options, 'include'))
  const excluded = pickerOf(objectAt(options, 'exclude'))
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.filter((field) => (included?.(field) ?? true) && !(excluded?.(field) ?? false)),
  }))
}

function pickerOf(json: Json): ((field: Field) => boolean) | undefined {
  const names = textsAt(json, 'names')
  const pattern = textAt(json, 'pattern')
  if (names.length === 0 && (pattern === undefined || pattern === '')) return undefined
  return (field) =>
    names.includes(displayNameOf(field)) ||
    names.includes(field.name) ||
    (pattern !== undefined && pattern !== '' && matchesText(pattern, displayNameOf(field)))
}

/** Keeps the frames of the queries that an expression names. */
export const filterByRefId: Transformation = (frames, options) => {
  const include = textAt(options, 'include')
  const exclude = textAt(options, 'exclude')
  return frames.filter(
    ({ refId }) =>
      (include === undefined || include === '' || matchesText(`^(${include})$`, refId)) &&
      (exclude === undefined || exclude === '' || !matchesText(`^(${exclude})$`, refId)),
  )
}

/** Renames columns by an expression; groups may stand in the new name as `$1`. */
export const renameByRegex: Transformation = (frames, options) => {
  const pattern = textAt(options, 'regex') ?? ''
  const replacement = textAt(options, 'renamePattern') ?? ''
  const slashed = /^\/(.*)\/([gimsuy]*)$/s.exec(pattern)
  let regex: RegExp
  try {
    regex = slashed === null ? new RegExp(`^${pattern}$`) : new RegExp(slashed[1] ?? '', slashed[2] ?? '')
  } catch {
    return frames
  }
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) =>
      field.type === 'time' ? field : { ...field, displayName: displayNameOf(field).replace(regex, replacement) },
    ),
  }))
}
