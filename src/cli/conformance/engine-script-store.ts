import { CANONICAL_LABELS, type Labels } from '../../model/index.ts'
import {
  type FloatHistogram,
  type MetricSource,
  type ResetHint,
  type ScriptPoint,
  type ScriptSeries,
  type ScriptStore,
  sortedNames,
  spansOf,
  piecesOf,
  type SeriesBuckets,
  type SeriesSamples,
} from '../../query/index.ts'
import {
  createMetricSource,
  createPacker,
  createRollupFiller,
  type Filler,
  type StoreClient,
} from '../../storage/index.ts'
import { type BucketSpan, RemoteWriteWriter, type NativeHistogram } from '../../wire/index.ts'
import { ScriptWriter } from './script-writer.ts'

const HINTS: Readonly<Record<ResetHint, NativeHistogram['resetHint']>> = {
  unknown: 'unspecified',
  reset: 'yes',
  'not-reset': 'no',
  gauge: 'gauge',
}

/**
 * Puts a script's series into the engine as remote write 2.0 comes into it: transcoded and inserted by the writer of
 * the hub, read back by its data source. Each block of a script is a tenant of its own.
 */
export function createEngineScriptStore(
  client: StoreClient,
  signal: AbortSignal,
  options: EngineScriptOptions = {},
): ScriptStore {
  return new EngineScriptStore(client, signal, options)
}

export interface EngineScriptOptions {
  /** What is loaded is rolled up at once, and read from rollups wherever that is possible. */
  readonly rollups?: boolean
  /** What is loaded is packed at once. */
  readonly packed?: boolean
}

class EngineScriptStore implements ScriptStore {
  readonly source: MetricSource
  readonly #writer: ScriptWriter
  readonly #signal: AbortSignal
  readonly #fillers: readonly Filler[]

  constructor(client: StoreClient, signal: AbortSignal, { rollups = false, packed = false }: EngineScriptOptions) {
    this.#signal = signal
    const options = { quietMs: 0 }
    this.#fillers = [
      ...(packed ? [createPacker(client, options)] : []),
      ...(rollups ? [createRollupFiller(client, options)] : []),
    ]
    const use = rollups ? { minRangeMs: 0 } : undefined
    this.source = withoutCanonicalLabels(createMetricSource(client, undefined, use))
    this.#writer = new ScriptWriter(client, signal)
  }

  get scope(): ScriptStore['scope'] {
    return this.#writer.scope
  }

  async clear(): Promise<void> {
    await this.#writer.clear()
  }

  async load(series: readonly ScriptSeries[]): Promise<void> {
    await this.#writer.write({ signal: 'metrics', format: 'remote-write-2', ...encode(series) })
    for (const filler of this.#fillers) while ((await filler.turn(this.#signal)).did !== 'idle');
  }
}

function encode(series: readonly ScriptSeries[]): { readonly payload: Uint8Array; readonly items: number } {
  const writer = new RemoteWriteWriter()
  for (const { labels, points } of series) {
    // A series of remote write has floats or histograms.
    const floats = points.filter(({ value }) => typeof value !== 'object')
    const histograms = points.filter(({ value }) => typeof value === 'object')
    for (const part of [floats, histograms]) {
      if (part.length === 0) continue
      writer.beginSeries(sortedNames(labels).flatMap((name) => [name, labels[name] ?? '']))
      for (const point of part) writePoint(writer, point)
      writer.endSeries()
    }
  }
  const { items } = writer
  return { payload: writer.finish(), items }
}

function writePoint(writer: RemoteWriteWriter, { timeMs, value, startMs }: ScriptPoint): void {
  if (value === 'stale') writer.staleMarker(timeMs)
  else if (typeof value === 'number') writer.sample(value, timeMs, startMs)
  else writer.histogram({ ...toWire(value), timestampMs: timeMs, startTimestampMs: startMs })
}

function toWire(histogram: FloatHistogram): Omit<NativeHistogram, 'timestampMs'> {
  const { schema, sum, count, zeroThreshold, zeroCount, positive, negative, customValues, resetHint } = histogram
  return {
    schema,
    sum,
    zeroThreshold,
    resetHint: HINTS[resetHint],
    positiveSpans: toSpans(positive),
    negativeSpans: toSpans(negative),
    counts: {
      kind: 'float',
      count,
      zeroCount,
      positiveCounts: [...positive.counts],
      negativeCounts: [...negative.counts],
    },
    customValues,
  }
}

function toSpans(buckets: FloatHistogram['positive']): BucketSpan[] {
  const { offsets, lengths } = spansOf(buckets)
  return offsets.map((offset, i) => ({ offset, length: lengths[i] ?? 0 }))
}

/** Scripts know nothing of the labels that the hub puts on every series. */
function withoutCanonicalLabels(source: MetricSource): MetricSource {
  return {
    select: async (scope, request, signal) => withOwnLabels(await source.select(scope, request, signal)),
    pieces: async function* (scope, request, signal) {
      for await (const piece of piecesOf(source, scope, request, signal)) yield withOwnLabels(piece)
    },
    ...(source.buckets === undefined ? {} : { buckets: bucketsWithOwnLabels(source.buckets.bind(source)) }),
    series: async (scope, request, signal) => (await source.series(scope, request, signal)).map(ownLabels),
    labelNames: (scope, request, signal) => source.labelNames(scope, request, signal),
    labelValues: (scope, label, request, signal) => source.labelValues(scope, label, request, signal),
    metadata: (scope, metric, signal) => source.metadata(scope, metric, signal),
  }
}

function bucketsWithOwnLabels(buckets: NonNullable<MetricSource['buckets']>): NonNullable<MetricSource['buckets']> {
  return async (scope, request, signal) => {
    const pieces = await buckets(scope, request, signal)
    return pieces && withOwnLabelsEach(pieces)
  }
}

async function* withOwnLabelsEach(
  pieces: AsyncIterable<readonly SeriesBuckets[]>,
): AsyncGenerator<readonly SeriesBuckets[]> {
  for await (const piece of pieces) yield piece.map(({ labels, buckets }) => ({ labels: ownLabels(labels), buckets }))
}

function withOwnLabels(found: readonly SeriesSamples[]): SeriesSamples[] {
  return found.map((series) => ({ ...series, labels: ownLabels(series.labels) }))
}

function ownLabels(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !Object.hasOwn(CANONICAL_LABELS, name)))
}
