import type { Labels } from '../../model/index.ts'
import type { SeriesSamples } from '../../query/index.ts'
import type { StoreClient } from '../client.ts'
import { samplePieces, type SamplesRequest } from '../read/samples.ts'

type SampleLists = Pick<SeriesSamples, 'timesMs' | 'values' | 'staleFree'>

/** The samples of series by their ids, floats only. Arrays are overwritten when the next piece is asked for. */
export async function* piecesById(
  client: StoreClient,
  series: readonly { readonly id: bigint }[],
  request: SamplesRequest,
  signal: AbortSignal,
): AsyncGenerator<readonly (readonly [bigint, SampleLists])[]> {
  // The samples come with the labels that are given here, the very objects.
  const ids = new Map<Labels, bigint>()
  const named = series.map(({ id }) => {
    const labels: Labels = {}
    ids.set(labels, id)
    return { id, labels }
  })
  const besides = Promise.resolve({ histograms: new Map<bigint, never>(), starts: new Map<bigint, never>() })
  for await (const piece of samplePieces(client, named, request, besides, signal)) {
    yield piece.flatMap((one) => {
      const id = ids.get(one.labels)
      return id === undefined ? [] : [[id, one] as const]
    })
  }
}
