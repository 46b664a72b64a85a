import { type HistogramSamples, piecesOf, type SelectRequest, type SeriesSamples } from '../metric-source.ts'
import { clampTimeMs } from '../time-bounds.ts'
import type { EvalContext } from './context.ts'
import type { Leaf } from './plan.ts'
import { weightOfHistogram } from './sample-counts.ts'

/*
 * The one place where stored samples come in. What is above needs the samples of these series in this range, and no
 * others.
 */

/** All samples of a leaf at once. They count against the limit from now on. */
export async function readLeaf(leaf: Leaf, context: EvalContext): Promise<readonly SeriesSamples[]> {
  const request = requestOf(leaf, context)
  if (request === undefined) return []
  const found = await context.source.select(context.scope, request, context.signal)
  context.samples.take(weightOf(found))
  return found
}

/** The same in pieces, each of which counts against the limit until the next one is asked for. */
export async function* leafPieces(leaf: Leaf, context: EvalContext): AsyncGenerator<readonly SeriesSamples[]> {
  const request = requestOf(leaf, context)
  if (request === undefined) return
  const { source, scope, signal, samples: budget } = context
  const read = (): AsyncIterable<readonly SeriesSamples[]> => piecesOf(source, scope, request, signal)
  for await (const piece of context.leaves.pieces({ request, samples: budget, read, weightOf })) {
    const samples = weightOf(piece)
    context.samples.take(samples)
    yield piece
    context.samples.release(samples)
  }
}

/** Undefined when no window reaches any time. */
function requestOf(
  { matchers, endsMs, beforeMs, behindMs, labels }: Leaf,
  context: EvalContext,
): SelectRequest | undefined {
  const first = endsMs[0]
  const last = endsMs.at(-1)
  if (first === undefined || last === undefined) return undefined
  const range = { startMs: clampTimeMs(first - beforeMs), endMs: clampTimeMs(last + behindMs) }
  if (range.startMs >= range.endMs) return undefined
  return {
    matchers,
    range,
    ...(context.startTimes ? { starts: true } : {}),
    ...(labels === undefined ? {} : { labels }),
  }
}

function weightOf(found: readonly SeriesSamples[]): number {
  let samples = 0
  for (const { timesMs, histograms } of found) samples += timesMs.length + weightOfHistograms(histograms)
  return samples
}

function weightOfHistograms(histograms: HistogramSamples | undefined): number {
  let weight = 0
  for (const histogram of histograms?.values ?? []) weight += weightOfHistogram(histogram)
  return weight
}
