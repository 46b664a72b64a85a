import type { ReactElement } from 'react'
import { type Json, numberAt, objectAt, objectsAt, textAt } from '../../../grafana/json.ts'
import { Checkbox } from '../../../parts/controls.tsx'
import { ColourSelect } from './colour-select.tsx'
import { NumberField } from './fields.tsx'

/** From which values on what has which colour. The first has no value: it is for everything below. */
export function ThresholdRows({
  defaults,
  onChange,
}: {
  readonly defaults: Json
  readonly onChange: (defaults: Json) => void
}): ReactElement {
  const thresholds = objectAt(defaults, 'thresholds')
  const steps = objectsAt(thresholds, 'steps')
  const write = (next: readonly Json[]): void => {
    const sorted = [...next].sort((a, b) => (numberAt(a, 'value') ?? -Infinity) - (numberAt(b, 'value') ?? -Infinity))
    onChange({ ...defaults, thresholds: { mode: 'absolute', ...thresholds, steps: sorted } })
  }
  const set = (at: number, change: Json): void =>
    write(steps.map((step, index) => (index === at ? { ...step, ...change } : step)))
  const add = (): void => {
    const base = steps.length === 0 ? [{ value: null, color: 'text' }] : []
    const last = numberAt(steps.at(-1) ?? {}, 'value') ?? 0
    write([...steps, ...base, { value: last + 10, color: 'red' }])
  }
  return (
    <fieldset className="form-group">
      <legend>Thresholds</legend>
      {steps.map((step, at) => {
        const color = textAt(step, 'color') ?? 'text'
        return (
          <span key={at} className="form-line">
            {numberAt(step, 'value') === undefined ? (
              <span className="form-row text-2">Below</span>
            ) : (
              <NumberField
                label="From"
                value={numberAt(step, 'value')}
                onChange={(value) => set(at, { value: value ?? 0 })}
              />
            )}
            <ColourSelect label="Colour" value={color} onChange={(next) => set(at, { color: next })} />
            <button
              type="button"
              className="button button-small button-ghost"
              aria-label="Remove the threshold"
              onClick={() => write(steps.filter((_, index) => index !== at))}
            >
              Remove
            </button>
          </span>
        )
      })}
      <span className="form-line">
        <button type="button" className="button button-small" onClick={add}>
          Add a threshold
        </button>
        <Checkbox
          checked={thresholds['mode'] === 'percentage'}
          onChange={(isShare) =>
            onChange({ ...defaults, thresholds: { ...thresholds, mode: isShare ? 'percentage' : 'absolute' } })
          }
        >
          In percent of min to max
        </Checkbox>
      </span>
    </fieldset>
  )
}
