import { type ReactElement, useState } from 'react'
import { ALL } from '../../grafana/variables/interpolate.ts'
import { Checkbox, Select } from '../../parts/controls.tsx'
import { Popover } from '../../parts/popover.tsx'
import { FilterPicker } from './filter-picker.tsx'
import type { VariableState } from './use-variables.ts'

/** What the top bar chooses already, and what there is nothing to choose of. */
const ELSEWHERE = new Set(['cluster', 'environment'])

/** The dashboard's variables; choices stand in the address. */
export function VariableBar(props: {
  readonly states: readonly VariableState[]
  readonly onChange: (name: string, values: readonly string[]) => void
}): ReactElement | null {
  const shown = props.states.filter(
    ({ definition }) =>
      definition.hide !== 'whole' &&
      definition.kind !== 'datasource' &&
      definition.kind !== 'constant' &&
      !ELSEWHERE.has(definition.name),
  )
  if (shown.length === 0) return null
  return (
    <div className="toolbar" role="group" aria-label="Variables">
      {shown.map((state) => (
        <VariablePicker
          key={state.definition.name}
          state={state}
          onChange={(values) => props.onChange(state.definition.name, values)}
        />
      ))}
    </div>
  )
}

interface PickerProps {
  readonly state: VariableState
  readonly onChange: (values: readonly string[]) => void
}

function VariablePicker({ state, onChange }: PickerProps): ReactElement {
  const { definition, options, values, failure } = state
  const word = definition.hide === 'label' ? '' : definition.label
  if (definition.kind === 'adhoc') return <FilterPicker word={word} values={values} onChange={onChange} />
  if (definition.kind === undefined) {
    return (
      <span className="text-3">
        {word}: variables of the kind {String(definition.json['type'])} are not chosen here
      </span>
    )
  }
  if (failure !== undefined) {
    return (
      <span className="status status-degraded" title={failure}>
        {word}: its values could not be listed
      </span>
    )
  }
  if (definition.kind === 'textbox')
    return <TextPicker key={values[0]} word={word} value={values[0] ?? ''} onChange={onChange} />
  if (definition.multi) return <MultiPicker state={state} onChange={onChange} />
  const all = definition.includeAll ? [{ value: ALL, words: 'All' }] : []
  const choices = [...all, ...options.map(({ value, text }) => ({ value, words: text }))]
  const missing = values.filter((value) => !choices.some((choice) => choice.value === value))
  return (
    <Select
      label={definition.label}
      word={word}
      value={values[0] ?? ''}
      options={[...choices, ...missing.map((value) => ({ value, words: value }))]}
      onChange={(value) => onChange([value])}
    />
  )
}

function TextPicker(props: {
  readonly word: string
  readonly value: string
  readonly onChange: (values: readonly string[]) => void
}): ReactElement {
  return (
    <label className="select">
      <span className="select-key">{props.word}</span>
      <input
        className="input"
        defaultValue={props.value}
        aria-label={props.word}
        onBlur={(event) => {
          if (event.target.value !== props.value) props.onChange([event.target.value])
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') event.currentTarget.blur()
        }}
      />
    </label>
  )
}

/** What a list shows at once. */
const MOST_CHOICES = 500
const FIND_FROM = 8

function MultiPicker({ state: { definition, options, values }, onChange }: PickerProps): ReactElement {
  const [find, setFind] = useState('')
  const shown = options.filter(({ text }) => text.toLowerCase().includes(find.toLowerCase()))
  const isAll = values.includes(ALL)
  const words = isAll ? 'All' : values.length === 1 ? (values[0] ?? '') : `${values.length} chosen`
  const toggle = (value: string): void => {
    const others = isAll ? [] : values.filter((one) => one !== value)
    const next = !isAll && values.includes(value) ? others : [...others, value]
    onChange(next.length === 0 && definition.includeAll ? [ALL] : next)
  }
  return (
    <Popover
      label={definition.label}
      face={
        <>
          <span className="select-key">{definition.label}</span> <b className="cut">{words}</b>
        </>
      }
    >
      {() => (
        <div className="variable-choices">
          {definition.includeAll ? (
            <Checkbox checked={isAll} onChange={() => onChange([ALL])}>
              All
            </Checkbox>
          ) : null}
          {options.length > FIND_FROM ? (
            <input
              className="input"
              type="search"
              placeholder="Find"
              aria-label={`Find in ${definition.label}`}
              value={find}
              onChange={(event) => setFind(event.target.value)}
            />
          ) : null}
          {shown.slice(0, MOST_CHOICES).map(({ value, text }) => (
            <Checkbox key={value} checked={!isAll && values.includes(value)} onChange={() => toggle(value)}>
              {text}
            </Checkbox>
          ))}
          {shown.length > MOST_CHOICES ? <span className="text-3">{shown.length - MOST_CHOICES} more</span> : null}
        </div>
      )}
    </Popover>
  )
}
