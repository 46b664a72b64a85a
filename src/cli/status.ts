import type { Command } from 'commander'
import { type ClusterSnapshot, type FleetSnapshot, fleetSnapshotSchema } from '../contract/index.ts'
import { AppError, systemClock } from '../core/index.ts'
import { paintStatus } from './colour.ts'
import { renderDestinations } from './destination-status.ts'
import { formatBytes, formatDuration, formatRate } from './format.ts'
import { createHubClient, DEFAULT_HUB, type HubClient } from './http.ts'
import { toPrintable } from './printable.ts'
import { renderTable } from './table.ts'
import { createScreen } from './up/screen.ts'

interface StatusOptions {
  readonly hub: string
  readonly json?: true
  readonly watch?: true
}

const REFRESH_MS = 1_000

/** `fleetglass status`: every cluster of the fleet, what is wrong with it, and what to do. */
export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('show every cluster of the fleet, and in words what is wrong')
    .option('--hub <url>', 'address of the hub', DEFAULT_HUB)
    .option('--json', 'print the snapshot as JSON')
    .option('--watch', 'refresh every second until Ctrl-C')
    .action(async (options: StatusOptions) => {
      const client = createHubClient(options.hub)
      if (options.watch === true) await watch(client)
      else process.stdout.write(`${await show(client, options.json === true)}\n`)
    })
}

async function show(client: HubClient, asJson: boolean): Promise<string> {
  const snapshot = await client.get('/api/v1/fleet', fleetSnapshotSchema)
  return asJson ? JSON.stringify(snapshot, null, 2) : renderStatus(snapshot, hasColour(process.stdout))
}

/** While the hub is away the screen says so; it comes back by itself. */
async function watch(client: HubClient): Promise<void> {
  const stop = new AbortController()
  process.once('SIGINT', () => {
    stop.abort()
  })
  const screen = createScreen(process.stdout)
  while (!stop.signal.aborted) {
    screen.show(await show(client, false).catch((reason: unknown) => AppError.from(reason).message))
    await systemClock.sleep(REFRESH_MS, stop.signal)
  }
  screen.end()
}

function hasColour(output: NodeJS.WriteStream): boolean {
  return output.isTTY && (process.env['NO_COLOR'] ?? '') === ''
}

/** The table of the fleet, then a sentence for each cluster that is not well, then who was refused. */
export function renderStatus(snapshot: FleetSnapshot, colour: boolean): string {
  const right = { align: 'right' } as const
  const table = renderTable(
    [
      { title: 'Cluster' },
      { title: 'Status' },
      { title: 'Metrics', ...right },
      { title: 'Logs', ...right },
      { title: 'Spans', ...right },
      { title: 'Lag p99', ...right },
      { title: 'Queue', ...right },
      { title: 'Rejected', ...right },
      { title: 'Ledger' },
      { title: 'Cert', ...right },
      { title: 'Edges', ...right },
    ],
    snapshot.clusters.map((cluster) => toRow(cluster, snapshot.nowMs, colour)),
  )
  const reasons = snapshot.clusters.flatMap(({ cluster, reason }) =>
    reason === undefined ? [] : [`${cluster}: ${toPrintable(reason)}`],
  )
  const destinations = renderDestinations(snapshot.destinations, snapshot.nowMs)
  return [table, ...reasons, ...renderRefusals(snapshot), ...destinations].join('\n')
}

function toRow(c: ClusterSnapshot, nowMs: number, colour: boolean): string[] {
  const isKnown = c.heardAtMs !== undefined && c.status !== 'silent'
  const rates = [c.rates.metrics, c.rates.logs, c.rates.traces]
  return [
    c.cluster,
    paintStatus(c.status, colour),
    ...rates.map((rate) => (isKnown ? formatRate(rate) : 'no data')),
    c.lag === undefined ? 'unknown' : formatDuration(c.lag.p99Ms),
    c.queue === undefined ? 'unknown' : formatBytes(c.queue.bytes),
    c.rejected.perSecond > 0 ? formatRate(c.rejected.perSecond) : '0',
    ledgerWord(c),
    certificateText(c.certificate?.notAfterMs, nowMs),
    `${String(c.edges.filter(({ connected }) => connected).length)}/${String(c.edges.length)}`,
  ]
}

function ledgerWord({ ledger }: ClusterSnapshot): string {
  if (ledger.accepted === 0) return 'nothing yet'
  return ledger.balanced ? 'balanced' : 'not balanced'
}

function certificateText(notAfterMs: number | undefined, nowMs: number): string {
  if (notAfterMs === undefined) return 'unknown'
  return notAfterMs > nowMs ? formatDuration(notAfterMs - nowMs) : 'ended'
}

function renderRefusals({ refusals }: FleetSnapshot): string[] {
  const counts = Object.entries(refusals.total).map(([reason, count]) => `${String(count)} ${toPrintable(reason)}`)
  return counts.length === 0 ? [] : [`refused since the hub started: ${counts.join(', ')}`]
}
