import { type ReactElement, useMemo } from 'react'
import { CodeEditor } from '../../editors/code-editor.tsx'
import { placeOfError } from '../../editors/error-position.ts'
import { promqlLanguage } from '../../editors/promql.ts'
import { toDuration, toText } from '../../format/quantity.ts'
import { Icon } from '../../parts/icon.tsx'
import { Popover } from '../../parts/popover.tsx'

export interface QueryRowProps {
  readonly letter: string
  readonly value: string
  readonly tenant: string | undefined
  readonly isHidden: boolean
  readonly isAsking: boolean
  readonly error: Error | null
  /** Of the query as it was run. */
  readonly outcome: { readonly series: number; readonly elapsedMs: number } | undefined
  readonly isOnly: boolean
  readonly onChange: (value: string) => void
  readonly onRun: () => void
  readonly onHide: () => void
  readonly onRemove: () => void
  readonly onDuplicate: () => void
  readonly onInspect: () => void
  readonly autoFocus: boolean
}

/** One query: its letter, the editor, what it gave, and what is wrong with it. */
export function QueryRow(props: QueryRowProps): ReactElement {
  const { error, value } = props
  const language = useMemo(() => promqlLanguage(props.tenant), [props.tenant])
  const place = error === null ? undefined : placeOfError(error.message, value)
  const mark = useMemo(
    () => (error === null || place === undefined ? undefined : { place, message: error.message }),
    // The same message means the same place.
    [error?.message, value],
  )
  return (
    <div className="query" data-query={props.letter}>
      <div className="query-row">
        <span className={props.isHidden ? 'query-letter text-3' : 'query-letter'}>{props.letter}</span>
        <CodeEditor
          label={`Query ${props.letter}`}
          value={value}
          language={language}
          placeholder="A PromQL query, such as sum by (cluster) (rate(http_requests_total[5m]))"
          onChange={props.onChange}
          onRun={props.onRun}
          error={mark}
          autoFocus={props.autoFocus}
        />
        <span className="query-outcome">
          {props.isAsking ? <span className="text-3">asking</span> : <Outcome {...props} />}
          <button
            type="button"
            className="button button-icon button-small button-ghost"
            aria-label={props.isHidden ? `Show ${props.letter}` : `Hide ${props.letter}`}
            aria-pressed={props.isHidden}
            onClick={props.onHide}
          >
            <Icon name={props.isHidden ? 'eye-off' : 'eye'} />
          </button>
          <QueryMenu {...props} />
        </span>
      </div>
      {error === null ? null : (
        <p className="query-error" role="alert">
          {place === undefined ? null : <span className="query-pointer">character {place.from + 1}</span>}
          {error.message}
        </p>
      )}
    </div>
  )
}

function Outcome({ outcome, error }: QueryRowProps): ReactElement | null {
  if (error !== null) return <span className="status-silent">failed</span>
  if (outcome === undefined) return null
  return (
    <>
      <span>
        {outcome.series} {outcome.series === 1 ? 'series' : 'series'}
      </span>
      <span>{toText(toDuration(outcome.elapsedMs))}</span>
    </>
  )
}

function QueryMenu(props: QueryRowProps): ReactElement {
  return (
    <Popover
      label={`More for query ${props.letter}`}
      className="button button-icon button-small button-ghost"
      align="right"
      face={<Icon name="more" />}
    >
      {(close) => (
        <div className="menu">
          <button
            type="button"
            onClick={() => {
              close()
              props.onInspect()
            }}
          >
            <Icon name="raw" /> Inspect the answer
          </button>
          <button
            type="button"
            onClick={() => {
              close()
              props.onDuplicate()
            }}
          >
            <Icon name="copy" /> Duplicate
          </button>
          <button
            type="button"
            disabled={props.isOnly}
            onClick={() => {
              close()
              props.onRemove()
            }}
          >
            <Icon name="close" /> Remove
          </button>
        </div>
      )}
    </Popover>
  )
}
