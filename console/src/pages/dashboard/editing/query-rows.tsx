import type { ReactElement } from 'react'
import { flagAt, type Json, objectAt, objectsAt, textAt } from '../../../grafana/json.ts'
import { Checkbox, Select } from '../../../parts/controls.tsx'
import { LongField, TextField } from './fields.tsx'

const SOURCES = [
  { value: 'prometheus', words: 'Metrics (PromQL)' },
  { value: 'loki', words: 'Logs (LogQL)' },
  { value: 'tempo', words: 'Traces (TraceQL)' },
] as const

const LETTERS = Array.from({ length: 26 }, (_, at) => String.fromCodePoint(65 + at))

/** The queries of a panel; fields that are not shown stay as they are. */
export function QueryRows({
  panel,
  onChange,
}: {
  readonly panel: Json
  readonly onChange: (panel: Json) => void
}): ReactElement {
  const targets = objectsAt(panel, 'targets')
  const set = (at: number, change: Json): void =>
    onChange({ ...panel, targets: targets.map((target, index) => (index === at ? { ...target, ...change } : target)) })
  const add = (): void => {
    const used = new Set(targets.map((target) => target['refId']))
    const refId = LETTERS.find((letter) => !used.has(letter)) ?? `Q${targets.length}`
    onChange({
      ...panel,
      targets: [...targets, { refId, expr: '', datasource: targets.at(-1)?.['datasource'] ?? { type: 'prometheus' } }],
    })
  }
  return (
    <>
      {targets.map((target, at) => {
        const type =
          textAt(objectAt(target, 'datasource'), 'type') ??
          textAt(objectAt(panel, 'datasource'), 'type') ??
          'prometheus'
        const field = type === 'tempo' ? 'query' : 'expr'
        const isInstant = flagAt(target, 'instant') === true
        return (
          <fieldset key={at} className="form-group">
            <legend>Query {textAt(target, 'refId') ?? at + 1}</legend>
            <Select
              label="Asks"
              word="Asks"
              value={type}
              options={
                SOURCES.some(({ value }) => value === type) ? SOURCES : [...SOURCES, { value: type, words: type }]
              }
              onChange={(next) => set(at, { datasource: { type: next } })}
            />
            <LongField
              label="Query"
              rows={4}
              value={textAt(target, field) ?? ''}
              onChange={(text) => set(at, { [field]: text })}
            />
            <TextField
              label="Legend"
              placeholder="{{cluster}}"
              value={textAt(target, 'legendFormat') ?? ''}
              onChange={(legendFormat) => set(at, { legendFormat })}
            />
            <span className="form-line">
              <Checkbox checked={isInstant} onChange={(instant) => set(at, { instant, range: !instant })}>
                At the end only
              </Checkbox>
              <Checkbox
                checked={target['format'] === 'table'}
                onChange={(isTable) => set(at, { format: isTable ? 'table' : 'time_series' })}
              >
                As a table
              </Checkbox>
              <Checkbox checked={flagAt(target, 'hide') === true} onChange={(hide) => set(at, { hide })}>
                Not shown
              </Checkbox>
              <button
                type="button"
                className="button button-small button-ghost"
                aria-label={`Remove query ${textAt(target, 'refId') ?? ''}`}
                onClick={() => onChange({ ...panel, targets: targets.filter((_, index) => index !== at) })}
              >
                Remove
              </button>
            </span>
          </fieldset>
        )
      })}
      <button type="button" className="button button-small" onClick={add}>
        Add a query
      </button>
    </>
  )
}
