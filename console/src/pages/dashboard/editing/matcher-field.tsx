import type { ReactElement } from 'react'
import { VALUE_OPERATORS } from '../../../grafana/edit/properties.ts'
import { REDUCERS } from '../../../grafana/fields/reduce.ts'
import { isJson, numberAt, textAt, textsAt } from '../../../grafana/json.ts'
import { Checkbox, Select } from '../../../parts/controls.tsx'
import { NumberField, TextField } from './fields.tsx'

const TYPES = ['number', 'string', 'time'] as const

/** What a matcher of an override looks for. */
export function MatcherField(props: {
  readonly id: string
  readonly options: unknown
  readonly onChange: (options: unknown) => void
}): ReactElement {
  const { id, options, onChange } = props
  const text = typeof options === 'string' ? options : ''
  const json = isJson(options) ? options : {}
  switch (id) {
    case 'byType':
      return (
        <Select
          label="Type"
          value={text}
          options={[...new Set([...TYPES, text])].map((value) => ({ value, words: value }))}
          onChange={onChange}
        />
      )
    case 'byNames':
      return (
        <>
          <TextField
            label="Names, with commas"
            value={textsAt(json, 'names').join(', ')}
            onChange={(names) =>
              onChange({
                mode: 'include',
                ...json,
                names: names
                  .split(',')
                  .map((name) => name.trim())
                  .filter((name) => name !== ''),
              })
            }
          />
          <Checkbox
            checked={json['mode'] === 'exclude'}
            onChange={(isOthers) => onChange({ ...json, mode: isOthers ? 'exclude' : 'include' })}
          >
            All others
          </Checkbox>
        </>
      )
    case 'byValue':
      return (
        <>
          <Select
            label="Which value"
            value={textAt(json, 'reducer') ?? 'allIsZero'}
            options={REDUCERS.map((value) => ({ value, words: value }))}
            onChange={(reducer) => onChange({ ...json, reducer })}
          />
          <Select
            label="Is"
            value={textAt(json, 'op') ?? 'gte'}
            options={VALUE_OPERATORS.map((value) => ({ value, words: SIGNS[value] }))}
            onChange={(op) => onChange({ ...json, op })}
          />
          <NumberField
            label="Than"
            value={numberAt(json, 'value')}
            onChange={(value) => onChange({ ...json, value: value ?? 0 })}
          />
        </>
      )
    default:
      return (
        <TextField
          label={id === 'byRegexp' ? 'Expression' : id === 'byFrameRefID' ? 'Query' : 'Name'}
          value={text}
          onChange={onChange}
        />
      )
  }
}

const SIGNS: Readonly<Record<(typeof VALUE_OPERATORS)[number], string>> = {
  gte: '≥',
  gt: '>',
  lte: '≤',
  lt: '<',
  eq: '=',
  neq: '≠',
}
