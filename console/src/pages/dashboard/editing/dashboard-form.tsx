import { type ReactElement, useState } from 'react'
import type { Dashboard } from '../../../grafana/dashboard.ts'
import { variablesIn, withVariables } from '../../../grafana/edit/panels.ts'
import { type Json, objectAt } from '../../../grafana/json.ts'
import { Segmented } from '../../../parts/controls.tsx'
import { Drawer } from '../../../parts/drawer.tsx'
import { TextField } from './fields.tsx'
import { JsonForm } from './json-form.tsx'
import { VariableRows } from './variable-rows.tsx'

type Tab = 'general' | 'variables' | 'json'

/** What belongs to the dashboard as a whole. */
export function DashboardForm(props: {
  readonly dashboard: Dashboard
  readonly onChange: (json: Json, topic?: string) => void
  readonly onClose: () => void
}): ReactElement {
  const { dashboard, onChange } = props
  const { json } = dashboard
  const [tab, setTab] = useState<Tab>('general')
  const time = objectAt(json, 'time')
  const text = (label: string, key: 'title' | 'description' | 'refresh', placeholder = ''): ReactElement => (
    <TextField
      label={label}
      placeholder={placeholder}
      value={dashboard[key]}
      onChange={(value) => {
        // A dashboard without a title is none.
        if (key !== 'title' || value.trim() !== '') onChange({ ...json, [key]: value }, key)
      }}
    />
  )
  return (
    <Drawer label="Settings of the dashboard" head={<h2>Settings</h2>} onClose={props.onClose}>
      <div className="drawer-body">
        <Segmented
          label="What is edited"
          value={tab}
          options={[
            { value: 'general', face: 'General' },
            { value: 'variables', face: 'Variables' },
            { value: 'json', face: 'JSON' },
          ]}
          onChange={setTab}
        />
        {tab === 'general' ? (
          <>
            {text('Title', 'title')}
            {text('Description', 'description')}
            <TextField
              label="Tags, with commas"
              value={dashboard.tags.join(', ')}
              onChange={(value) =>
                onChange(
                  {
                    ...json,
                    tags: value
                      .split(',')
                      .map((tag) => tag.trim())
                      .filter((tag) => tag !== ''),
                  },
                  'tags',
                )
              }
            />
            <span className="form-line">
              <TextField
                label="From"
                value={dashboard.from}
                onChange={(from) => onChange({ ...json, time: { ...time, from, to: dashboard.to } }, 'from')}
              />
              <TextField
                label="To"
                value={dashboard.to}
                onChange={(to) => onChange({ ...json, time: { ...time, from: dashboard.from, to } }, 'to')}
              />
              {text('Refresh', 'refresh', '30s')}
            </span>
          </>
        ) : null}
        {tab === 'variables' ? (
          <VariableRows
            list={variablesIn(dashboard)}
            onChange={(list, topic) => onChange(withVariables(json, list), topic)}
          />
        ) : null}
        {tab === 'json' ? (
          <JsonForm label="The dashboard's JSON" rows={32} json={json} onChange={(next) => onChange(next)} />
        ) : null}
      </div>
    </Drawer>
  )
}
