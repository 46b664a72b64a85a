/** The data sources that a dashboard's reader chooses in its head; what they are called in queries. */
export const METRICS = { type: 'prometheus', uid: '${metrics}' } as const
export const LOGS = { type: 'loki', uid: '${logs}' } as const
export const TRACES = { type: 'tempo', uid: '${traces}' } as const

/** Behind every selector of a shipped dashboard: its environments and clusters. */
export const CHOSEN = 'environment=~"$environment", cluster=~"$cluster"'

/** The hub's own metrics tell of other clusters than the one whose edge scrapes the hub. */
export const CHOSEN_SOURCES = 'source_cluster=~"$cluster"'
