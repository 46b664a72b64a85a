import type { ReactElement } from 'react'
import { flagAt, type Json, numberAt, objectAt, textAt, textsAt } from '../../../grafana/json.ts'
import { Checkbox, Select } from '../../../parts/controls.tsx'
import { NumberField, TextField } from './fields.tsx'
import { MappingRows } from './mapping-rows.tsx'
import { ThresholdRows } from './threshold-rows.tsx'

/** Units, limits, colours, words and the legend of a panel. */
export function LookForm({
  panel,
  type,
  onChange,
}: {
  readonly panel: Json
  readonly type: string
  readonly onChange: (panel: Json) => void
}): ReactElement {
  const fieldConfig = objectAt(panel, 'fieldConfig')
  const defaults = objectAt(fieldConfig, 'defaults')
  const options = objectAt(panel, 'options')
  const legend = objectAt(options, 'legend')
  const setDefaults = (next: Json): void =>
    onChange({ ...panel, fieldConfig: { overrides: [], ...fieldConfig, defaults: next } })
  const setNumber = (key: string, value: number | undefined): void =>
    setDefaults(
      value === undefined
        ? Object.fromEntries(Object.entries(defaults).filter(([name]) => name !== key))
        : { ...defaults, [key]: value },
    )
  const setOptions = (change: Json): void => onChange({ ...panel, options: { ...options, ...change } })
  const hasAxes = type === 'timeseries' || type === 'barchart'
  const isFigures = ['stat', 'gauge', 'bargauge', 'piechart'].includes(type)
  return (
    <>
      <TextField
        label="Description"
        value={textAt(panel, 'description') ?? ''}
        onChange={(description) => onChange({ ...panel, description })}
      />
      <span className="form-line">
        <TextField
          label="Unit"
          list="grafana-units"
          placeholder="short"
          value={textAt(defaults, 'unit') ?? ''}
          onChange={(unit) => setDefaults({ ...defaults, unit })}
        />
        <NumberField
          label="Decimals"
          value={numberAt(defaults, 'decimals')}
          onChange={(value) => setNumber('decimals', value)}
        />
      </span>
      <span className="form-line">
        <NumberField
          label="Least value"
          value={numberAt(defaults, 'min')}
          onChange={(value) => setNumber('min', value)}
        />
        <NumberField
          label="Greatest value"
          value={numberAt(defaults, 'max')}
          onChange={(value) => setNumber('max', value)}
        />
      </span>
      {type === 'timeseries' ? <DrawingForm defaults={defaults} onChange={setDefaults} /> : null}
      {isFigures ? (
        <Select
          label="Each series comes down to its"
          word="Each series comes down to its"
          value={textsAt(objectAt(options, 'reduceOptions'), 'calcs')[0] ?? 'lastNotNull'}
          options={CALCS.map((value) => ({ value, words: value }))}
          onChange={(calc) => setOptions({ reduceOptions: { ...objectAt(options, 'reduceOptions'), calcs: [calc] } })}
        />
      ) : null}
      <ThresholdRows defaults={defaults} onChange={setDefaults} />
      <MappingRows config={defaults} onChange={(mappings) => setDefaults({ ...defaults, mappings })} />
      {hasAxes || type === 'piechart' ? (
        <fieldset className="form-group">
          <legend>Legend</legend>
          <span className="form-line">
            <Checkbox
              checked={flagAt(legend, 'showLegend') !== false}
              onChange={(showLegend) => setOptions({ legend: { ...legend, showLegend } })}
            >
              Shown
            </Checkbox>
            <Checkbox
              checked={legend['displayMode'] === 'table'}
              onChange={(isTable) => setOptions({ legend: { ...legend, displayMode: isTable ? 'table' : 'list' } })}
            >
              As a table
            </Checkbox>
            <Checkbox
              checked={legend['placement'] === 'right'}
              onChange={(isRight) => setOptions({ legend: { ...legend, placement: isRight ? 'right' : 'bottom' } })}
            >
              On the right
            </Checkbox>
          </span>
          <span className="form-line">
            {['lastNotNull', 'mean', 'min', 'max', 'sum'].map((calc) => {
              const calcs = textsAt(legend, 'calcs')
              return (
                <Checkbox
                  key={calc}
                  checked={calcs.includes(calc)}
                  onChange={(isOn) =>
                    setOptions({
                      legend: { ...legend, calcs: isOn ? [...calcs, calc] : calcs.filter((one) => one !== calc) },
                    })
                  }
                >
                  {calc === 'lastNotNull' ? 'last' : calc}
                </Checkbox>
              )
            })}
          </span>
        </fieldset>
      ) : null}
    </>
  )
}

const CALCS = [
  'lastNotNull',
  'last',
  'firstNotNull',
  'mean',
  'median',
  'min',
  'max',
  'sum',
  'range',
  'diff',
  'count',
  'stdDev',
] as const

function DrawingForm({
  defaults,
  onChange,
}: {
  readonly defaults: Json
  readonly onChange: (defaults: Json) => void
}): ReactElement {
  const custom = objectAt(defaults, 'custom')
  const set = (change: Json): void => onChange({ ...defaults, custom: { ...custom, ...change } })
  const stacking = objectAt(custom, 'stacking')
  return (
    <>
      <span className="form-line">
        <Select
          label="Drawn as"
          word="Drawn as"
          value={textAt(custom, 'drawStyle') ?? 'line'}
          options={['line', 'bars', 'points'].map((value) => ({ value, words: value }))}
          onChange={(drawStyle) => set({ drawStyle })}
        />
        <Select
          label="Stacked"
          word="Stacked"
          value={textAt(stacking, 'mode') ?? 'none'}
          options={['none', 'normal', 'percent'].map((value) => ({ value, words: value }))}
          onChange={(mode) => set({ stacking: { group: 'A', ...stacking, mode } })}
        />
        <Select
          label="Thresholds"
          word="Thresholds"
          value={textAt(objectAt(custom, 'thresholdsStyle'), 'mode') ?? 'off'}
          options={['off', 'line', 'area', 'line+area'].map((value) => ({ value, words: value }))}
          onChange={(mode) => set({ thresholdsStyle: { mode } })}
        />
      </span>
      <span className="form-line">
        <NumberField
          label="Line width"
          value={numberAt(custom, 'lineWidth')}
          onChange={(lineWidth) => set({ lineWidth: lineWidth ?? 1 })}
        />
        <NumberField
          label="Fill, %"
          value={numberAt(custom, 'fillOpacity')}
          onChange={(fillOpacity) => set({ fillOpacity: fillOpacity ?? 0 })}
        />
        <Checkbox checked={custom['spanNulls'] === true} onChange={(spanNulls) => set({ spanNulls })}>
          Bridge gaps
        </Checkbox>
      </span>
    </>
  )
}
