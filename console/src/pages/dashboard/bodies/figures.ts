import type { Panel } from '../../../grafana/dashboard.ts'
import { configOf, type FieldConfig } from '../../../grafana/fields/config.ts'
import { reduce, toReducer } from '../../../grafana/fields/reduce.ts'
import { displayNameOf, type Frame, lengthOf } from '../../../grafana/frame.ts'
import { flagAt, objectAt, textsAt } from '../../../grafana/json.ts'

/** What stat, gauge, bar and pie panels show: one number with a name. */
export interface Figure {
  readonly name: string
  readonly value: number | string | null
  readonly config: FieldConfig
}

/** Each series comes down to one number; with `values`, each row is one. */
export function figuresOf(panel: Panel, frames: readonly Frame[]): readonly Figure[] {
  const options = objectAt(objectAt(panel.json, 'options'), 'reduceOptions')
  const fieldConfig = objectAt(panel.json, 'fieldConfig')
  const [calc = 'lastNotNull'] = textsAt(options, 'calcs')
  const reducer = toReducer(calc) ?? 'lastNotNull'
  const isByRow = flagAt(options, 'values') === true
  return frames.flatMap((frame) => {
    const numbers = frame.fields.filter((field) => field.type === 'number')
    const names = frame.fields.find((field) => field.type === 'string')
    return numbers.flatMap((field): Figure[] => {
      const config = configOf(fieldConfig, { field, refId: frame.refId })
      if (!isByRow && names === undefined)
        return [{ name: displayNameOf(field), value: reduce(field.values, reducer), config }]
      return Array.from({ length: lengthOf(frame) }, (_, row) => ({
        name: names?.values[row] ?? displayNameOf(field),
        value: field.values[row] ?? null,
        config,
      }))
    })
  })
}
