import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freePorts } from '../machine/free-ports.ts'
import { cpuSeconds, residentBytes } from '../machine/process-usage.ts'
import { HubUnderTest, sleep } from './hub-under-test.ts'

/** A server that takes remote write 1.0 and answers PromQL. */
export interface MetricServer {
  /** Of remote write. */
  readonly url: string
  /** Before `/api/v1/query`. */
  readonly queryUrl: string
  /** Of remote write; everybody may query. */
  readonly headers: Readonly<Record<string, string>>
  readonly cpuSeconds: () => number
  readonly residentBytes: () => number
  /** Resolves when what was accepted is stored. */
  readonly settle: (accepted: number) => Promise<void>
  /** Resolves when the work on what was stored is over, as far as the server tells. */
  readonly calm: () => Promise<void>
  readonly stop: () => Promise<void>
}

const START_MS = 20_000
/** Merges and compactions of what was just written are not to be measured. */
const CALM_MS = 10_000
const TOKEN = 'bench-token-of-a-writer'

export async function startHub(): Promise<MetricServer> {
  process.env['BENCH_WRITER_TOKEN'] = TOKEN
  const hub = await HubUnderTest.start('', `writers: { bench: { token: { env: BENCH_WRITER_TOKEN }, cluster: dev } }`)
  return {
    url: `http://127.0.0.1:${hub.ports.web}/prometheus/api/v1/write`,
    queryUrl: `http://127.0.0.1:${hub.ports.web}/prometheus`,
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
    calm: () => hub.packed(),
    stop: () => hub.stop(),
  }
}

export async function startPrometheus(): Promise<MetricServer | undefined> {
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

/** With room for queries as wide as those of the others. */
export async function startVictoriaMetrics(): Promise<MetricServer | undefined> {
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
): Promise<MetricServer | undefined> {
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
    queryUrl: `http://127.0.0.1:${port}`,
    headers: {},
    cpuSeconds: () => cpuSeconds(pid),
    residentBytes: () => residentBytes(pid),
    settle: () => sleep(2_000),
    calm: () => sleep(CALM_MS),
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
