import type { ReactElement } from 'react'

/** Line drawings on a grid of 16; one stroke width, so that they look like one hand. */
const PATHS = {
  fleet: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8M8 4.6v.1M5.2 9.8v.1M10.8 9.8v.1',
  metrics: 'M2 13.5h12M2.5 10.5l3.5-4 3 2.5 4.5-6',
  logs: 'M2 3.5h9M2 6.5h6M2 9.5h10M2 12.5h7',
  traces: 'M2 3.5h7M5 8h7M8 12.5h6',
  map: 'M1.8 2.5h4.6v3.6H1.8zM9.6 9.9h4.6v3.6H9.6zM6.4 4.3h3.2a2 2 0 0 1 2 2v3.6',
  compare: 'M8 1.8v12.4M2 5h4M2 8h4M2 11h4M10 5h4M10 11h2.5',
  dashboards: 'M2.5 2.5h4.6v5.2H2.5zM8.9 2.5h4.6v3H8.9zM8.9 7.3h4.6v6.2H8.9zM2.5 9.5h4.6v4H2.5z',
  theme: 'M8 2.6a5.4 5.4 0 1 0 0 10.8A5.4 5.4 0 0 0 8 2.6M8 2.6v10.8M10 3.4v9.2M12 5v6',
  keys: 'M1.8 4.5h12.4v7H1.8zM4.5 7v.1M7 7v.1M9.5 7v.1M12 7v.1M5 9.3h6',
  clock: 'M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2M8 4.8V8l2.2 1.6',
  search: 'M7 2.6a4.4 4.4 0 1 0 0 8.8a4.4 4.4 0 0 0 0-8.8M10.3 10.3l3.3 3.3',
  refresh: 'M13 8a5 5 0 1 1-1.6-3.7M13 2.4v3h-3',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  history: 'M3 8a5 5 0 1 0 1.6-3.7M3 2.4v3h3M8 5.2V8l2 1.4',
  link: 'M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.3-2.3a2.6 2.6 0 0 0-3.7-3.7l-.9.9M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.2 9.1a2.6 2.6 0 0 0 3.7 3.7l.9-.9',
  export: 'M8 2.5v7.5M5 7l3 3 3-3M3 13h10',
  play: 'M5 3.2v9.6l7.5-4.8z',
  pause: 'M5.2 3.5v9M10.8 3.5v9',
  eye: 'M1.6 8S4 3.8 8 3.8 14.4 8 14.4 8 12 12.2 8 12.2 1.6 8 1.6 8M8 6.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6',
  'eye-off': 'M1.6 8S4 3.8 8 3.8 14.4 8 14.4 8 12 12.2 8 12.2 1.6 8 1.6 8M3 13.5l10-11',
  more: 'M3.5 8v.1M8 8v.1M12.5 8v.1',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  browse: 'M2.5 3h11M2.5 6.4h11M5.5 9.8h8M5.5 13.2h8',
  filter: 'M2 3.5h12M4.5 8h7M6.5 12.5h3',
  column: 'M2.5 3h11v10h-11zM9.5 3v10M2.5 6h11',
  cluster: 'M8 1.8l5.4 3.1v6.2L8 14.2l-5.4-3.1V4.9zM8 8l5.4-3.1M8 8v6.2M8 8L2.6 4.9',
  lock: 'M4 7.2h8v6H4zM5.6 7.2V5.4a2.4 2.4 0 0 1 4.8 0v1.8',
  back: 'M6.5 3.5L2.5 7.5l4 4M2.5 7.5H11a2.5 2.5 0 0 1 0 5H9',
  flame: 'M2 12.5h12M2 9h9M2 5.5h5',
  table: 'M2.5 3h11v10h-11zM2.5 6.3h11M2.5 9.6h11M6.2 3v10',
  split: 'M3 3.5h4v9H3zM9 3.5h4v9H9z',
  raw: 'M5.5 3.5L2 8l3.5 4.5M10.5 3.5L14 8l-3.5 4.5',
  down: 'M4.5 6.5 8 10l3.5-3.5',
} as const

export type IconName = keyof typeof PATHS

/** A picture beside a word; alone, its button carries the label. */
export function Icon({ name, size = 14 }: { readonly name: IconName; readonly size?: number }): ReactElement {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <path
        d={PATHS[name]}
        fill={name === 'play' ? 'currentColor' : 'none'}
        stroke="currentColor"
        strokeWidth={name === 'more' ? 2.2 : 1.4}
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}

export function Chevron(): ReactElement {
  return (
    <span className="chevron">
      <Icon name="down" size={12} />
    </span>
  )
}

/** An error in data: the octagon with a bar. It is no status of a cluster. */
export function ErrorMark({ size = 12 }: { readonly size?: number }): ReactElement {
  return (
    <svg className="error-mark" width={size} height={size} viewBox="0 0 12 12" aria-hidden="true">
      <path d="M3.6.6h4.8l3 3v4.8l-3 3H3.6l-3-3V3.6z" fill="currentColor" />
      <path d="M6 2.8v4M6 8.4v1" stroke="var(--surface-sheet)" strokeWidth="1.5" />
    </svg>
  )
}
