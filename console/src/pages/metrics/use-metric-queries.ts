import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query'
import {
  type Exemplar,
  type InstantAnswer,
  queryExemplars,
  queryInstant,
  queryRange,
  type RangeAnswer,
} from '../../data/prometheus/client.ts'
import type { Grid } from '../../data/prometheus/matrix.ts'

/** What became of one query. */
export interface QueryState<T> {
  readonly answer: T | undefined
  readonly error: Error | null
  /** Asked for the first time: there is nothing to show yet. */
  readonly isLoading: boolean
  readonly isAsking: boolean
  /** The answer is that of the question before. */
  readonly isOld: boolean
  readonly retry: () => void
}

/** Asks the queries that are not empty, all at once; the same question is asked once. */
export function useRangeQueries(
  queries: readonly string[],
  grid: Grid,
  tenant: string | undefined,
  isWanted: boolean,
): readonly QueryState<RangeAnswer>[] {
  return useQueries({
    queries: queries.map((query) => ({
      queryKey: ['prometheus', 'range', query, grid, tenant],
      queryFn: ({ signal }: { signal: AbortSignal }) => queryRange(query, grid, { signal, tenant }),
      enabled: isWanted && query.trim() !== '',
      placeholderData: keepPreviousData<RangeAnswer>,
    })),
  }).map(stateOf)
}

export function useInstantQueries(
  queries: readonly string[],
  atS: number,
  tenant: string | undefined,
  isWanted: boolean,
): readonly QueryState<InstantAnswer>[] {
  return useQueries({
    queries: queries.map((query) => ({
      queryKey: ['prometheus', 'instant', query, atS, tenant],
      queryFn: ({ signal }: { signal: AbortSignal }) => queryInstant(query, atS, { signal, tenant }),
      enabled: isWanted && query.trim() !== '',
      placeholderData: keepPreviousData<InstantAnswer>,
    })),
  }).map(stateOf)
}

/** The same every time: charts are not drawn anew for it. */
const NONE: readonly Exemplar[] = []

/** Examples behind a query; without an answer there are none, which is no failure of the query. */
export function useExemplars(
  query: string,
  grid: Grid,
  tenant: string | undefined,
  isWanted: boolean,
): readonly Exemplar[] {
  const { data = NONE } = useQuery({
    queryKey: ['prometheus', 'exemplars', query, grid, tenant],
    queryFn: ({ signal }) => queryExemplars(query, grid, { signal, tenant }),
    enabled: isWanted && query.trim() !== '',
  })
  return data
}

function stateOf<T>(result: {
  readonly data: T | undefined
  readonly error: Error | null
  readonly isLoading: boolean
  readonly isFetching: boolean
  readonly isPlaceholderData: boolean
  readonly refetch: () => unknown
}): QueryState<T> {
  return {
    answer: result.error === null ? result.data : undefined,
    error: result.error,
    isLoading: result.isLoading,
    isAsking: result.isFetching,
    isOld: result.isPlaceholderData,
    retry: () => void result.refetch(),
  }
}
