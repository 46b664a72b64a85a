import type { ReactElement } from 'react'
import {
  fieldsOf,
  fromLines,
  fromPairs,
  newTransformation,
  readOption,
  toLines,
  toPairs,
  type TransformationField,
  writeOption,
} from '../../../grafana/edit/transformations.ts'
import { flagAt, type Json, objectAt, textAt } from '../../../grafana/json.ts'
import { TRANSFORMATION_IDS } from '../../../grafana/transform/index.ts'
import { Checkbox, Select } from '../../../parts/controls.tsx'
import { LongField, NumberField, TextField } from './fields.tsx'
import { JsonForm } from './json-form.tsx'
import { movedIn, RowButtons } from './row-buttons.tsx'

/** What is made of the answers before they are shown, one after the other. */
export function TransformationRows(props: {
  readonly list: readonly Json[]
  readonly onChange: (list: readonly Json[]) => void
}): ReactElement {
  const { list, onChange } = props
  const put = (at: number, change: Json): void =>
    onChange(list.map((one, index) => (index === at ? { ...one, ...change } : one)))
  return (
    <>
      {list.length === 0 ? <p className="text-2">Answers are shown as they come.</p> : null}
      {list.map((one, at) => {
        const id = textAt(one, 'id') ?? ''
        const isKnown = TRANSFORMATION_IDS.includes(id)
        return (
          <fieldset key={at} className="form-group">
            <legend>
              {at + 1}. {id}
              {isKnown ? null : <span className="status-degraded"> not had here; Grafana has it</span>}
            </legend>
            <Options id={id} options={objectAt(one, 'options')} onChange={(options) => put(at, { options })} />
            <span className="form-line">
              <Checkbox checked={flagAt(one, 'disabled') === true} onChange={(disabled) => put(at, { disabled })}>
                Left out
              </Checkbox>
              <RowButtons
                what={`transformation ${at + 1}`}
                at={at}
                count={list.length}
                onMove={(to) => onChange(movedIn(list, at, to))}
                onRemove={() => onChange(list.filter((_, index) => index !== at))}
              />
            </span>
          </fieldset>
        )
      })}
      <Select
        label="Add a transformation"
        word="Add"
        value=""
        options={[
          { value: '', words: 'a transformation' },
          ...TRANSFORMATION_IDS.map((id) => ({ value: id, words: id })),
        ]}
        onChange={(id) => {
          if (id !== '') onChange([...list, newTransformation(id)])
        }}
      />
    </>
  )
}

function Options(props: {
  readonly id: string
  readonly options: Json
  readonly onChange: (options: Json) => void
}): ReactElement {
  const { id, options, onChange } = props
  const fields = fieldsOf(id, options)
  if (fields === undefined) return <JsonForm label="Options" rows={6} json={options} onChange={onChange} />
  return (
    <>
      {fields.map((field) => (
        <Option
          key={field.path.join('.')}
          field={field}
          value={readOption(options, field.path)}
          onChange={(value) => onChange(writeOption(options, field.path, value))}
        />
      ))}
    </>
  )
}

function Option(props: {
  readonly field: TransformationField
  readonly value: unknown
  readonly onChange: (value: unknown) => void
}): ReactElement {
  const { field, value, onChange } = props
  const { words, kind } = field
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  if (typeof kind === 'object') {
    return (
      <Select
        label={words}
        word={words}
        value={text === '' ? (kind.choices[0] ?? '') : text}
        options={[...new Set([...kind.choices, ...(text === '' ? [] : [text])])].map((one) => ({
          value: one,
          words: one,
        }))}
        onChange={onChange}
      />
    )
  }
  switch (kind) {
    case 'text':
      return <TextField label={words} value={text} onChange={onChange} />
    case 'number':
      return (
        <NumberField label={words} value={text === '' ? undefined : Number(text)} onChange={(next) => onChange(next)} />
      )
    case 'flag':
      return (
        <Checkbox checked={value === true} onChange={onChange}>
          {words}
        </Checkbox>
      )
    case 'list':
      return (
        <LongField
          label={words}
          rows={3}
          value={toLines(value)}
          onChange={(next) => onChange(fromLines(next, field.path))}
        />
      )
    case 'pairs':
      return <LongField label={words} rows={3} value={toPairs(value)} onChange={(next) => onChange(fromPairs(next))} />
  }
}
