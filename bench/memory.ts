import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freePorts } from './machine/free-ports.ts'
import { cpuSeconds, residentBytes } from './machine/process-usage.ts'

export const name = 'memory'

const IDLE_MS = 60_000
const START_MS = 90_000

/**
 * A hub with the embedded engine and one edge, as the command line starts them, left alone for a minute: no telemetry
 * but the host's metrics and each program's own. Reads /proc, so it runs on Linux.
 */
export async function run(): Promise<readonly { what: string; value: number; unit: string }[]> {
  const dir = mkdtempSync(path.join(tmpdir(), 'bench-memory-'))
  writeFileSync(path.join(dir, 'fleet.yaml'), renderFleet(await freePorts(6)))
  const startedAt = performance.now()
  const up = spawn(
    process.execPath,
    [path.resolve('dist/bin/fleetglass.js'), 'up', '--no-demo', '--fleet', 'fleet.yaml', '--state', 'state'],
    { cwd: dir, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  try {
    await ready(up)
    const startSeconds = (performance.now() - startedAt) / 1_000
    const pids = Object.entries(readPids(path.join(dir, 'state/up.json')))
    const before = pids.map(([, pid]) => cpuSeconds(pid))
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
    return [
      { what: 'start until ready', value: startSeconds, unit: 's' },
      ...pids.flatMap(([program, pid], i) => [
        { what: `${program}, resident`, value: residentBytes(pid) / 1e6, unit: 'MB' },
        {
          what: `${program}, processor`,
          value: (100_000 * (cpuSeconds(pid) - (before[i] ?? 0))) / IDLE_MS,
          unit: '% of a core',
        },
      ]),
    ]
  } finally {
    if (up.exitCode === null && up.kill('SIGINT')) await once(up, 'exit')
    rmSync(dir, { recursive: true, force: true })
  }
}

function renderFleet(ports: readonly number[]): string {
  const [hubGrpc, hubHttp, hubWeb, edgeGrpc, edgeHttp, edgeWeb] = ports
  return `fleet: bench
hub:
  cluster: ops
  listen: { otlpGrpc: ${hubGrpc}, otlpHttp: ${hubHttp}, http: ${hubWeb} }
  engine: { kind: embedded, path: ./data }
clusters:
  dev:
    environment: dev
    region: local
    edge:
      listen: { otlpGrpc: ${edgeGrpc}, otlpHttp: ${edgeHttp}, http: ${edgeWeb} }
    collect:
      scrape:
        - { job: edge, targets: ["127.0.0.1:${edgeWeb}"] }
        - { job: hub, targets: ["127.0.0.1:${hubWeb}"] }
      files:
        - { include: logs/*/*/*.log, format: cri }
`
}

function ready(up: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = ''
    const fail = (): void => reject(new Error(`the fleet is not ready:\n${output}`))
    const timer = setTimeout(fail, START_MS)
    up.once('exit', fail)
    up.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (!output.includes('ready in ')) return
      clearTimeout(timer)
      up.off('exit', fail)
      resolve()
    })
  })
}

/** By name: the hub, its engine, the edge. */
function readPids(file: string): Readonly<Record<string, number>> {
  return (JSON.parse(readFileSync(file, 'utf8')) as { pids: Record<string, number> }).pids
}
