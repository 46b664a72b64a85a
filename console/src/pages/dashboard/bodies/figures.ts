import type { Panel } from '../../../grafana/dashboard.ts'
import { configOf, type FieldConfig, matchesText } from '../../../grafana/fields/config.ts'
import { shownNameOf } from '../../../grafana/fields/display-name.ts'
import { reduce, toReducer } from '../../../grafana/fields/reduce.ts'
import type { Field, Frame } from '../../../grafana/frame.ts'
import { lengthOf } from '../../../grafana/frame.ts'
import { flagAt, numberAt, objectAt, textAt, textsAt } from '../../../grafana/json.ts'

/** What stat, gauge, bar and pie panels show: one number with a name. */
export interface Figure {
  readonly name: string
  readonly value: number | string | null
  readonly config: FieldConfig
  readonly labels: Readonly<Record<string, string>>
  /** What it came down from. */
  readonly history: readonly (number | null)[]
}

/** More figures than these are counted. */
export const MOST_FIGURES = 200

/** Each series comes down to one number; with `values`, each row is one. */
export function figuresOf(panel: Panel, frames: readonly Frame[]): readonly Figure[] {
  const options = objectAt(objectAt(panel.json, 'options'), 'reduceOptions')
  const fieldConfig = objectAt(panel.json, 'fieldConfig')
  const [calc = 'lastNotNull'] = textsAt(options, 'calcs')
  const isByRow = flagAt(options, 'values') === true
  const limit = isByRow ? (numberAt(options, 'limit') ?? 25) : MOST_FIGURES
  const picks = pickerOf(textAt(options, 'fields') ?? '')
  return frames.flatMap((frame) => {
    const names = frame.fields.find((field) => field.type === 'string')
    return frame.fields.flatMap((field): readonly Figure[] => {
      const config = configOf(fieldConfig, { field, refId: frame.refId })
      const name = shownNameOf(field, config)
      if (!picks(field, name)) return []
      const rowed = isByRow || (names !== undefined && names !== field && field.type === 'number')
      if (!rowed)
        return [{ name, value: comeDown(field, calc), config, labels: field.labels, history: numbersOf(field) }]
      return Array.from({ length: Math.min(limit, lengthOf(frame)) }, (_, row) => ({
        name: names?.values[row] ?? name,
        value: field.values[row] ?? null,
        config,
        labels: field.labels,
        history: [],
      }))
    })
  })
}

/** Nothing said: all numbers. A name, or an expression between slashes: fields of any type. */
function pickerOf(fields: string): (field: Field, name: string) => boolean {
  if (fields === '') return (field) => field.type === 'number'
  if (fields === '/.*/') return () => true
  return (field, name) =>
    fields.startsWith('/') ? matchesText(fields, name) : name === fields || field.name === fields
}

function comeDown(field: Field, calc: string): number | string | null {
  if (field.type === 'string') return field.values.findLast((value) => value !== null) ?? null
  if (/^p\d{1,2}$/.test(calc)) return reduce(field.values, `p${Number(calc.slice(1))}`)
  return reduce(field.values, toReducer(calc) ?? 'lastNotNull')
}

function numbersOf(field: Field): readonly (number | null)[] {
  return field.type === 'number' ? field.values.map((value) => (Number.isNaN(value) ? null : value)) : []
}
