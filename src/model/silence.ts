/** A cluster that the hub hears nothing from, or whose connections it refuses. */
export interface Silence {
  readonly cluster: string
  readonly tenant: string
  /** When it was heard last; if never, when the hub started. */
  readonly sinceMs: number
  /** Whether the hub has heard it since it started. */
  readonly wasHeard: boolean
}
