import type { DestinationSnapshot } from '../contract/index.ts'
import { destinationStateSchema } from '../contract/index.ts'
import type { Counter, Metrics } from '../core/index.ts'
import type { SignalState } from './destination-signal-state.ts'

interface DestinationFacts {
  readonly name: string
  readonly snapshot: DestinationSnapshot
  readonly signals: readonly SignalState[]
}

const LABELS = ['destination', 'signal'] as const

/** The metrics `fleetglass_destination_…`, brought up to date when somebody asks for them. */
export function createDestinationMetrics(metrics: Metrics, read: () => readonly DestinationFacts[]): void {
  const name = (rest: string): string => `fleetglass_destination_${rest}`
  // First, because what is registered first is asked first: the others are fresh when their turn comes.
  const state = metrics.gauge(name('state'), '1 for the state that it is in.', [...LABELS, 'state'], () => {
    for (const facts of read()) for (const signal of facts.signals) refresh(facts, signal)
  })
  const items = metrics.counter(name('items_total'), 'Points, log records and spans delivered.', LABELS)
  const bytes = metrics.counter(name('bytes_total'), 'Bytes delivered, before compression.', LABELS)
  const filtered = metrics.counter(name('filtered_items_total'), 'Items left out by conditions of the file.', LABELS)
  const requests = metrics.counter(name('requests_total'), 'Requests, by what the answer meant.', [
    ...LABELS,
    'outcome',
  ])
  const undelivered = metrics.counter(name('undelivered_items_total'), 'Items that are never delivered, by reason.', [
    ...LABELS,
    'reason',
  ])
  const deadLetters = metrics.counter(name('dead_letter_items_total'), 'Items put aside, by reason.', [
    ...LABELS,
    'reason',
  ])
  const inFlight = metrics.gauge(name('in_flight_items'), 'Items read from the log and not done with.', LABELS)
  const queueBytes = metrics.gauge(name('queue_bytes'), 'Bytes of the durable log behind the cursor.', LABELS)
  const queueRecords = metrics.gauge(name('queue_records'), 'Records of the durable log behind the cursor.', LABELS)
  const lag = metrics.gauge(name('lag_seconds'), 'Age of the oldest record that is not delivered.', LABELS)
  const told = new Map<string, number>()
  /** The workers tell totals; a counter wants what has come since. */
  const raise = <L extends string>(counter: Counter<L>, key: string, of: Record<L, string>, total: number): void => {
    const place = JSON.stringify([key, of])
    counter.inc(of, Math.max(0, total - (told.get(place) ?? 0)))
    told.set(place, total)
  }
  const refresh = (facts: DestinationFacts, signalState: SignalState): void => {
    const { signal, counts, report } = signalState
    const of = { destination: facts.name, signal }
    const shown = facts.snapshot.signals.find((candidate) => candidate.signal === signal)
    if (shown === undefined) return
    raise(items, 'items', of, counts.deliveredItems)
    raise(bytes, 'bytes', of, counts.deliveredBytes)
    raise(filtered, 'filtered', of, counts.filteredItems)
    for (const [outcome, total] of Object.entries(counts.requests)) {
      raise(requests, 'requests', { ...of, outcome }, total)
    }
    for (const [reason, total] of Object.entries(counts.undelivered)) {
      raise(undelivered, 'undelivered', { ...of, reason }, total)
    }
    for (const [reason, total] of Object.entries(counts.deadLetters)) {
      raise(deadLetters, 'dead letters', { ...of, reason }, total)
    }
    inFlight.set(of, report?.inFlight.items ?? 0)
    queueBytes.set(of, shown.backlog.bytes)
    queueRecords.set(of, shown.backlog.records)
    lag.set(of, shown.lagMs / 1_000)
    for (const word of destinationStateSchema.options) state.set({ ...of, state: word }, word === shown.state ? 1 : 0)
  }
}
