import { useQuery } from '@tanstack/react-query'
import { type SubmitEvent, type ReactElement, useState } from 'react'
import { fetchTraceTagValues } from '../../data/tempo/client.ts'
import { useView } from '../../data/view.tsx'
import { Checkbox, Select } from '../../parts/controls.tsx'
import { isDuration, NO_CONDITIONS, readConditions, type TraceConditions, writeConditions } from './trace-builder.ts'

/** The usual questions without TraceQL: each change is written into the query. */
export function BuilderForm(props: {
  readonly query: string
  readonly onQuery: (query: string) => void
}): ReactElement {
  const { tenant } = useView()
  const read = readConditions(props.query)
  const conditions = read ?? NO_CONDITIONS
  const services = useTagValues('resource.service.name', tenant)
  const names = useTagValues('name', tenant)
  const change = (changes: Partial<TraceConditions>): void =>
    props.onQuery(writeConditions({ ...conditions, ...changes }))
  return (
    <div className="filters" role="group" aria-label="Search builder">
      <Select
        label="Service"
        word="Service"
        value={conditions.service}
        onChange={(service) => change({ service })}
        options={optionsOf(services, conditions.service)}
      />
      <Select
        label="Operation"
        word="Operation"
        value={conditions.name}
        onChange={(name) => change({ name })}
        options={optionsOf(names, conditions.name)}
      />
      <DurationField
        label="Longer than"
        value={conditions.minDuration}
        onChange={(minDuration) => change({ minDuration })}
      />
      <DurationField
        label="Shorter than"
        value={conditions.maxDuration}
        onChange={(maxDuration) => change({ maxDuration })}
      />
      <Checkbox checked={conditions.isError} onChange={(isError) => change({ isError })}>
        Failed only
      </Checkbox>
      {read === undefined ? (
        <span className="text-3">The query says more than these fields; changing one replaces it.</span>
      ) : null}
    </div>
  )
}

function DurationField(props: {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
}): ReactElement {
  const [state, setState] = useState({ value: props.value, typed: props.value })
  if (state.value !== props.value) setState({ value: props.value, typed: props.value })
  const { typed } = state
  const isWrong = typed !== '' && !isDuration(typed)
  const apply = (event?: SubmitEvent): void => {
    event?.preventDefault()
    if (!isWrong && typed !== props.value) props.onChange(typed)
  }
  return (
    <form className="duration-field" onSubmit={apply}>
      <label>
        <span className="text-3">{props.label}</span>
        <input
          className="input mono-input"
          placeholder="500ms"
          aria-invalid={isWrong}
          value={typed}
          onChange={(event) => setState({ value: props.value, typed: event.target.value.trim() })}
          onBlur={() => apply()}
        />
      </label>
    </form>
  )
}

function useTagValues(tag: string, tenant: string | undefined): readonly string[] {
  const { data = [] } = useQuery({
    queryKey: ['tempo', 'values', tag, tenant],
    queryFn: ({ signal }) => fetchTraceTagValues(tag, { signal, tenant }),
    staleTime: 60_000,
  })
  return data.map(({ value }) => value)
}

function optionsOf(
  values: readonly string[],
  chosen: string,
): readonly { readonly value: string; readonly words: string }[] {
  return [
    { value: '', words: 'any' },
    ...[...new Set([...values, ...(chosen === '' ? [] : [chosen])])].sort().map((value) => ({ value, words: value })),
  ]
}
