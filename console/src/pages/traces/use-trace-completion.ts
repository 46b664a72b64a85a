import type { Extension } from '@codemirror/state'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { fetchTraceTags, fetchTraceTagValues } from '../../data/tempo/client.ts'
import { traceqlLanguage } from '../../editors/traceql.ts'

/** The editor's language with completion from the hub's attributes and their values. */
export function useTraceCompletion(tenant: string | undefined): Extension {
  const client = useQueryClient()
  return useMemo(
    () =>
      traceqlLanguage({
        tags: () =>
          client.query({
            queryKey: ['tempo', 'tags', tenant],
            queryFn: ({ signal }) => fetchTraceTags({ signal, tenant }),
            staleTime: 60_000,
          }),
        values: (tag) =>
          client.query({
            queryKey: ['tempo', 'values', tag, tenant],
            queryFn: ({ signal }) => fetchTraceTagValues(tag, { signal, tenant }),
            staleTime: 60_000,
          }),
      }),
    [client, tenant],
  )
}
