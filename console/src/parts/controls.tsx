import type { ReactElement, ReactNode } from 'react'

/** Two to four exclusive views side by side. */
export function Segmented<T extends string>(props: {
  readonly label: string
  readonly value: T
  readonly options: readonly { readonly value: T; readonly face: ReactNode }[]
  readonly onChange: (value: T) => void
}): ReactElement {
  return (
    <span className="segmented" role="group" aria-label={props.label}>
      {props.options.map(({ value, face }) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === props.value}
          onClick={() => {
            if (value !== props.value) props.onChange(value)
          }}
        >
          {face}
        </button>
      ))}
    </span>
  )
}

export function Checkbox(props: {
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
  readonly children: ReactNode
}): ReactElement {
  return (
    <label className="checkbox">
      <input type="checkbox" checked={props.checked} onChange={(event) => props.onChange(event.target.checked)} />
      <i aria-hidden="true" />
      {props.children}
    </label>
  )
}

export function Switch(props: {
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
  readonly children: ReactNode
}): ReactElement {
  return (
    <label className="switch">
      <input
        type="checkbox"
        role="switch"
        checked={props.checked}
        onChange={(event) => props.onChange(event.target.checked)}
      />
      <i aria-hidden="true" />
      {props.children}
    </label>
  )
}

/** The browser's own list, in the look of the console: quiet key, strong value. */
export function Select(props: {
  readonly label: string
  readonly word?: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly options: readonly { readonly value: string; readonly words: string }[]
}): ReactElement {
  return (
    <label className="select">
      {props.word === undefined ? (
        <span className="hidden">{props.label}</span>
      ) : (
        <span className="select-key">{props.word}</span>
      )}
      <select aria-label={props.label} value={props.value} onChange={(event) => props.onChange(event.target.value)}>
        {props.options.map(({ value, words }) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
      <svg className="chevron" width="12" height="12" viewBox="0 0 16 16" aria-hidden="true">
        <path d="M4.5 6.5 8 10l3.5-3.5" fill="none" stroke="currentColor" strokeWidth="1.4" />
      </svg>
    </label>
  )
}
