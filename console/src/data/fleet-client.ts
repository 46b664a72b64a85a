import './no-eval.ts'
import { useQuery } from '@tanstack/react-query'
import {
  type ClusterSnapshot,
  type FleetEvent,
  type FleetSnapshot,
  fleetSnapshotSchema,
} from '../../../src/contract/index.ts'
import { queryClient, type QueryOf } from './query-client.ts'

export type {
  ClusterSend,
  ClusterSnapshot,
  ClusterStatus,
  FleetEvent,
  FleetSnapshot,
} from '../../../src/contract/index.ts'

/** A hub that is away is ordinary for a page that watches it, so it is a value: the last answer stays beside it. */
export interface FleetAnswer {
  readonly snapshot?: FleetSnapshot
  /** Why the latest question has no answer: a sentence. */
  readonly failure?: string
}

const TIMEOUT_MS = 5_000

/** Which clusters there are, and how they are. */
export const fleetQuery: QueryOf<FleetAnswer> = {
  queryKey: ['fleet'],
  queryFn: ({ signal }) => askHub(signal),
  staleTime: 1_000,
}

/** Asks the hub every `intervalMs`. `answer` is absent until the first question is answered, or has failed. */
export function useFleet(intervalMs: number | false): {
  readonly answer: FleetAnswer | undefined
  readonly isAsking: boolean
  readonly ask: () => void
} {
  const { data, isFetching, refetch } = useQuery({
    ...fleetQuery,
    refetchInterval: intervalMs,
    refetchIntervalInBackground: true,
    retry: false,
  })
  return { answer: data, isAsking: isFetching, ask: () => void refetch() }
}

/** The shell asks seldom for what changes seldom: which clusters there are, and how they are. */
const SHELL_INTERVAL_MS = 30_000

/** Keeps the question alive while one page makes way for another: without anybody who waits it would be cancelled. */
export function useKeepFleet(): void {
  useQuery({ ...fleetQuery, refetchOnMount: false, notifyOnChangeProps: [] })
}

/** The clusters that the caller may see; none before the first answer. */
export function useFleetClusters(): readonly ClusterSnapshot[] {
  return useFleet(SHELL_INTERVAL_MS).answer?.snapshot?.clusters ?? []
}

/** Whether the hub has said which clusters there are, or that it cannot. */
export function useIsFleetKnown(): boolean {
  return useFleet(SHELL_INTERVAL_MS).answer !== undefined
}

/** The latest things that happened to clusters, newest first; connections that come and go are not among them. */
export function useFleetEvents(limit: number): readonly FleetEvent[] {
  const events = useFleet(SHELL_INTERVAL_MS).answer?.snapshot?.events ?? []
  return events
    .filter(({ kind }) => kind !== 'connected')
    .slice(-limit)
    .reverse()
}

async function askHub(signal: AbortSignal): Promise<FleetAnswer> {
  try {
    return { snapshot: await fetchFleet(AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])) }
  } catch (reason) {
    // The page no longer asks; nobody reads this.
    if (signal.aborted) throw reason
    const last = queryClient.getQueryData<FleetAnswer>(fleetQuery.queryKey)?.snapshot
    return { failure: describeFailure(reason), ...(last === undefined ? {} : { snapshot: last }) }
  }
}

async function fetchFleet(signal: AbortSignal): Promise<FleetSnapshot> {
  const response = await fetch('/api/v1/fleet', { signal, headers: { accept: 'application/json' } })
  if (!response.ok) throw new StatusError(response.status)
  const parsed = fleetSnapshotSchema.safeParse(await response.json())
  if (!parsed.success) throw new UnknownAnswerError('not a fleet', { cause: parsed.error })
  return parsed.data
}

class StatusError extends Error {
  readonly status: number
  constructor(status: number) {
    super(`status ${status}`)
    this.status = status
  }
}

class UnknownAnswerError extends Error {}

function describeFailure(reason: unknown): string {
  if (reason instanceof StatusError && reason.status === 401)
    return 'The hub does not know who you are: log in where it is served, or send a token.'
  if (reason instanceof StatusError && reason.status === 403)
    return 'You may not read this fleet: a team in the fleet file gives access, under teams.'
  if (reason instanceof StatusError) return `The hub answers with status ${reason.status}.`
  if (reason instanceof UnknownAnswerError)
    return 'The hub answers in a form that this page does not know: reload the page.'
  if (reason instanceof DOMException && reason.name === 'TimeoutError')
    return `The hub does not answer within ${TIMEOUT_MS / 1_000} s.`
  return 'The hub does not answer.'
}
