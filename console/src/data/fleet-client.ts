import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { type FleetSnapshot, fleetSnapshotSchema } from '../../../src/contract/index.ts'

export type { ClusterSnapshot, ClusterStatus, FleetEvent, FleetSnapshot } from '../../../src/contract/index.ts'

/** Asks the hub every `intervalMs`; the last answer stays while a later one fails. */
export function useFleet(intervalMs: number | false): UseQueryResult<FleetSnapshot> {
  return useQuery({
    queryKey: ['fleet'],
    queryFn: ({ signal }) => fetchFleet(signal),
    refetchInterval: intervalMs,
    refetchIntervalInBackground: true,
    retry: false,
  })
}

async function fetchFleet(signal: AbortSignal): Promise<FleetSnapshot> {
  const response = await fetch('/api/v1/fleet', { signal, headers: { accept: 'application/json' } })
  if (!response.ok) throw new Error(`The hub answered ${response.status} to /api/v1/fleet.`)
  return fleetSnapshotSchema.parse(await response.json())
}
