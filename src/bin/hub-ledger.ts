import type { Ledger, LedgerCluster, LedgerSourceEntry } from '../contract/index.ts'
import type { ClusterLedger, Fleet, FleetStatus } from '../fleet/index.ts'
import { type Scope, type Signal, SIGNALS } from '../model/index.ts'
import type { DurableWindows } from '../pipeline/index.ts'
import type { HubLedger, IntakeBooks, SourceBalance } from '../pipeline/ledger/index.ts'
import type { DailyTotal } from '../storage/index.ts'

export interface LedgerParts {
  readonly ledger: HubLedger
  readonly windows: DurableWindows
  readonly fleet: Fleet
  readonly status: FleetStatus
  readonly deadLettersOf: (cluster: string) => number
  /** What was stored by day; rejects while the engine is away. */
  readonly daily: () => Promise<readonly DailyTotal[]>
}

/** A fleet status that puts what is refused at the door into the books, too. */
export function countRejected(status: FleetStatus, books: IntakeBooks): FleetStatus {
  return {
    ...status,
    rejected: (identity, reason, items, about) => {
      const { tenant, cluster } = identity
      const { source = 'otlp', signal = 'metrics' } = about ?? {}
      books.rejected({ tenant, cluster, source, signal }, reason, items, Date.now())
      status.rejected(identity, reason, items, about)
    },
  }
}

const MAX_GAPS = 20
const DAY_MS = 86_400_000

const NOTHING: ClusterLedger = {
  accepted: 0,
  stored: 0,
  rejected: 0,
  queued: 0,
  deduplicated: 0,
  difference: 0,
  deadLetters: 0,
}

/** The books of each cluster, for its status. */
export function clusterLedgers({
  ledger,
  deadLettersOf,
}: Pick<LedgerParts, 'ledger' | 'deadLettersOf'>): ReadonlyMap<string, ClusterLedger> {
  const clusters = new Map<string, ClusterLedger>()
  for (const balance of ledger.balances()) {
    const { cluster } = balance.source
    const sum = clusters.get(cluster) ?? { ...NOTHING, deadLetters: deadLettersOf(cluster) }
    const atDoor = sumOf(balance.rejected)
    clusters.set(cluster, {
      ...sum,
      accepted: sum.accepted + balance.logged + atDoor,
      stored: sum.stored + balance.stored,
      rejected: sum.rejected + atDoor + sumOf(balance.discarded),
      queued: sum.queued + balance.queued,
      deduplicated: sum.deduplicated + balance.deduplicated,
    })
  }
  for (const { cluster, items } of ledger.differences()) {
    const known = clusters.get(cluster)
    if (known !== undefined) clusters.set(cluster, { ...known, difference: addUp(known.difference, items) })
  }
  return clusters
}

/** One signal's loss must not be made good by another's doubling; a sum of both is told as a loss. */
function addUp(a: number, b: number): number {
  const size = Math.abs(a) + Math.abs(b)
  return a > 0 || b > 0 ? size : -size
}

/** The whole ledger, as far as the scope may see it. */
export async function readLedgerAnswer(parts: LedgerParts, scope: Scope): Promise<Ledger> {
  const { ledger } = parts
  const nowMs = Date.now()
  const daily = await parts.daily().catch(() => undefined)
  const groups = new Map<string, SourceBalance[]>()
  for (const balance of ledger.balances()) {
    const { tenant, cluster } = balance.source
    if (!mayBeSeen(scope, tenant, cluster)) continue
    const key = JSON.stringify([cluster, tenant])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [balance])
    else group.push(balance)
  }
  const clusters = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, group]) => toCluster(parts, group, daily, nowMs))
  return { nowMs, current: ledger.isCurrent, balanced: clusters.every(({ balanced }) => balanced), clusters }
}

function mayBeSeen({ tenants, clusters }: Scope, tenant: string, cluster: string): boolean {
  return (tenants === 'all' || tenants.includes(tenant)) && (clusters === undefined || clusters.includes(cluster))
}

