import type { ReactElement, ReactNode } from 'react'

/** How often the page asks; 0 is never. */
export const REFRESH_INTERVALS = [2_000, 10_000, 60_000, 0] as const

const INTERVAL_WORDS: Readonly<Record<number, string>> = { 2000: '2 s', 10000: '10 s', 60000: '1 min', 0: 'Off' }

export function TopBar(props: {
  readonly environments: readonly string[]
  /** '' is all of them. */
  readonly environment: string
  readonly onEnvironment: (environment: string) => void
  readonly intervalMs: number
  readonly onInterval: (intervalMs: number) => void
  readonly onRefresh: () => void
  /** Shown as a line once it lasts. */
  readonly busy: boolean
}): ReactElement {
  return (
    <header className="top" aria-busy={props.busy}>
      <h1 className="crumb">Fleet</h1>
      <span className="grow" />
      <span className="joined">
        <Select label="Environment" value={props.environment} onChange={props.onEnvironment}>
          <option value="">All environments</option>
          {props.environments.map((environment) => (
            <option key={environment}>{environment}</option>
          ))}
        </Select>
        <span className="select zone" title="Times are in UTC">
          UTC
        </span>
      </span>
      <span className="joined">
        <button
          type="button"
          className="button button-icon"
          onClick={props.onRefresh}
          aria-label="Refresh"
          title="Refresh"
        >
          <svg width="14" height="14" viewBox="0 0 16 16" aria-hidden="true">
            <path
              d="M13 8a5 5 0 1 1-1.6-3.7M13 2.4v3h-3"
              fill="none"
              stroke="currentColor"
              strokeWidth="1.4"
              strokeLinecap="round"
              strokeLinejoin="round"
            />
          </svg>
        </button>
        <Select
          label="Refresh every"
          value={String(props.intervalMs)}
          onChange={(value) => props.onInterval(Number(value))}
        >
          {REFRESH_INTERVALS.map((ms) => (
            <option key={ms} value={ms}>
              {INTERVAL_WORDS[ms]}
            </option>
          ))}
        </Select>
      </span>
    </header>
  )
}

function Select(props: {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly children: ReactNode
}): ReactElement {
  return (
    <label className="select">
      <span className="hidden">{props.label}</span>
      <select value={props.value} onChange={(event) => props.onChange(event.target.value)}>
        {props.children}
      </select>
      <svg className="chevron" width="12" height="12" viewBox="0 0 16 16" aria-hidden="true">
        <path d="M4.5 6.5 8 10l3.5-3.5" fill="none" stroke="currentColor" strokeWidth="1.4" />
      </svg>
    </label>
  )
}
