import type { ReactElement } from 'react'
import { asKind, type MappingRow, mappingRows, SPECIAL_MATCHES, writeMappings } from '../../../grafana/edit/mappings.ts'
import { type Json, textAt } from '../../../grafana/json.ts'
import { Select } from '../../../parts/controls.tsx'
import { ColourSelect } from './colour-select.tsx'
import { NumberField, TextField } from './fields.tsx'
import { movedIn, RowButtons } from './row-buttons.tsx'

const KINDS = [
  { value: 'value', words: 'the value' },
  { value: 'range', words: 'from, to' },
  { value: 'regex', words: 'text that matches' },
  { value: 'special', words: 'what is special' },
] as const

/** What values are shown as: the first line that fits wins. */
export function MappingRows(props: {
  /** A field config: defaults, or those of an override. */
  readonly config: Json
  readonly onChange: (mappings: readonly Json[]) => void
}): ReactElement {
  const rows = mappingRows(props.config)
  const write = (next: readonly MappingRow[]): void => props.onChange(writeMappings(next))
  const put = (at: number, row: MappingRow): void => write(rows.map((one, index) => (index === at ? row : one)))
  return (
    <fieldset className="form-group">
      <legend>Value mappings</legend>
      {rows.map((row, at) => (
        <div key={at} className="form-line form-item">
          <Select
            label={`Mapping ${at + 1} is for`}
            word="For"
            value={row.kind}
            options={KINDS}
            onChange={(next) => {
              const kind = KINDS.find(({ value }) => value === next)?.value
              if (kind !== undefined) put(at, asKind(kind, row.result))
            }}
          />
          <Condition row={row} onChange={(next) => put(at, next)} />
          <TextField
            label="Shown as"
            value={textAt(row.result, 'text') ?? ''}
            onChange={(text) => put(at, { ...row, result: { ...row.result, text } })}
          />
          <ColourSelect
            label="Colour"
            value={textAt(row.result, 'color') ?? ''}
            onChange={(color) => put(at, { ...row, result: { ...row.result, color } })}
          />
          <RowButtons
            what={`mapping ${at + 1}`}
            at={at}
            count={rows.length}
            onMove={(to) => write(movedIn(rows, at, to))}
            onRemove={() => write(rows.filter((_, index) => index !== at))}
          />
        </div>
      ))}
      <button
        type="button"
        className="button button-small"
        onClick={() => write([...rows, { kind: 'value', value: freeValue(rows), result: { text: '' } }])}
      >
        Add a mapping
      </button>
    </fieldset>
  )
}

/** Two lines for one value would be one. */
function freeValue(rows: readonly MappingRow[]): string {
  const used = new Set(rows.flatMap((row) => (row.kind === 'value' ? [row.value] : [])))
  let value = 0
  while (used.has(String(value))) value += 1
  return String(value)
}

function Condition(props: { readonly row: MappingRow; readonly onChange: (row: MappingRow) => void }): ReactElement {
  const { row, onChange } = props
  switch (row.kind) {
    case 'value':
      return <TextField label="Value" value={row.value} onChange={(value) => onChange({ ...row, value })} />
    case 'range':
      return (
        <>
          <NumberField label="From" placeholder="-∞" value={row.from} onChange={(from) => onChange({ ...row, from })} />
          <NumberField label="To" placeholder="∞" value={row.to} onChange={(to) => onChange({ ...row, to })} />
        </>
      )
    case 'regex':
      return <TextField label="Expression" value={row.pattern} onChange={(pattern) => onChange({ ...row, pattern })} />
    case 'special':
      return (
        <Select
          label="What is special"
          value={row.match}
          options={SPECIAL_MATCHES.map((value) => ({ value, words: value }))}
          onChange={(match) => onChange({ ...row, match })}
        />
      )
  }
}
