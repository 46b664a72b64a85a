import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { HubUnderTest, sleep } from './load/hub-under-test.ts'
import type { RemoteWriteLoad, RemoteWriteResult } from './load/remote-write-generator.ts'
import { freePorts } from './machine/free-ports.ts'
import { cpuSeconds, residentBytes } from './machine/process-usage.ts'

export const name = 'remote-write'

interface Row {
  readonly what: string
  readonly value: number
  readonly unit: string
}

/** A server that takes remote write 1.0. */
interface Receiver {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly cpuSeconds: () => number
  readonly residentBytes: () => number
  /** Resolves when what was accepted is stored. */
  readonly settle: (accepted: number) => Promise<void>
  readonly stop: () => Promise<void>
}

const GENERATOR = path.resolve('dist/bench/bench/load/remote-write-generator.js')
const START_MS = 20_000
const SERIES = 10_000
const CONNECTIONS = 4
const TOKEN = 'bench-token-of-a-writer'

/**
 * Remote write 1.0 (snappy, 2,000 series a request, 4 connections) from one generator to a hub and, where they are
 * installed, to Prometheus and VictoriaMetrics, one after the other: how many samples each takes, and for how much of a
 * processor until they are stored. The hub answers when a request is on disk (fdatasync); the others do not wait for it.
 */
export async function run(
  options: { readonly seconds?: number; readonly only?: string } = {},
): Promise<readonly Row[]> {
  const { seconds = 20, only = '' } = options
  // Chosen for the length of a run at 400,000 samples a second.
  const samplesPerSeries = Math.ceil((seconds * 400_000) / SERIES / 4)
  const receivers: readonly (readonly [string, () => Promise<Receiver | undefined>])[] = [
    ['fleetglass', startHub],
    ['prometheus', startPrometheus],
    ['victoria-metrics', startVictoriaMetrics],
  ]
  const rows: Row[] = []
  for (const [what, start] of receivers) {
    const receiver = what.includes(only) ? await start() : undefined
    if (receiver !== undefined) rows.push(...(await measure(what, receiver, samplesPerSeries)))
  }
  return rows
}

async function measure(what: string, receiver: Receiver, samplesPerSeries: number): Promise<readonly Row[]> {
  try {
    const cpuBefore = receiver.cpuSeconds()
    const { url, headers } = receiver
    const result = await generate({ url, headers, series: SERIES, samplesPerSeries, connections: CONNECTIONS })
    await receiver.settle(result.accepted)
    const cpu = receiver.cpuSeconds() - cpuBefore
    return [
      { what: `${what}: accepted`, value: result.accepted / result.seconds, unit: 'samples/s' },
      { what: `${what}: not accepted`, value: result.failed, unit: 'samples' },
      { what: `${what}: until stored`, value: result.accepted / cpu, unit: 'samples/CPU s' },
      { what: `${what}: resident`, value: receiver.residentBytes() / 1e6, unit: 'MB' },
    ]
  } finally {
    await receiver.stop()
  }
}

async function startHub(): Promise<Receiver> {
  process.env['BENCH_WRITER_TOKEN'] = TOKEN
  const hub = await HubUnderTest.start('', `writers: { bench: { token: { env: BENCH_WRITER_TOKEN }, cluster: dev } }`)
  return {
    url: `http://127.0.0.1:${hub.ports.web}/prometheus/api/v1/write`,
    headers: { authorization: `Bearer ${TOKEN}` },
    cpuSeconds: () => hub.cpuSeconds().hub + hub.cpuSeconds().engine,
    residentBytes: () => hub.residentBytes(),
    settle: async (accepted) => {
      for (let stored = 0; stored < accepted; ) {
        await sleep(100)
        const [row] = await hub.sql<{ n: string }>(
          "SELECT toString(sum(items)) AS n FROM source_ledger WHERE source = 'remote-write'",
        )
        stored = Number(row?.n ?? 0)
      }
    },
    stop: () => hub.stop(),
  }
}

async function startPrometheus(): Promise<Receiver | undefined> {
  const [port = 0] = await freePorts(1)
  return startPeer('prometheus', port, '/api/v1/write', (dir) => {
    writeFileSync(path.join(dir, 'prometheus.yml'), '')
    return [
      `--config.file=${path.join(dir, 'prometheus.yml')}`,
      `--storage.tsdb.path=${path.join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-remote-write-receiver',
    ]
  })
}

async function startVictoriaMetrics(): Promise<Receiver | undefined> {
  const [port = 0] = await freePorts(1)
  return startPeer('victoria-metrics', port, '/api/v1/write', (dir) => [
    `-storageDataPath=${path.join(dir, 'data')}`,
    `-httpListenAddr=127.0.0.1:${port}`,
  ])
}

/** A peer of Debian's packages; undefined where it is not installed. */
async function startPeer(
  program: string,
  port: number,
  writePath: string,
  argsFor: (dir: string) => readonly string[],
): Promise<Receiver | undefined> {
  if (spawnSync(program, ['--version'], { stdio: 'ignore' }).error !== undefined) return undefined
  const dir = mkdtempSync(path.join(tmpdir(), `bench-${program}-`))
  const child: ChildProcess = spawn(program, argsFor(dir), { stdio: 'ignore' })
  const pid = child.pid ?? 0
  const deadline = performance.now() + START_MS
  while (!(await answers(`http://127.0.0.1:${port}/metrics`))) {
    if (child.exitCode !== null || performance.now() > deadline) throw new Error(`${program} is not ready`)
    await sleep(100)
  }
  return {
    url: `http://127.0.0.1:${port}${writePath}`,
    headers: {},
    cpuSeconds: () => cpuSeconds(pid),
    residentBytes: () => residentBytes(pid),
    settle: () => sleep(2_000),
    stop: async () => {
      if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit')
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok
  } catch {
    return false
  }
}

async function generate(load: RemoteWriteLoad): Promise<RemoteWriteResult> {
  const child = spawn(process.execPath, [GENERATOR, JSON.stringify(load)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`the generator ended with ${code}`)
  return JSON.parse(output) as RemoteWriteResult
}
