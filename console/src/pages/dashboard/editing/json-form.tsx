import { type ReactElement, useState } from 'react'
import { isJson, type Json } from '../../../grafana/json.ts'

/** A part of the dashboard as text; it takes effect with the button, if it can be read. */
export function JsonForm(props: {
  readonly label: string
  readonly json: Json
  readonly rows: number
  readonly onChange: (json: Json) => void
}): ReactElement {
  const [typed, setTyped] = useState<string>()
  const [problem, setProblem] = useState('')
  const apply = (): void => {
    try {
      const parsed: unknown = JSON.parse(typed ?? '')
      if (!isJson(parsed)) throw new Error('It is no object.')
      props.onChange(parsed)
      setTyped(undefined)
      setProblem('')
    } catch (reason) {
      setProblem(reason instanceof Error ? reason.message : String(reason))
    }
  }
  return (
    <div className="form-row">
      <span className="label">{props.label}</span>
      <textarea
        className="input code-text"
        aria-label={props.label}
        rows={props.rows}
        spellCheck={false}
        value={typed ?? JSON.stringify(props.json, null, 2)}
        onChange={(event) => setTyped(event.target.value)}
      />
      {problem === '' ? null : (
        <p className="note note-degraded" role="alert">
          {problem}
        </p>
      )}
      {typed === undefined ? null : (
        <span className="state-actions">
          <button type="button" className="button button-small" onClick={apply}>
            Apply
          </button>
          <button type="button" className="button button-small button-ghost" onClick={() => setTyped(undefined)}>
            Undo
          </button>
        </span>
      )}
    </div>
  )
}
