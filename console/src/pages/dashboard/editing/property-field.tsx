import { type ReactElement, useState } from 'react'
import { type Property, readChoice, writeChoice } from '../../../grafana/edit/properties.ts'
import { isJson, type Json, textAt } from '../../../grafana/json.ts'
import { Checkbox, Select } from '../../../parts/controls.tsx'
import { ColourSelect } from './colour-select.tsx'
import { LongField, NumberField, TextField } from './fields.tsx'
import { MappingRows } from './mapping-rows.tsx'
import { ThresholdRows } from './threshold-rows.tsx'

/** One property of a field, in the control that fits it; what has none is JSON. */
export function PropertyField(props: {
  readonly property: Property
  readonly value: unknown
  readonly onChange: (value: unknown) => void
}): ReactElement {
  const { property, value, onChange } = props
  const { kind, words } = property
  const text = typeof value === 'string' ? value : ''
  if (typeof kind === 'object') {
    const now = readChoice(value, kind)
    return (
      <Select
        label={words}
        word={words}
        value={now}
        options={[...new Set([...kind.choices, now])].map((one) => ({ value: one, words: one === '' ? 'none' : one }))}
        onChange={(chosen) => onChange(writeChoice(value, chosen, kind))}
      />
    )
  }
  switch (kind) {
    case 'text':
      return <TextField label={words} value={text} onChange={onChange} />
    case 'unit':
      return <TextField label={words} value={text} list="grafana-units" onChange={onChange} />
    case 'number':
      return <NumberField label={words} value={typeof value === 'number' ? value : undefined} onChange={onChange} />
    case 'flag':
      return (
        <Checkbox checked={value === true} onChange={onChange}>
          {words}
        </Checkbox>
      )
    case 'colour':
      return <ColourField value={isJson(value) ? value : {}} onChange={onChange} />
    case 'thresholds':
      return (
        <ThresholdRows
          defaults={{ thresholds: isJson(value) ? value : {} }}
          onChange={(defaults) => onChange(defaults['thresholds'])}
        />
      )
    case 'mappings':
      return <MappingRows config={{ mappings: value }} onChange={onChange} />
    case 'json':
      return <AnyField words={words} value={value} onChange={onChange} />
  }
}

function ColourField(props: { readonly value: Json; readonly onChange: (value: Json) => void }): ReactElement {
  const { value, onChange } = props
  const mode = textAt(value, 'mode') ?? 'fixed'
  return (
    <>
      <Select
        label="Colour is"
        word="Colour"
        value={mode}
        options={[...new Set(['fixed', 'thresholds', 'palette-classic', mode])].map((one) => ({
          value: one,
          words: one,
        }))}
        onChange={(next) => onChange({ ...value, mode: next })}
      />
      {mode === 'fixed' || mode === 'shades' ? (
        <ColourSelect
          label="Which"
          value={textAt(value, 'fixedColor') ?? ''}
          onChange={(fixedColor) => onChange({ ...value, fixedColor })}
        />
      ) : null}
    </>
  )
}

/** JSON that takes effect once it can be read. */
function AnyField(props: {
  readonly words: string
  readonly value: unknown
  readonly onChange: (value: unknown) => void
}): ReactElement {
  const [problem, setProblem] = useState('')
  return (
    <span className="form-any">
      <LongField
        label={`${props.words}, JSON`}
        rows={3}
        value={JSON.stringify(props.value, null, 1)}
        onChange={(text) => {
          try {
            props.onChange(JSON.parse(text))
            setProblem('')
          } catch (reason) {
            setProblem(reason instanceof Error ? reason.message : String(reason))
          }
        }}
      />
      {problem === '' ? null : (
        <span className="status-degraded" role="alert">
          {problem}
        </span>
      )}
    </span>
  )
}
