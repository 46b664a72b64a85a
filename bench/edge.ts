import type { Signal } from '../src/model/index.ts'
import { CriWriter } from './load/cri-writer.ts'
import { EdgeUnderTest } from './load/edge-under-test.ts'
import { runGenerator, sleep } from './load/hub-under-test.ts'

export const name = 'edge'

interface Row {
  readonly what: string
  readonly value: number
  readonly unit: string
}

const WARM_UP_SECONDS = 3
const SETTLE_MS = 60_000
const LINES_PER_SECOND = 10_000
const SPANS_PER_SECOND = 10_000
const POINTS_PER_SECOND = 50_000
const FILES = 50

const SCRUB = 'scrub: [email, us-ssn, credit-card, phone]'

/**
 * What one edge costs while it collects, writes its log with fdatasync and sends to a hub over mutual TLS, with gzip:
 * processor and memory of the edge's process alone. A part ends when the hub has stored everything.
 */
export async function run(
  options: { readonly seconds?: number; readonly only?: string } = {},
): Promise<readonly Row[]> {
  const { seconds = 20, only = '' } = options
  const parts: readonly (readonly [string, () => Promise<readonly Row[]>])[] = [
    ['spans by OTLP', () => forward('spans by OTLP', 'traces', SPANS_PER_SECOND, seconds)],
    ['points by OTLP', () => forward('points by OTLP', 'metrics', POINTS_PER_SECOND, seconds)],
    ['CRI lines', () => tail('CRI lines', '', seconds)],
    ['CRI lines, scrubbed', () => tail('CRI lines, scrubbed', `, ${SCRUB}`, seconds)],
  ]
  const rows: Row[] = []
  for (const [what, measure] of parts) if (what.includes(only)) rows.push(...(await measure()))
  return rows
}

async function forward(what: string, signal: Signal, itemsPerSecond: number, seconds: number): Promise<readonly Row[]> {
  const edge = await EdgeUnderTest.start()
  try {
    const send = async (forSeconds: number): Promise<number> => {
      const streams = [{ signal, itemsPerSecond, templates: 20, inFlight: 8 }]
      const result = await runGenerator({ target: edge.target, seconds: forSeconds, streams })
      return result.streams.reduce((sum, { acknowledged }) => sum + acknowledged, 0)
    }
    return await observe(edge, { what, signal, seconds, load: send })
  } finally {
    await edge.stop()
  }
}

async function tail(what: string, more: string, seconds: number): Promise<readonly Row[]> {
  const files = '{ include: pods/*/*/*.log, format: cri }'
  const edge = await EdgeUnderTest.start(`collect: { otlp: false, host: false, files: [${files}] }${more}`)
  try {
    const writer = new CriWriter(edge.filesDir, FILES)
    const write = async (forSeconds: number): Promise<number> => {
      await writer.write(LINES_PER_SECOND, forSeconds)
      return forSeconds * LINES_PER_SECOND
    }
    return await observe(edge, { what, signal: 'logs', seconds, load: write })
  } finally {
    await edge.stop()
  }
}

interface Part {
  readonly what: string
  readonly signal: Signal
  readonly seconds: number
  /** Resolves to how many items it has given to the edge. */
  readonly load: (seconds: number) => Promise<number>
}

async function observe(edge: EdgeUnderTest, { what, signal, seconds, load }: Part): Promise<readonly Row[]> {
  const warmUp = await load(WARM_UP_SECONDS)
  await stored(edge, signal, warmUp)
  let peakBytes = 0
  const watching = setInterval(() => {
    peakBytes = Math.max(peakBytes, edge.residentBytes)
  }, 250)
  const cpuBefore = edge.cpuSeconds
  const startedAt = performance.now()
  const items = await load(seconds)
  const endedAt = performance.now()
  const inHub = (await stored(edge, signal, warmUp + items)) - warmUp
  clearInterval(watching)
  const elapsed = (endedAt - startedAt) / 1_000
  return [
    { what: `${what}: given to the edge`, value: items / elapsed, unit: 'items/s' },
    { what: `${what}: not in the hub's store`, value: items - inHub, unit: 'items' },
    { what: `${what}: behind at the end`, value: (performance.now() - endedAt) / 1_000, unit: 's' },
    { what: `${what}: processor`, value: (100 * (edge.cpuSeconds - cpuBefore)) / elapsed, unit: '% of a core' },
    { what: `${what}: peak resident`, value: peakBytes / 2 ** 20, unit: 'MiB' },
  ]
}

/** Waits until the hub has stored so many items, and returns how many it has. */
async function stored(edge: EdgeUnderTest, signal: Signal, wanted: number): Promise<number> {
  const deadline = performance.now() + SETTLE_MS
  for (;;) {
    const [row] = await edge.hub.sql<{ n: string }>(
      `SELECT toString(sum(items)) AS n FROM source_ledger WHERE signal = '${signal}' AND cluster = 'dev'`,
    )
    const items = Number(row?.n ?? 0)
    if (items >= wanted || performance.now() > deadline) return items
    await sleep(200)
  }
}
