import { type ReactElement, useState } from 'react'
import type { GridPlace } from '../../../grafana/dashboard.ts'
import { GRAFANA_UNITS } from '../../../grafana/fields/units.ts'
import { flagAt, type Json, numberAt, objectAt, textAt, textsAt } from '../../../grafana/json.ts'
import { PANEL_KINDS } from '../../../grafana/panel-types.ts'
import { Checkbox, Segmented, Select } from '../../../parts/controls.tsx'
import { Drawer } from '../../../parts/drawer.tsx'
import { LongField, NumberField, TextField } from './fields.tsx'
import { JsonForm } from './json-form.tsx'
import { QueryRows } from './query-rows.tsx'
import { ThresholdRows } from './threshold-rows.tsx'

type Tab = 'queries' | 'look' | 'place' | 'json'

/** One panel's settings; every change is seen at once. What has no field here is in its JSON. */
export function PanelForm(props: {
  readonly panel: Json
  readonly place: GridPlace
  /** `topic`: what is typed into one field is one change. */
  readonly onChange: (panel: Json, topic: string) => void
  readonly onPlace: (place: GridPlace) => void
  readonly onClose: () => void
}): ReactElement {
  const { panel, place } = props
  const [tab, setTab] = useState<Tab>('queries')
  const type = textAt(panel, 'type') ?? ''
  const title = textAt(panel, 'title') ?? ''
  const change = (next: Json, topic: string = tab): void => props.onChange(next, `${String(panel['id'])} ${topic}`)
  return (
    <Drawer
      label="Edit the panel"
      head={<h2 className="cut">{title === '' ? 'Panel' : title}</h2>}
      onClose={props.onClose}
    >
      <div className="drawer-body">
        <TextField label="Title" value={title} onChange={(text) => change({ ...panel, title: text }, 'title')} />
        <Select
          label="Shown as"
          word="Shown as"
          value={type}
          options={[...new Set([...PANEL_KINDS, type])].map((value) => ({ value, words: value }))}
          onChange={(next) => change({ ...panel, type: next }, 'type')}
        />
        <Segmented
          label="What is edited"
          value={tab}
          options={[
            { value: 'queries', face: type === 'text' ? 'Text' : 'Queries' },
            { value: 'look', face: 'Look' },
            { value: 'place', face: 'Place' },
            { value: 'json', face: 'JSON' },
          ]}
          onChange={setTab}
        />
        {tab === 'queries' ? (
          type === 'text' ? (
            <TextForm panel={panel} onChange={change} />
          ) : (
            <QueryRows panel={panel} onChange={change} />
          )
        ) : null}
        {tab === 'look' ? <LookForm panel={panel} type={type} onChange={change} /> : null}
        {tab === 'place' ? <PlaceForm place={place} onPlace={props.onPlace} /> : null}
        {tab === 'json' ? <JsonForm label="The panel's JSON" rows={28} json={panel} onChange={change} /> : null}
      </div>
    </Drawer>
  )
}

interface FormProps {
  readonly panel: Json
  readonly onChange: (panel: Json, topic?: string) => void
}

function TextForm({ panel, onChange }: FormProps): ReactElement {
  const options = objectAt(panel, 'options')
  return (
    <LongField
      label="Text, in Markdown"
      rows={14}
      value={textAt(options, 'content') ?? ''}
      onChange={(content) => onChange({ ...panel, options: { ...options, content, mode: 'markdown' } })}
    />
  )
}

function PlaceForm({
  place,
  onPlace,
}: {
  readonly place: GridPlace
  readonly onPlace: (place: GridPlace) => void
}): ReactElement {
  const field = (label: string, key: keyof GridPlace): ReactElement => (
    <NumberField
      label={label}
      value={place[key]}
      onChange={(value) => (value === undefined ? undefined : onPlace({ ...place, [key]: value }))}
    />
  )
  return (
    <span className="form-line">
      {field('Column, 0 to 23', 'x')}
      {field('Row', 'y')}
      {field('Columns wide', 'w')}
      {field('Rows high', 'h')}
    </span>
  )
}

function LookForm({ panel, type, onChange }: FormProps & { readonly type: string }): ReactElement {
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
        <datalist id="grafana-units">
          {GRAFANA_UNITS.map((unit) => (
            <option key={unit} value={unit} />
          ))}
        </datalist>
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
