import type { HistogramSamples } from '../../query/index.ts'
import type { StoreClient } from '../client.ts'
import { fetchHistograms } from './histograms.ts'
import { fetchStarts, type SampleStarts } from './sample-starts.ts'
import type { SamplesRequest } from './samples.ts'

/** What is read beside the floats, by ids of series; most have none of it. */
export interface Besides {
  readonly histograms: ReadonlyMap<bigint, HistogramSamples>
  readonly starts: SampleStarts
}

/** Nothing else need wait for it: whoever waits for the promise says what went wrong. */
export function fetchBesides(
  client: StoreClient,
  request: SamplesRequest,
  withStarts: boolean,
  signal: AbortSignal,
): Promise<Besides> {
  const besides = Promise.all([
    fetchHistograms(client, request, signal),
    withStarts ? fetchStarts(client, request, signal) : NO_STARTS,
  ]).then(([histograms, starts]) => ({ histograms, starts }))
  besides.catch(() => undefined)
  return besides
}

const NO_STARTS: SampleStarts = new Map()
