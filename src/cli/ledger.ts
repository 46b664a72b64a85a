import type { Command } from 'commander'
import {
  type FleetSnapshot,
  fleetSnapshotSchema,
  type Ledger,
  type LedgerBalance,
  type LedgerCluster,
  type LedgerSourceEntry,
  ledgerSchema,
} from '../contract/index.ts'
import { AppError } from '../core/index.ts'
import { formatDuration } from './format.ts'
import { createHubClient, DEFAULT_HUB } from './http.ts'
import { toPrintable } from './printable.ts'
import { renderTable } from './table.ts'

interface LedgerOptions {
  readonly hub: string
  readonly cluster?: string
  readonly json?: true
}

/** `fleetglass ledger`: what came in and what became of it. Ends with 1 when the books do not balance. */
export function registerLedger(program: Command): void {
  program
    .command('ledger')
    .description('show what came in and what became of it; ends with 1 when the books do not balance')
    .option('--hub <url>', 'address of the hub', DEFAULT_HUB)
    .option('--cluster <name>', 'one cluster, with its sources, its edges and what was rejected')
    .option('--json', 'print the ledger as JSON')
    .action(async ({ hub, cluster, json }: LedgerOptions) => {
      const client = createHubClient(hub)
      const whole = await client.get('/api/v1/ledger', ledgerSchema)
      const ledger = cluster === undefined ? whole : selectCluster(whole, cluster)
      if (json === true) process.stdout.write(`${JSON.stringify(ledger, null, 2)}\n`)
      else {
        const fleet = cluster === undefined ? undefined : await client.get('/api/v1/fleet', fleetSnapshotSchema)
        process.stdout.write(`${renderLedger(ledger, fleet)}\n`)
      }
      if (!ledger.balanced) process.exitCode = 1
    })
}

function selectCluster(ledger: Ledger, name: string): Ledger {
  const clusters = ledger.clusters.filter(({ cluster }) => cluster === name)
  if (clusters.length === 0) throw new AppError('not_found', `the ledger has nothing of a cluster ${name}`)
  return { ...ledger, clusters, balanced: clusters.every(({ balanced }) => balanced) }
}

/** The balance of each cluster and signal; of one cluster (`fleet` is given) also its sources, edges and rejections. */
function renderLedger(ledger: Ledger, fleet?: FleetSnapshot): string {
  const parts = [renderClusters(ledger.clusters), verdict(ledger)]
  if (fleet !== undefined) {
    for (const cluster of ledger.clusters) {
      parts.push(...renderSources(cluster, ledger.nowMs), ...renderEdges(cluster), ...renderRejections(cluster, fleet))
    }
  }
  return parts.join('\n\n')
}

const right = { align: 'right' } as const

const BALANCE_COLUMNS = [
  { title: 'RECEIVED', ...right },
  { title: 'STORED', ...right },
  { title: 'DUPLICATES', ...right },
  { title: 'REJECTED', ...right },
  { title: 'QUEUED', ...right },
  { title: 'DIFFERENCE', ...right },
]

function renderClusters(clusters: readonly LedgerCluster[]): string {
  const rows = clusters.flatMap(({ cluster, signals }) =>
    signals.map((signal) => [
      cluster,
      signal.signal,
      ...toCells(signal),
      signal.expired === undefined ? 'unknown' : String(signal.expired),
    ]),
  )
  const columns = [{ title: 'CLUSTER' }, { title: 'SIGNAL' }, ...BALANCE_COLUMNS, { title: 'EXPIRED', ...right }]
  return renderTable(columns, rows)
}

function toCells({ received, stored, deduplicated, rejected, queued, difference }: LedgerBalance): string[] {
  return [received, stored, deduplicated, sumOf(rejected), queued, difference].map(String)
}

function verdict({ balanced, current, clusters }: Ledger): string {
  const age = current ? '' : ' The store is behind or away: this is as of the last comparison.'
  if (balanced) return `The books balance.${age}`
  const open = clusters.filter((cluster) => !cluster.balanced).map(({ cluster }) => cluster)
  return (
    `THE BOOKS DO NOT BALANCE: ${open.join(', ')}.${age} Items above 0 were accepted and are neither stored, rejected ` +
    'nor queued; below 0, stored more often than accepted. See docs/ledger.md.'
  )
}

function renderSources({ sources }: LedgerCluster, nowMs: number): string[] {
  if (sources.length === 0) return []
  const columns = [
    { title: 'SOURCE' },
    { title: 'SIGNAL' },
    ...BALANCE_COLUMNS,
    { title: 'CONTIGUOUS', ...right },
    { title: 'MISSING', ...right },
    { title: 'LAST', ...right },
  ]
  return [
    renderTable(
      columns,
      sources.map((source) => toSourceRow(source, nowMs)),
    ),
  ]
}

function toSourceRow(entry: LedgerSourceEntry, nowMs: number): string[] {
  const { source, edge, epoch, signal, sequences, lastAtMs } = entry
  return [
    toPrintable(edge === undefined ? source : `${edge} ${(epoch ?? '').slice(0, 8)}`),
    signal,
    ...toCells(entry),
    sequences === undefined ? '-' : String(sequences.contiguous),
    sequences === undefined ? '-' : String(sequences.missing),
    `${formatDuration(Math.max(0, nowMs - lastAtMs))} ago`,
  ]
}

/** The edges' own books since each was started. */
function renderEdges({ edges }: LedgerCluster): string[] {
  if (edges.length === 0) return []
  const words = ['COLLECTED', 'SENT', 'REJECTED', 'DROPPED', 'DEAD', 'QUEUED', 'SCRUBBED AWAY']
  const columns = [{ title: 'EDGE' }, { title: 'SIGNAL' }, ...words.map((title) => ({ title, ...right }))]
  const rows = edges.flatMap(({ edge, signals }) =>
    signals.map(({ signal, collected, sent, rejected, dropped, deadLettered, queued, scrubbed }) => [
      toPrintable(edge),
      signal,
      ...[collected, sent, rejected, dropped, deadLettered, queued, scrubbed].map(String),
    ]),
  )
  return [renderTable(columns, rows)]
}

function renderRejections({ cluster }: LedgerCluster, fleet: FleetSnapshot): string[] {
  const recent = fleet.clusters.find((one) => one.cluster === cluster)?.rejected.recent ?? []
  if (recent.length === 0) return []
  const columns = [{ title: 'REJECTED BY' }, { title: 'SIGNAL' }, { title: 'REASON' }, { title: 'ITEMS', ...right }]
  const rows = recent.map(({ source, signal, reason, items, atMs, detail }) => [
    toPrintable(source),
    signal ?? '-',
    toPrintable(reason),
    String(items),
    `${formatDuration(Math.max(0, fleet.nowMs - atMs))} ago`,
    toPrintable(detail ?? ''),
  ])
  return [renderTable([...columns, { title: 'LAST', ...right }, { title: 'ABOUT THE LAST' }], rows)]
}

function sumOf(reasons: Readonly<Record<string, number>>): number {
  return Object.values(reasons).reduce((sum, items) => sum + items, 0)
}
