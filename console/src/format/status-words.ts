import type { ClusterStatus } from '../data/fleet-client.ts'

export const STATUS_WORDS: Readonly<Record<ClusterStatus, string>> = {
  healthy: 'Healthy',
  degraded: 'Degraded',
  silent: 'Silent',
  'cut-off': 'Cut off',
  unknown: 'Unknown',
}

/** Worst first: the order in which they are counted. */
export const STATUS_ORDER: readonly ClusterStatus[] = ['silent', 'cut-off', 'degraded', 'unknown', 'healthy']
