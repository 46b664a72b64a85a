import type { Extension } from '@codemirror/state'
import { PromQLExtension } from '@prometheus-io/codemirror-promql'

/** How long names and values of completion are kept. */
const KEEP_MS = 300_000
const LOOKBACK_MS = 12 * 3_600_000

/** Highlighting, completion from the hub's series, and the checks that need no hub. */
export function promqlLanguage(tenant: string | undefined): Extension {
  const headers = tenant === undefined ? {} : { 'x-scope-orgid': tenant }
  return new PromQLExtension()
    .activateLinter(true)
    .setComplete({
      remote: {
        url: '/prometheus',
        httpMethod: 'GET',
        lookbackInterval: LOOKBACK_MS,
        cache: { maxAge: KEEP_MS },
        fetchFn: (input, init) => fetch(input, { ...init, headers }),
        // Completion is a convenience: without an answer there is none.
        httpErrorHandler: () => undefined,
      },
      maxMetricsMetadata: 10_000,
    })
    .asExtension()
}
