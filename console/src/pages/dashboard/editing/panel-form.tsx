import { type ReactElement, useState } from 'react'
import type { GridPlace } from '../../../grafana/dashboard.ts'
import { GRAFANA_UNITS } from '../../../grafana/fields/units.ts'
import { type Json, objectAt, objectsAt, textAt } from '../../../grafana/json.ts'
import { PANEL_KINDS } from '../../../grafana/panel-types.ts'
import { Segmented, Select } from '../../../parts/controls.tsx'
import { Drawer } from '../../../parts/drawer.tsx'
import { LongField, NumberField, TextField } from './fields.tsx'
import { JsonForm } from './json-form.tsx'
import { LookForm } from './look-form.tsx'
import { OverrideRows } from './override-rows.tsx'
import { QueryRows } from './query-rows.tsx'
import { TransformationRows } from './transformation-rows.tsx'

type Tab = 'queries' | 'transform' | 'look' | 'overrides' | 'place' | 'json'

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
  const fieldConfig = objectAt(panel, 'fieldConfig')
  const change = (next: Json, topic: string = tab): void => props.onChange(next, `${String(panel['id'])} ${topic}`)
  return (
    <Drawer
      label="Edit the panel"
      head={<h2 className="cut">{title === '' ? 'Panel' : title}</h2>}
      onClose={props.onClose}
    >
      <div className="drawer-body">
        <datalist id="grafana-units">
          {GRAFANA_UNITS.map((unit) => (
            <option key={unit} value={unit} />
          ))}
        </datalist>
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
            { value: 'transform', face: 'Transform' },
            { value: 'look', face: 'Look' },
            { value: 'overrides', face: 'Overrides' },
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
        {tab === 'transform' ? (
          <TransformationRows
            list={objectsAt(panel, 'transformations')}
            onChange={(transformations) => change({ ...panel, transformations })}
          />
        ) : null}
        {tab === 'look' ? <LookForm panel={panel} type={type} onChange={change} /> : null}
        {tab === 'overrides' ? (
          <OverrideRows
            fieldConfig={fieldConfig}
            onChange={(overrides) => change({ ...panel, fieldConfig: { defaults: {}, ...fieldConfig, overrides } })}
          />
        ) : null}
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
