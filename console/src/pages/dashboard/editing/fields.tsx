import { type ReactElement, type ReactNode, useState } from 'react'

/** A label above what it names. */
function FormRow({ label, children }: { readonly label: string; readonly children: ReactNode }): ReactElement {
  return (
    <label className="form-row">
      <span className="label">{label}</span>
      {children}
    </label>
  )
}

/** A text that takes effect while it is typed. */
export function TextField(props: {
  readonly label: string
  readonly value: string
  readonly placeholder?: string
  readonly list?: string
  readonly onChange: (value: string) => void
}): ReactElement {
  return (
    <FormRow label={props.label}>
      <input
        className="input"
        value={props.value}
        placeholder={props.placeholder}
        list={props.list}
        onChange={(event) => props.onChange(event.target.value)}
      />
    </FormRow>
  )
}

/** A number, or nothing; what is neither is kept in the field until it is one. */
export function NumberField(props: {
  readonly label: string
  readonly value: number | undefined
  readonly placeholder?: string
  readonly onChange: (value: number | undefined) => void
}): ReactElement {
  const [typed, setTyped] = useState<string>()
  return (
    <FormRow label={props.label}>
      <input
        className="input"
        inputMode="decimal"
        placeholder={props.placeholder ?? 'auto'}
        value={typed ?? (props.value === undefined ? '' : String(props.value))}
        onChange={(event) => {
          const text = event.target.value
          const value = Number(text)
          setTyped(text)
          if (text.trim() === '') props.onChange(undefined)
          else if (Number.isFinite(value)) props.onChange(value)
        }}
        onBlur={() => setTyped(undefined)}
      />
    </FormRow>
  )
}

/** A text of several lines that takes effect when it is left, or with Ctrl and Enter: a query is not asked at every key. */
export function LongField(props: {
  readonly label: string
  readonly value: string
  readonly rows: number
  readonly onChange: (value: string) => void
}): ReactElement {
  const [typed, setTyped] = useState<string>()
  const commit = (): void => {
    if (typed !== undefined && typed !== props.value) props.onChange(typed)
    setTyped(undefined)
  }
  return (
    <FormRow label={props.label}>
      <textarea
        className="input code-text"
        rows={props.rows}
        spellCheck={false}
        value={typed ?? props.value}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) commit()
        }}
      />
    </FormRow>
  )
}
