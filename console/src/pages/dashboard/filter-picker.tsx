import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { fetchLabelNames, fetchLabelValues } from '../../data/prometheus/client.ts'
import { useView } from '../../data/view.tsx'
import { Popover } from '../../parts/popover.tsx'
import { Select } from '../../parts/controls.tsx'

const OPERATORS = ['=', '!=', '=~', '!~'] as const

/** An ad-hoc variable: filters that are put into every query. Each stands in the address as `label|=|value`. */
export function FilterPicker(props: {
  readonly word: string
  readonly values: readonly string[]
  readonly onChange: (values: readonly string[]) => void
}): ReactElement {
  const { word, values, onChange } = props
  return (
    <span className="filters" role="group" aria-label={word}>
      <span className="select-key">{word}</span>
      {values.map((value) => {
        const [label = '', operator = '', wanted = ''] = value.split('|')
        return (
          <span key={value} className="chip mono-text">
            {label} {operator} {wanted}
            <button
              type="button"
              aria-label={`Remove the filter ${label}`}
              onClick={() => onChange(values.filter((one) => one !== value))}
            >
              ×
            </button>
          </span>
        )
      })}
      <Popover label="Add a filter" className="button button-small button-ghost" face="Add a filter">
        {(close) => (
          <FilterForm
            onAdd={(filter) => {
              onChange([...values, filter])
              close()
            }}
          />
        )}
      </Popover>
    </span>
  )
}

function FilterForm({ onAdd }: { readonly onAdd: (filter: string) => void }): ReactElement {
  const { interval, tenant } = useView()
  const [label, setLabel] = useState('')
  const [operator, setOperator] = useState<string>('=')
  const [wanted, setWanted] = useState('')
  const { data: names = [] } = useQuery({
    queryKey: ['filters', 'names', tenant],
    queryFn: ({ signal }) => fetchLabelNames([], interval, { signal, tenant }),
  })
  const { data: found = [] } = useQuery({
    queryKey: ['filters', 'values', label, tenant],
    queryFn: ({ signal }) => fetchLabelValues(label, [], interval, { signal, tenant }),
    enabled: names.includes(label),
  })
  return (
    <form
      className="filter-form"
      onSubmit={(event) => {
        event.preventDefault()
        if (label !== '') onAdd(`${label}|${operator}|${wanted.replaceAll('|', '')}`)
      }}
    >
      <input
        className="input"
        aria-label="Label"
        placeholder="label"
        list="filter-labels"
        value={label}
        onChange={(event) => setLabel(event.target.value)}
      />
      <Select
        label="Operator"
        value={operator}
        options={OPERATORS.map((value) => ({ value, words: value }))}
        onChange={setOperator}
      />
      <input
        className="input"
        aria-label="Value"
        placeholder="value"
        list="filter-values"
        value={wanted}
        onChange={(event) => setWanted(event.target.value)}
      />
      <datalist id="filter-labels">
        {names.slice(0, 500).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <datalist id="filter-values">
        {found.slice(0, 500).map((value) => (
          <option key={value} value={value} />
        ))}
      </datalist>
      <button type="submit" className="button button-primary" disabled={label === ''}>
        Add the filter
      </button>
    </form>
  )
}
