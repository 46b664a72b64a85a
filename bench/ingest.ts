import type { FleetSnapshot } from '../src/contract/index.ts'
import type { Signal } from '../src/model/index.ts'
import type { LoadStream } from './load/generator.ts'
import { HubUnderTest, sleep } from './load/hub-under-test.ts'

export const name = 'ingest'

interface Row {
  readonly what: string
  readonly value: number
  readonly unit: string
}

const SAMPLE_MS = 500
/** For how long the store may lag behind the last acknowledgement before something is wrong. */
const SETTLE_MS = 120_000
const WARM_UP_SECONDS = 3

const TABLES: Readonly<Record<Signal, string>> = { metrics: 'samples', logs: 'logs', traces: 'spans' }

const unlimited = (signal: Signal, templates: number): LoadStream => ({ signal, templates, inFlight: 24 })
const paced = (signal: Signal, itemsPerSecond: number, templates: number): LoadStream => ({
  signal,
  itemsPerSecond,
  templates,
  inFlight: 32,
})

/**
 * The whole way into a hub: a generator on the same machine → gRPC over mutual TLS → durable log, acknowledged after
 * fdatasync → engine. A scenario ends when everything acknowledged is in the engine, which is counted there.
 * `--seconds` is how long each scenario lasts, `--only` a part of its name.
 */
export async function run(
  options: { readonly seconds?: number; readonly only?: string } = {},
): Promise<readonly Row[]> {
  const { seconds = 30, only = '' } = options
  const scenarios: readonly (readonly [string, readonly LoadStream[]])[] = [
    ['metrics alone', [unlimited('metrics', 100)]],
    ['logs alone', [unlimited('logs', 40)]],
    ['spans alone', [unlimited('traces', 40)]],
    ['target load', [paced('metrics', 50_000, 100), paced('logs', 10_000, 20), paced('traces', 5_000, 20)]],
    ['five times the target', [paced('metrics', 250_000, 100), paced('logs', 50_000, 20), paced('traces', 25_000, 20)]],
  ]
  const rows: Row[] = []
  for (const [what, streams] of scenarios) {
    if (what.includes(only)) rows.push(...(await measure(what, streams, seconds)))
  }
  return rows
}

async function measure(what: string, streams: readonly LoadStream[], seconds: number): Promise<readonly Row[]> {
  const hub = await HubUnderTest.start()
  try {
    const { streams: warm } = await hub.load({ seconds: WARM_UP_SECONDS, streams })
    await settle(hub, streams, {}, warm)
    const before = await counted(hub, streams)
    const cpuBefore = hub.cpuSeconds()
    const startedAt = performance.now()
    const peak = watchMemory(hub)
    const result = await hub.load({ seconds, streams })
    const lag = (await hub.getJson<FleetSnapshot>('/api/v1/fleet')).clusters[0]?.lag
    const acknowledgedAt = performance.now()
    const stored = await settle(hub, streams, before, result.streams)
    const wallSeconds = (performance.now() - startedAt) / 1_000
    const behindSeconds = (performance.now() - acknowledgedAt) / 1_000
    const cpu = hub.cpuSeconds()
    const peakBytes = peak()
    const million = result.streams.reduce((sum, { acknowledged }) => sum + acknowledged, 0) / 1e6
    return [
      ...result.streams.flatMap(({ signal, acknowledged, refused, failed, p50Ms, p99Ms }) => [
        { what: `${what}: ${signal} acknowledged`, value: acknowledged / result.seconds, unit: 'items/s' },
        { what: `${what}: ${signal} stored`, value: (stored[signal] ?? 0) / wallSeconds, unit: 'items/s' },
        { what: `${what}: ${signal} refused or failed`, value: refused + failed, unit: 'items' },
        { what: `${what}: ${signal} lost`, value: acknowledged - (stored[signal] ?? 0), unit: 'items' },
        { what: `${what}: ${signal} acknowledged after, p50`, value: p50Ms, unit: 'ms' },
        { what: `${what}: ${signal} acknowledged after, p99`, value: p99Ms, unit: 'ms' },
      ]),
      { what: `${what}: taken in to stored, p50`, value: lag?.p50Ms ?? Number.NaN, unit: 'ms' },
      { what: `${what}: taken in to stored, p99`, value: lag?.p99Ms ?? Number.NaN, unit: 'ms' },
      { what: `${what}: store behind at the end`, value: behindSeconds, unit: 's' },
      { what: `${what}: hub`, value: (cpu.hub - cpuBefore.hub) / million, unit: 'CPU s/million' },
      { what: `${what}: engine`, value: (cpu.engine - cpuBefore.engine) / million, unit: 'CPU s/million' },
      { what: `${what}: generator`, value: result.cpuSeconds / million, unit: 'CPU s/million' },
      { what: `${what}: hub and engine, peak resident`, value: peakBytes / 1e6, unit: 'MB' },
      ...(await restSizes(hub, what, streams)),
    ]
  } finally {
    await hub.stop()
  }
}

/** Rows in the engine, by signal. Metrics are counted as they came, not as merges leave them. */
async function counted(hub: HubUnderTest, streams: readonly LoadStream[]): Promise<Partial<Record<Signal, number>>> {
  const counts: Partial<Record<Signal, number>> = {}
  for (const { signal } of streams) {
    const [row] = await hub.sql<{ n: string }>(
      `SELECT toString(sum(items)) AS n FROM source_ledger WHERE signal = '${signal}'`,
    )
    counts[signal] = Number(row?.n ?? 0)
  }
  return counts
}

/** Waits until everything acknowledged is in the engine, or no more comes. */
async function settle(
  hub: HubUnderTest,
  streams: readonly LoadStream[],
  before: Partial<Record<Signal, number>>,
  acknowledged: readonly { readonly signal: Signal; readonly acknowledged: number }[],
): Promise<Partial<Record<Signal, number>>> {
  const deadline = performance.now() + SETTLE_MS
  for (;;) {
    const now = await counted(hub, streams)
    const stored = Object.fromEntries(
      streams.map(({ signal }) => [signal, (now[signal] ?? 0) - (before[signal] ?? 0)]),
    ) as Partial<Record<Signal, number>>
    const missing = acknowledged.some((stream) => (stored[stream.signal] ?? 0) < stream.acknowledged)
    if (!missing || performance.now() > deadline) return stored
    await sleep(100)
  }
}

async function restSizes(hub: HubUnderTest, what: string, streams: readonly LoadStream[]): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const { signal } of streams) {
    const [row] = await hub.sql<{ bytes: number }>(
      `SELECT sum(bytes_on_disk) / sum(rows) AS bytes FROM system.parts WHERE active AND database = 'fleetglass' AND table = '${TABLES[signal]}'`,
    )
    rows.push({ what: `${what}: ${TABLES[signal]} on disk`, value: row?.bytes ?? Number.NaN, unit: 'bytes/row' })
  }
  return rows
}

function watchMemory(hub: HubUnderTest): () => number {
  let peak = 0
  const timer = setInterval(() => {
    peak = Math.max(peak, hub.residentBytes())
  }, SAMPLE_MS)
  return () => {
    clearInterval(timer)
    return peak
  }
}
