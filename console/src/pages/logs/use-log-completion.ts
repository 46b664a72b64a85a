import type { Extension } from '@codemirror/state'
import { useEffect, useMemo, useRef } from 'react'
import { fetchLogLabels, fetchLogLabelValues } from '../../data/loki/client.ts'
import type { LogEntry } from '../../data/loki/entry.ts'
import { useView } from '../../data/view.tsx'
import { logqlLanguage } from '../../editors/logql.ts'
import { useQueryClient } from '@tanstack/react-query'

/** How many of the lines in sight tell which fields there are. */
const SAMPLE = 200

/** The editor's language with completion from the hub's labels and the fields of the lines that are shown. */
export function useLogCompletion(entries: readonly LogEntry[]): Extension {
  const client = useQueryClient()
  const { interval, tenant } = useView()
  const latest = useRef({ interval, entries })
  useEffect(() => {
    latest.current = { interval, entries }
  })
  return useMemo(
    () =>
      logqlLanguage({
        labels: () =>
          client.query({
            queryKey: ['loki', 'labels', tenant],
            queryFn: ({ signal }) => fetchLogLabels(latest.current.interval, { signal, tenant }),
            staleTime: 60_000,
          }),
        values: (label) =>
          client.query({
            queryKey: ['loki', 'values', label, tenant],
            queryFn: ({ signal }) => fetchLogLabelValues(label, undefined, latest.current.interval, { signal, tenant }),
            staleTime: 60_000,
          }),
        fields: () =>
          [...new Set(latest.current.entries.slice(0, SAMPLE).flatMap(({ fields }) => Object.keys(fields)))].sort(),
      }),
    [client, tenant],
  )
}
