import type { ReactElement } from 'react'

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
  readonly busy: boolean
}): ReactElement {
  return (
    <header className="top">
      <h1 className="crumb">Fleet</h1>
      <span className="grow" />
      <label className="select">
        <span className="hidden">Environment</span>
        <select value={props.environment} onChange={(event) => props.onEnvironment(event.target.value)}>
          <option value="">All environments</option>
          {props.environments.map((environment) => (
            <option key={environment}>{environment}</option>
          ))}
        </select>
      </label>
      <span className="select zone" title="Times are in UTC">
        UTC
      </span>
      <span className="joined">
        <button type="button" className="button button-icon" onClick={props.onRefresh} aria-label="Refresh">
          <svg width="14" height="14" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.4">
            <path d="M13 8a5 5 0 1 1-1.6-3.7M13 2.4v3h-3" strokeLinecap="round" strokeLinejoin="round" />
          </svg>
        </button>
        <label className="select">
          <span className="hidden">Refresh every</span>
          <select value={props.intervalMs} onChange={(event) => props.onInterval(Number(event.target.value))}>
            {REFRESH_INTERVALS.map((ms) => (
              <option key={ms} value={ms}>
                {INTERVAL_WORDS[ms]}
              </option>
            ))}
          </select>
        </label>
      </span>
    </header>
  )
}
