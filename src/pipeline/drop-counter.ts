import type { Metrics } from '../core/index.ts'
import type { Signal } from '../model/index.ts'
import type { LogRecord } from '../queue/index.ts'
import type { EdgeLedger } from './edge-ledger.ts'
import { decodeRecord } from './record.ts'

export interface DropCounter {
  /** For `LogOptions.onDrop`. */
  readonly onDrop: (record: LogRecord) => void
  /** Items dropped since the start. */
  readonly items: () => Readonly<Record<Signal, number>>
}

/** Counts what a log deletes at its size limit, by signal, and tells the books; the log itself knows bytes only. */
export function createDropCounter(metrics: Metrics, ledger?: Pick<EdgeLedger, 'add' | 'met'>): DropCounter {
  const dropped = metrics.counter(
    'fleetglass_log_dropped_items_total',
    'Points, log records and spans deleted unread at the size limit of the durable log.',
    ['source_cluster', 'signal'],
  )
  const items = { metrics: 0, logs: 0, traces: 0 }
  const onDrop = (record: LogRecord): void => {
    const envelope = envelopeOf(record)
    if (envelope === undefined) return
    items[envelope.signal] += envelope.items
    ledger?.met(record.sequence, envelope.signal, envelope.items)
    ledger?.add('dropped', envelope.signal, envelope.items)
    dropped.inc({ source_cluster: envelope.identity.cluster, signal: envelope.signal }, envelope.items)
  }
  return { onDrop, items: () => ({ ...items }) }
}

/** Undefined for a record that cannot be decoded: the log has counted it as a record. */
function envelopeOf(record: LogRecord): ReturnType<typeof decodeRecord>['envelope'] | undefined {
  try {
    return decodeRecord(record.bytes).envelope
  } catch {
    return undefined
  }
}
