import type { ClusterSnapshot } from '../../data/fleet-client.ts'

const HOUR_MS = 3_600_000

/** Nothing of it is known now: it was never heard, or not lately. Numbers of such a cluster are not shown as of now. */
export function isAway({ status, heardAtMs }: ClusterSnapshot): boolean {
  return heardAtMs === undefined || status === 'silent' || status === 'cut-off'
}

/** What stands below the row of a cluster that is not healthy. */
export interface Why {
  readonly reason?: string
  /** When the reason does not say it already, and only of the last hour: what is older explains nothing. */
  readonly lastError?: { readonly atMs: number; readonly message: string }
}

export function whyOf({ reason, lastError }: ClusterSnapshot, nowMs: number): Why | undefined {
  if (reason === undefined) return undefined
  const isNews = lastError !== undefined && nowMs - lastError.atMs < HOUR_MS && !reason.includes(lastError.message)
  return { reason, ...(isNews ? { lastError } : {}) }
}
