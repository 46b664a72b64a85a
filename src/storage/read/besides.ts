import type { HistogramSamples } from '../../query/index.ts'
import type { StoreClient } from '../client.ts'
import { fetchHistograms, hasNoHistograms } from './histograms.ts'
import { fetchStarts, type SampleStarts } from './sample-starts.ts'
import type { SamplesRequest } from './samples.ts'
import type { StoreMemory } from './store-memory.ts'

/** What is read beside the floats, by ids of series; most have none of it. */
export interface Besides {
  readonly histograms: ReadonlyMap<bigint, HistogramSamples>
  readonly starts: SampleStarts
}

/** Nothing else need wait for it: whoever waits for the promise says what went wrong. */
export function fetchBesides(
  client: StoreClient,
  request: SamplesRequest,
  { withStarts, memory }: { readonly withStarts: boolean; readonly memory: StoreMemory },
  signal: AbortSignal,
): Promise<Besides> {
  const besides = Promise.all([
    histogramsOf(client, request, memory, signal),
    withStarts ? fetchStarts(client, request, signal) : NO_STARTS,
  ]).then(([histograms, starts]) => ({ histograms, starts }))
  besides.catch(() => undefined)
  return besides
}

/** Most tenants have no histograms at all, which is said at once, without looking for the series. */
async function histogramsOf(
  client: StoreClient,
  request: SamplesRequest,
  memory: StoreMemory,
  signal: AbortSignal,
): Promise<Besides['histograms']> {
  const { scope, range } = request
  const none = await memory.hasNoHistograms(scope, range, (all) => hasNoHistograms(client, scope, all, signal))
  return none ? NO_HISTOGRAMS : await fetchHistograms(client, request, signal)
}

const NO_HISTOGRAMS: Besides['histograms'] = new Map()
const NO_STARTS: SampleStarts = new Map()
