import type { LedgerSource, Signal } from '../../model/index.ts'

/** Sources that were silent longest are kept together under this name when there are too many. */
const OLDER_SOURCES = 'older'

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