function toCluster(
  parts: LedgerParts,
  group: readonly SourceBalance[],
  daily: readonly DailyTotal[] | undefined,
  nowMs: number,
): LedgerCluster {
  const { tenant, cluster } = group[0]?.source ?? { tenant: '', cluster: '' }
  const signals = SIGNALS.flatMap((signal) => {
    const of = group.filter(({ source }) => source.signal === signal)
    if (of.length === 0) return []
    const expired = daily && expiredOf(parts.fleet, daily, { tenant, cluster, signal }, nowMs)
    return [{ signal, ...sumUp(of), ...(expired === undefined ? {} : { expired }) }]
  })
  return {
    cluster,
    tenant,
    balanced: signals.every(({ difference }) => difference === 0),
    signals,
    sources: group.map((balance) => toSource(parts.windows, balance)),
    edges: parts.status.edges(cluster).flatMap(({ report, heardAtMs }) => {
      const { books } = report
      if (books === undefined) return []
      return [{ edge: report.edge, heardAtMs, signals: SIGNALS.map((signal) => ({ signal, ...books[signal] })) }]
    }),
  }
}

function sumUp(
  balances: readonly SourceBalance[],
): Omit<LedgerSourceEntry, 'source' | 'signal' | 'batches' | 'firstAtMs' | 'lastAtMs'> {
  const rejected: Record<string, number> = {}
  const sum = { received: 0, stored: 0, deduplicated: 0, queued: 0, difference: 0 }
  for (const balance of balances) {
    const one = toBalance(balance)
    sum.received += one.received
    sum.stored += one.stored
    sum.deduplicated += one.deduplicated
    sum.queued += one.queued
    sum.difference += one.difference
    for (const [reason, items] of Object.entries(one.rejected)) rejected[reason] = (rejected[reason] ?? 0) + items
  }
  return { ...sum, rejected }
}

function toBalance(
  balance: SourceBalance,
): Pick<LedgerSourceEntry, 'received' | 'stored' | 'deduplicated' | 'rejected' | 'queued' | 'difference'> {
  const { logged, stored, deduplicated, queued, difference } = balance
  const rejected: Record<string, number> = { ...balance.rejected }
  for (const [reason, items] of Object.entries(balance.discarded)) rejected[reason] = (rejected[reason] ?? 0) + items
  return {
    received: logged + deduplicated + sumOf(balance.rejected),
    stored,
    deduplicated,
    rejected,
    queued,
    difference,
  }
}

function toSource(windows: DurableWindows, balance: SourceBalance): LedgerSourceEntry {
  const { source, edge, epoch, signal } = balance.source
  const { batches, firstAtMs, lastAtMs } = balance
  return {
    source,
    ...(edge === '' ? {} : { edge, epoch }),
    signal,
    ...toBalance(balance),
    batches,
    firstAtMs,
    lastAtMs,
    ...sequencesOf(windows, edge, epoch),
  }
}

/** All signals of an edge share one log, and so its sequences. */
function sequencesOf(windows: DurableWindows, edge: string, epoch: string): Pick<LedgerSourceEntry, 'sequences'> {
  const ranges = edge === '' ? [] : windows.windows.ranges(edge, epoch)
  const [first] = ranges
  const last = ranges.at(-1)
  if (first === undefined || last === undefined) return {}
  const gaps = ranges.slice(1).map((range, i) => ({ first: (ranges[i]?.last ?? 0) + 1, last: range.first - 1 }))
  const missing = gaps.reduce((sum, gap) => sum + gap.last - gap.first + 1, 0)
  return { sequences: { contiguous: first.last, highest: last.last, missing, gaps: gaps.slice(0, MAX_GAPS) } }
}

/** Days that lie wholly before what the tenant's retention keeps. */
function expiredOf(
  fleet: Fleet,
  daily: readonly DailyTotal[],
  of: { readonly tenant: string; readonly cluster: string; readonly signal: Signal },
  nowMs: number,
): number {
  const keptFromMs = nowMs - fleet.retention(of.tenant)[of.signal]
  return daily
    .filter(({ tenant, cluster, signal }) => tenant === of.tenant && cluster === of.cluster && signal === of.signal)
    .filter(({ dayMs }) => dayMs + DAY_MS <= keptFromMs)
    .reduce((sum, { stored }) => sum + stored, 0)
}

function sumOf(reasons: Readonly<Record<string, number>>): number {
  return Object.values(reasons).reduce((sum, items) => sum + items, 0)
}
