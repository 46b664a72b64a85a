import { AppError, createMetrics, type Metrics } from '../core/index.ts'
import type { Batch, BatchId, Envelope } from '../model/index.ts'
import type { DurableLog } from '../queue/index.ts'
import type { Consumer } from './consumer.ts'
import type { DurableWindows } from './durable-windows.ts'
import type { SequenceRange } from './intervals.ts'
import { encodeRecord } from './record.ts'

const DEFAULT_MAX_IN_FLIGHT_BYTES = 64 * 1024 * 1024
const DEFAULT_RETRY_AFTER_MS = 1000
const LONGEST_NAME = 300

/** A part of the batch is stored, and it cannot be cut: the sender shall send the rest under its own id. */
export class PartlyStoredError extends AppError {
  /** The parts of the batch's id that are stored, in order. */
  readonly held: readonly SequenceRange[]

  constructor(id: BatchId, held: readonly SequenceRange[]) {
    super('conflict', `batch ${id.edge} ${String(id.first)} to ${String(id.last)}: a part of it is stored already`)
    this.held = held
  }
}

export interface LogSinkOptions {
  readonly log: Pick<DurableLog, 'append'>
  /** Without them batches are not told apart, as in an edge, whose senders give no ids. */
  readonly windows?: Pick<DurableWindows, 'windows' | 'overlapping' | 'append' | 'books'>
  readonly limits?: {
    /** Payload bytes taken and not yet on disk; above it batches are refused with `exhausted`. Default 64 MiB. */
    readonly maxInFlightBytes?: number
    /** What a refused sender is told to wait. Default 1000. */
    readonly retryAfterMs?: number
  }
  readonly metrics?: Metrics
  /** Told of each batch once it is in the log; not of one that was there already. Must not throw. */
  readonly onAccepted?: (batch: Batch) => void
}

type Outcome = 'accepted' | 'deduplicated'

/**
 * The consumer that makes batches safe: when it resolves, the batch is in the durable log, or was there already. Of a
 * batch with an id, every record is appended once, however often and however concurrently it is delivered.
 * Rejects with `PartlyStoredError`, `forbidden` (an id that names another cluster than the sender's), or what the log
 * says.
 */
export function createLogSink(options: LogSinkOptions): Consumer {
  const { log, windows } = options
  const admit = createAdmission(options)
  const count = createCounts(options.metrics ?? createMetrics())

  const take = async (batch: Batch): Promise<Outcome> => {
    const append = (): Promise<number> => log.append(encodeRecord(batch))
    const { envelope } = batch
    if (envelope.id !== undefined) checkId(envelope.id, envelope.identity.cluster)
    if (windows === undefined) await append()
    else return await appendUnlessHeld(windows, envelope, append)
    return 'accepted'
  }

  return async (batch) => {
    try {
      const outcome = await admit(batch.payload.length, () => take(batch))
      count(batch, outcome)
      if (outcome === 'accepted') options.onAccepted?.(batch)
    } catch (reason) {
      count(batch, 'refused')
      throw AppError.from(reason)
    }
  }
}

async function appendUnlessHeld(
  windows: NonNullable<LogSinkOptions['windows']>,
  envelope: Envelope,
  append: () => Promise<number>,
): Promise<Outcome> {
  const { id } = envelope
  while (id !== undefined) {
    if (windows.windows.missing(id).length === 0) {
      windows.books.deduplicated(envelope)
      return 'deduplicated'
    }
    const other = windows.overlapping(id)
    if (other === undefined) break
    // How that one ends decides what is still missing.
    await other
  }
  // From the last look to the claim nothing is awaited, so nobody can come between.
  const held = id === undefined ? [] : windows.windows.held(id)
  if (id !== undefined && held.length > 0) throw new PartlyStoredError(id, held)
  await windows.append(envelope, append)
  return 'accepted'
}

/** A sender that could name another's records would have them taken for stored. */
function checkId({ edge, epoch, first, last }: BatchId, cluster: string): void {
  const inOrder = Number.isSafeInteger(first) && Number.isSafeInteger(last) && 0 <= first && first <= last
  if (!inOrder || epoch.length === 0 || epoch.length > LONGEST_NAME || edge.length > LONGEST_NAME) {
    throw new AppError('invalid', `batch id of ${cluster}: not a range of records`)
  }
  if (!edge.startsWith(`${cluster}/`)) {
    throw new AppError('forbidden', `batch id of ${cluster}: it names the edge ${edge}`)
  }
}

function createAdmission({ limits }: LogSinkOptions): <T>(bytes: number, run: () => Promise<T>) => Promise<T> {
  const { maxInFlightBytes = DEFAULT_MAX_IN_FLIGHT_BYTES, retryAfterMs = DEFAULT_RETRY_AFTER_MS } = limits ?? {}
  let inFlightBytes = 0
  return async (bytes, run) => {
    // One batch alone is always let in, whatever its size: the log has its own limit for that.
    if (inFlightBytes > 0 && inFlightBytes + bytes > maxInFlightBytes) {
      throw new AppError('exhausted', 'too many bytes wait for the durable log', { retryAfterMs })
    }
    inFlightBytes += bytes
    try {
      return await run()
    } finally {
      inFlightBytes -= bytes
    }
  }
}

function createCounts(metrics: Metrics): (batch: Batch, outcome: Outcome | 'refused') => void {
  const labels = ['source_cluster', 'signal', 'outcome'] as const
  const items = metrics.counter('fleetglass_sink_items_total', 'Points, log records and spans delivered.', labels)
  const bytes = metrics.counter('fleetglass_sink_bytes_total', 'Payload bytes delivered.', labels)
  return ({ envelope, payload }, outcome) => {
    const of = { source_cluster: envelope.identity.cluster, signal: envelope.signal, outcome }
    items.inc(of, envelope.items)
    bytes.inc(of, payload.length)
  }
}
