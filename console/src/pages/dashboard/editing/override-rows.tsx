import type { ReactElement } from 'react'
import { firstOptionsOf, MATCHERS, PROPERTIES, propertyOf } from '../../../grafana/edit/properties.ts'
import { type Json, objectAt, objectsAt, textAt } from '../../../grafana/json.ts'
import { Select } from '../../../parts/controls.tsx'
import { MatcherField } from './matcher-field.tsx'
import { PropertyField } from './property-field.tsx'
import { movedIn, RowButtons } from './row-buttons.tsx'

/** What holds for some fields only: later ones win. */
export function OverrideRows(props: {
  readonly fieldConfig: Json
  readonly onChange: (overrides: readonly Json[]) => void
}): ReactElement {
  const overrides = objectsAt(props.fieldConfig, 'overrides')
  const put = (at: number, change: Json): void =>
    props.onChange(overrides.map((one, index) => (index === at ? { ...one, ...change } : one)))
  return (
    <>
      {overrides.length === 0 ? (
        <p className="text-2">All fields look the same. An override changes some of them.</p>
      ) : null}
      {overrides.map((override, at) => (
        <fieldset key={at} className="form-group">
          <legend>Override {at + 1}</legend>
          <Matcher matcher={objectAt(override, 'matcher')} onChange={(matcher) => put(at, { matcher })} />
          <Properties list={objectsAt(override, 'properties')} onChange={(properties) => put(at, { properties })} />
          <RowButtons
            what={`override ${at + 1}`}
            at={at}
            count={overrides.length}
            onMove={(to) => props.onChange(movedIn(overrides, at, to))}
            onRemove={() => props.onChange(overrides.filter((_, index) => index !== at))}
          />
        </fieldset>
      ))}
      <button
        type="button"
        className="button button-small"
        onClick={() => props.onChange([...overrides, { matcher: { id: 'byName', options: '' }, properties: [] }])}
      >
        Add an override
      </button>
    </>
  )
}

function Matcher(props: { readonly matcher: Json; readonly onChange: (matcher: Json) => void }): ReactElement {
  const { matcher, onChange } = props
  const id = textAt(matcher, 'id') ?? 'byName'
  const known: readonly { readonly value: string; readonly words: string }[] = MATCHERS.map((one) => ({
    value: one.id,
    words: one.words,
  }))
  return (
    <span className="form-line">
      <Select
        label="For which fields"
        word="For"
        value={id}
        options={known.some(({ value }) => value === id) ? known : [...known, { value: id, words: id }]}
        onChange={(next) => onChange({ id: next, options: firstOptionsOf(next) })}
      />
      <MatcherField id={id} options={matcher['options']} onChange={(options) => onChange({ ...matcher, options })} />
    </span>
  )
}

function Properties(props: {
  readonly list: readonly Json[]
  readonly onChange: (list: readonly Json[]) => void
}): ReactElement {
  const { list, onChange } = props
  const used = new Set(list.map((one) => one['id']))
  const left = PROPERTIES.filter(({ id }) => !used.has(id))
  return (
    <>
      {list.map((one, at) => {
        const property = propertyOf(textAt(one, 'id') ?? '')
        return (
          <span key={property.id} className="form-line form-item">
            <PropertyField
              property={property}
              value={one['value']}
              onChange={(value) => onChange(list.map((other, index) => (index === at ? { ...other, value } : other)))}
            />
            <button
              type="button"
              className="button button-small button-ghost"
              aria-label={`Remove ${property.words}`}
              onClick={() => onChange(list.filter((_, index) => index !== at))}
            >
              Remove
            </button>
          </span>
        )
      })}
      <Select
        label="Add a property"
        word="Add"
        value=""
        options={[{ value: '', words: 'a property' }, ...left.map(({ id, words }) => ({ value: id, words }))]}
        onChange={(id) => {
          if (id !== '') onChange([...list, { id, value: propertyOf(id).initial }])
        }}
      />
    </>
  )
}
