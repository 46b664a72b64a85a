import type { Envelope, Signal } from '../../model/index.ts'

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

export const EDGE_SOURCE = 'edge'

/** Sources that were silent longest are kept together under this name when there are too many. */
export const OLDER_SOURCES = 'older'

export function sourceOf({ identity, id, source, format, signal }: Envelope): LedgerSource {
  const { tenant, cluster } = identity
  if (id !== undefined) return { tenant, cluster, source: EDGE_SOURCE, edge: id.edge, epoch: id.epoch, signal }
  const kind = source ?? (format === 'remote-write-2' ? 'remote-write' : 'otlp')
  return { tenant, cluster, source: kind, edge: '', epoch: '', signal }
}

/** The source that stands for all that were folded of its tenant, cluster and signal. */
export function olderThan({ tenant, cluster, signal }: LedgerSource): LedgerSource {
  return { tenant, cluster, source: OLDER_SOURCES, edge: '', epoch: '', signal }
}

export function sourceKey({ tenant, cluster, source, edge, epoch, signal }: LedgerSource): string {
  return JSON.stringify([tenant, cluster, source, edge, epoch, signal])
}

/** The source of a key that `sourceKey` made. */
export function sourceOfKey(key: string): LedgerSource {
  const parts = JSON.parse(key) as readonly [string, string, string, string, string, Signal]
  const [tenant, cluster, source, edge, epoch, signal] = parts
  return { tenant, cluster, source, edge, epoch, signal }
}

/** Items by reason, of a bounded number of reasons. */
export type Reasons = Readonly<Record<string, number>>

const MAX_REASONS = 32

export function addReason(reasons: Map<string, number>, reason: string, items: number): void {
  const key = reasons.has(reason) || reasons.size < MAX_REASONS ? reason : 'other'
  reasons.set(key, (reasons.get(key) ?? 0) + items)
}
