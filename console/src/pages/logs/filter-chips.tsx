import { type SubmitEvent, type ReactElement, type ReactNode, useState } from 'react'
import { addFilter, filtersOf, removeFilter } from '../../editors/logql-edit.ts'
import { showControls } from '../../format/log-body.ts'
import { Icon } from '../../parts/icon.tsx'
import { Popover } from '../../parts/popover.tsx'

/** The conditions of the query as chips; each can be taken away, and one more added. */
export function FilterChips(props: {
  readonly query: string
  readonly streamLabels: ReadonlySet<string>
  readonly onQuery: (query: string) => void
  readonly children: ReactNode
}): ReactElement {
  const { query } = props
  const filters = filtersOf(query)
  return (
    <div className="filters" role="group" aria-label="Filters">
      <span className="text-3">Filters</span>
      {filters.map((filter) => {
        const isNegated = filter.operator.startsWith('!')
        const canGo = !filter.isSelector || filters.filter(({ isSelector }) => isSelector).length > 1
        return (
          <span key={`${filter.from}`} className="chip">
            <span>{filter.field}</span>
            <span className={`chip-operator ${isNegated ? 'chip-negated' : ''}`}>
              {{ '=': '=', '!=': '≠', '=~': '~', '!~': '≁' }[filter.operator]}
            </span>
            <span title={filter.value}>{showControls(filter.value)}</span>
            {canGo ? (
              <button
                type="button"
                aria-label={`Remove ${filter.field} ${filter.operator} ${filter.value}`}
                onClick={() => props.onQuery(removeFilter(query, filter))}
              >
                <Icon name="close" size={10} />
              </button>
            ) : null}
          </span>
        )
      })}
      <AddFilter {...props} />
      {props.children}
    </div>
  )
}

function AddFilter(props: {
  readonly query: string
  readonly streamLabels: ReadonlySet<string>
  readonly onQuery: (query: string) => void
}): ReactElement {
  const [field, setField] = useState('')
  const [value, setValue] = useState('')
  return (
    <Popover
      label="Add a filter"
      className="button button-ghost button-small"
      face={
        <>
          <Icon name="plus" /> Filter
        </>
      }
    >
      {(close) => {
        const add = (event: SubmitEvent): void => {
          event.preventDefault()
          if (!/^[a-zA-Z_][\w]*$/.test(field)) return
          const isStream = props.streamLabels.has(field)
          props.onQuery(addFilter(props.query, { field, operator: '=', value, isStream }))
          close()
        }
        return (
          <form className="menu filter-form" onSubmit={add}>
            <label>
              <span className="label">Field</span>
              <input
                className="input mono-input"
                autoFocus
                value={field}
                onChange={(event) => setField(event.target.value)}
              />
            </label>
            <label>
              <span className="label">Value</span>
              <input className="input mono-input" value={value} onChange={(event) => setValue(event.target.value)} />
            </label>
            <input type="submit" className="button button-primary filter-add" value="Add filter" />
          </form>
        )
      }}
    </Popover>
  )
}
