import type { Envelope } from './batch.ts'
import type { Signal } from './signal.ts'

/**
 * What the ledger keeps a balance of: one log of one edge, or the senders without ids of one kind of receiver.
 * Edge and epoch are empty for the latter.
 */
export interface LedgerSource {
  readonly tenant: string
  readonly cluster: string
  /** The kind of receiver; `edge` for batches with an id. */
  readonly source: string
  /** `<cluster>/<instance>`. */
  readonly edge: string
  readonly epoch: string
  readonly signal: Signal
}

const EDGE_SOURCE = 'edge'

export function sourceOf({ identity, id, source, format, signal }: Envelope): LedgerSource {
  const { tenant, cluster } = identity
  if (id !== undefined) return { tenant, cluster, source: EDGE_SOURCE, edge: id.edge, epoch: id.epoch, signal }
  const kind = source ?? (format === 'remote-write-2' ? 'remote-write' : 'otlp')
  return { tenant, cluster, source: kind, edge: '', epoch: '', signal }
}
