import type { ReactElement } from 'react'
import { flagAt, isJson, type Json, numberAt, textAt } from '../../../grafana/json.ts'
import { Checkbox, Select } from '../../../parts/controls.tsx'
import { LongField, TextField } from './fields.tsx'

const KINDS = ['query', 'custom', 'interval', 'textbox', 'constant', 'datasource', 'adhoc', 'switch'] as const

/** The dashboard's variables in their order. */
export function VariableRows({
  list,
  onChange,
}: {
  readonly list: readonly Json[]
  readonly onChange: (list: readonly Json[], topic?: string) => void
}): ReactElement {
  const set = (at: number, change: Json): void =>
    onChange(
      list.map((one, index) => (index === at ? { ...one, ...change } : one)),
      `variable ${at}`,
    )
  const swap = (at: number): void =>
    onChange(
      list.map((one, index) => (index === at ? (list[at + 1] ?? one) : index === at + 1 ? (list[at] ?? one) : one)),
    )
  return (
    <>
      {list.map((variable, at) => {
        const name = textAt(variable, 'name') ?? ''
        const type = textAt(variable, 'type') ?? 'query'
        const isChosen = type === 'query' || type === 'custom'
        return (
          <fieldset key={at} className="form-group">
            <legend>${name}</legend>
            <span className="form-line">
              <TextField label="Name" value={name} onChange={(text) => set(at, { name: text.replaceAll(/\W/g, '') })} />
              <TextField
                label="Label"
                value={textAt(variable, 'label') ?? ''}
                onChange={(label) => set(at, { label })}
              />
            </span>
            <Select
              label="Kind"
              word="Kind"
              value={type}
              options={[...new Set([...KINDS, type])].map((value) => ({ value, words: value }))}
              onChange={(next) => set(at, { type: next })}
            />
            <LongField
              label={type === 'query' ? 'Query: label_values(up, cluster)' : 'Values'}
              rows={2}
              value={queryOf(variable)}
              onChange={(text) => set(at, withQuery(variable, text))}
            />
            {type === 'query' ? (
              <TextField
                label="Regular expression that picks"
                value={textAt(variable, 'regex') ?? ''}
                onChange={(regex) => set(at, { regex })}
              />
            ) : null}
            <span className="form-line">
              {isChosen ? (
                <>
                  <Checkbox checked={flagAt(variable, 'multi') === true} onChange={(multi) => set(at, { multi })}>
                    Several
                  </Checkbox>
                  <Checkbox
                    checked={flagAt(variable, 'includeAll') === true}
                    onChange={(includeAll) => set(at, { includeAll })}
                  >
                    All
                  </Checkbox>
                </>
              ) : null}
              <Checkbox
                checked={numberAt(variable, 'hide') === 2}
                onChange={(isHidden) => set(at, { hide: isHidden ? 2 : 0 })}
              >
                Not shown
              </Checkbox>
              {at + 1 < list.length ? (
                <button type="button" className="button button-small button-ghost" onClick={() => swap(at)}>
                  Down
                </button>
              ) : null}
              <button
                type="button"
                className="button button-small button-ghost"
                aria-label={`Remove the variable ${name}`}
                onClick={() => onChange(list.filter((_, index) => index !== at))}
              >
                Remove
              </button>
            </span>
          </fieldset>
        )
      })}
      <button
        type="button"
        className="button button-small"
        onClick={() =>
          onChange([
            ...list,
            {
              name: `variable${list.length + 1}`,
              type: 'query',
              datasource: { type: 'prometheus' },
              query: '',
              refresh: 2,
              multi: false,
              includeAll: false,
            },
          ])
        }
      >
        Add a variable
      </button>
    </>
  )
}

function queryOf(variable: Json): string {
  const { query } = variable
  if (isJson(query)) return textAt(query, 'query') ?? JSON.stringify(query)
  return typeof query === 'string' ? query : ''
}

function withQuery(variable: Json, text: string): Json {
  const { query } = variable
  if (isJson(query) && textAt(query, 'query') !== undefined)
    return { query: { ...query, query: text }, definition: text }
  // Editors before kept the options beside the text.
  return variable['type'] === 'query' ? { query: text } : { query: text, options: [] }
}
