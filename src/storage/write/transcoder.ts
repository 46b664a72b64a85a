import { AppError } from '../../core/index.ts'
import type { Batch } from '../../model/index.ts'
import type { BlockBuffers } from './block-buffers.ts'
import { BatchContext, type StoreRecord } from './batch-context.ts'
import { DeltaTotals } from './delta-totals.ts'
import { SeriesDirectory, StreamDirectory } from './directories.ts'
import { type EncodedBlock, encodeTable } from './encoded-block.ts'
import { ExponentialTotals } from './exponential-totals.ts'
import { transcodeLogs } from './logs.ts'
import { MetadataDirectory } from './metadata-rows.ts'
import { MetricCatalog } from './metric-catalog.ts'
import { type OtlpMetricState, transcodeOtlpMetrics } from './otlp-metrics.ts'
import { transcodeRemoteWrite } from './remote-write.ts'
import { DEFAULT_PROMOTED_ATTRIBUTES } from '../../wire/prometheus/index.ts'
import { ResourceCatalog } from './resource-labels.ts'
import { transcodeSpans } from './spans.ts'
import { Tables } from './tables.ts'
import { TraceRanges } from './trace-ranges.ts'

export interface TranscoderOptions {
  /** Resource attributes that become labels of metrics. Default: those that Prometheus' documentation recommends. */
  readonly promotedAttributes?: readonly string[]
  /** Whether instrumentation scopes become labels of metrics. Default false. */
  readonly scopeLabels?: boolean
  /** How many series the writer remembers as announced, and of how many it keeps running totals. */
  readonly maxSeries?: number
}

const DEFAULT_MAX_SERIES = 1_000_000
const MAX_STREAMS = 200_000
const MAX_FAMILIES = 100_000
const MAX_RESOURCES = 10_000
const MAX_EXPONENTIAL_TOTALS = 20_000

/** What became of a batch. */
export interface BatchOutcome {
  readonly record: StoreRecord
  readonly rows: number
  /** The oldest time of an item; Infinity if there is none. */
  readonly oldestMs: number
  /** See `BatchContext`. */
  readonly slots: ReadonlySet<number>
  /** Items that could not become rows, by reason. */
  readonly rejected: ReadonlyMap<string, number>
  /** Why nothing of the batch could be read. */
  readonly error: AppError | undefined
}

export interface Transcoded {
  /** Tables with rows only, in the order in which they are to be inserted. */
  readonly blocks: readonly EncodedBlock[]
  readonly outcomes: readonly BatchOutcome[]
  /** Names of those whose series are among the blocks. */
  readonly metrics: readonly string[]
}

/**
 * Batches in wire bytes → blocks of rows. The same batches in the same order from the same beginning give the same
 * blocks: everything comes from payload and envelope, nothing from a clock.
 */
export class Transcoder {
  readonly #tables = new Tables()
  readonly #streams = new StreamDirectory(MAX_STREAMS)
  readonly #traces = new TraceRanges()
  readonly #metrics: OtlpMetricState

  constructor(options: TranscoderOptions) {
    const { promotedAttributes = DEFAULT_PROMOTED_ATTRIBUTES, maxSeries = DEFAULT_MAX_SERIES } = options
    this.#metrics = {
      series: new SeriesDirectory(maxSeries),
      metadata: new MetadataDirectory(MAX_FAMILIES),
      metrics: new MetricCatalog(MAX_FAMILIES),
      resources: new ResourceCatalog(promotedAttributes, MAX_RESOURCES),
      totals: { numbers: new DeltaTotals(maxSeries), exponentials: new ExponentialTotals(MAX_EXPONENTIAL_TOTALS) },
      scopeLabels: options.scopeLabels ?? false,
    }
  }

  /** Series of which a running total is kept, and how many were dropped for want of room. */
  get totals(): { readonly series: number; readonly dropped: number } {
    const { numbers, exponentials } = this.#metrics.totals
    return { series: numbers.size + exponentials.size, dropped: numbers.dropped + exponentials.dropped }
  }

  /** With `buffers`, the blocks are in memory that is to be given back. */
  transcode(records: readonly StoreRecord[], buffers?: BlockBuffers): Transcoded {
    const outcomes = records.map((record) => this.#transcodeOne(record))
    const blocks = this.#tables.all
      .filter(({ block }) => block.rows > 0)
      .map((table) => encodeTable(table, buffers?.take(table.name)))
    const { series } = this.#tables
    const metrics = series.block.rows > 0 ? series.columns.name.texts() : []
    this.#tables.reset()
    this.#traces.reset()
    return { blocks, outcomes, metrics }
  }

  /** A batch that breaks in the middle leaves no rows: they are taken back, and so is what they announced. */
  #transcodeOne(record: StoreRecord): BatchOutcome {
    const { envelope } = record.batch
    const batch = new BatchContext(record)
    this.#save()
    try {
      this.#dispatch(batch, record.batch)
      const { rows, oldestMs, slots, rejected } = batch
      return { record, rows, oldestMs, slots, rejected, error: undefined }
    } catch (reason) {
      this.#restore()
      const error = AppError.from(reason, 'internal', `transcode ${envelope.signal} batch ${String(record.sequence)}`)
      const rejected = new Map([['undecodable', envelope.items]])
      return { record, rows: 0, oldestMs: Infinity, slots: new Set(), rejected, error }
    }
  }

  #dispatch(batch: BatchContext, { envelope: { signal, format } }: Batch): void {
    switch (signal) {
      case 'logs':
        transcodeLogs(this.#tables, batch, this.#streams)
        return
      case 'traces':
        transcodeSpans(this.#tables, batch, this.#traces)
        return
      case 'metrics':
        if (format === 'remote-write-2') transcodeRemoteWrite(this.#tables, batch, this.#metrics)
        else transcodeOtlpMetrics(this.#tables, batch, this.#metrics)
        return
    }
  }

  #save(): void {
    this.#tables.save()
    this.#streams.save()
    this.#metrics.series.save()
    this.#metrics.metadata.save()
  }

  /** Running totals keep what the broken batch added: it was measured, and the next total tells it. */
  #restore(): void {
    this.#tables.restore()
    this.#traces.reset()
    this.#streams.restore()
    this.#metrics.series.restore()
    this.#metrics.metadata.restore()
  }
}
