import { keepPreviousData, useQueries } from '@tanstack/react-query'
import { useMemo } from 'react'
import { type InstantRow, queryInstant } from '../../data/prometheus/client.ts'
import { useWindow } from '../../data/services/use-service-graph.ts'
import { useStableList } from '../../data/stable-list.ts'
import { useView } from '../../data/view.tsx'
import { promqlWithin } from '../../editors/within-scope.ts'
import type { Side } from './compare.ts'
import { compareOperations, type ComparedOperation, operationsQueries } from './operations.ts'
import { compareVersions, type Running, toRunning, type VersionRow, VERSIONS_QUERY } from './versions.ts'

export interface SidesAnswer<T> {
  /** Undefined until every side has answered. */
  readonly rows: readonly T[] | undefined
  readonly error: Error | null
}

/** Which versions run on each side at the end of the range. `edges`: what the hub knows of its own, side by side. */
export function useVersions(sides: readonly Side[], edges: readonly (readonly Running[])[]): SidesAnswer<VersionRow> {
  const { answers, error } = useInstants(
    useMemo(() => [VERSIONS_QUERY], []),
    sides,
  )
  const rows = useMemo(() => {
    if (answers === undefined) return undefined
    const running = answers.map(([rows = []], index) => [
      ...rows.map(toRunning).filter((one) => one !== undefined),
      ...(edges[index] ?? []),
    ])
    return compareVersions(running)
  }, [answers, edges])
  return { rows, error }
}

/** What A and B serve, operation by operation, over the range; of one service, or of all. */
export function useOperations(sides: readonly Side[], service: string | undefined): SidesAnswer<ComparedOperation> {
  const { windowS } = useWindow()
  const { requests, p95 } = operationsQueries(service, windowS)
  const { answers, error } = useInstants(
    useMemo(() => [requests, p95], [requests, p95]),
    sides,
  )
  const rows = useMemo(
    () => (answers === undefined ? undefined : compareOperations(answers.map(toSideRows))),
    [answers],
  )
  return { rows, error }
}

function toSideRows([requests = [], p95 = []]: readonly (readonly InstantRow[])[]): Parameters<
  typeof compareOperations
>[0][number] {
  return { requests, p95 }
}

/** The same questions of every side; the answers are in the order of the sides, and of the questions. */
function useInstants(
  queries: readonly string[],
  sides: readonly Side[],
): { readonly answers: readonly (readonly (readonly InstantRow[])[])[] | undefined; readonly error: Error | null } {
  const { tenant } = useView()
  const { atS } = useWindow()
  const results = useQueries({
    queries: sides.map((side) => ({
      queryKey: ['prometheus', 'side-now', queries, side.scope.environments, side.scope.clusters, atS, tenant],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
        Promise.all(
          queries.map(
            async (query) => (await queryInstant(promqlWithin(query, side.scope), atS, { signal, tenant })).rows,
          ),
        ),
      placeholderData: keepPreviousData<readonly (readonly InstantRow[])[]>,
    })),
  })
  const loaded = useStableList(results.map(({ data }) => data))
  const answers = useMemo(() => {
    const known = loaded.filter((one) => one !== undefined)
    return known.length === loaded.length ? known : undefined
  }, [loaded])
  return { answers, error: results.find(({ isError }) => isError)?.error ?? null }
}
