import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { childrenOf, cpuSeconds, residentBytes } from '../machine/process-usage.ts'
import { freePorts } from '../machine/free-ports.ts'
import type { Load, LoadResult } from './generator.ts'

export const PROGRAM = path.resolve('dist/bin/fleetglass.js')
const GENERATOR = path.resolve('dist/bench/bench/load/generator.js')
const START_MS = 60_000
const MAX_PACKING_MS = 300_000
const QUIET_MS = 10_000
/** The one cluster of its fleet. */
export const CLUSTER = 'dev'

/** A hub with the embedded engine as the command line starts it, in a directory and on ports of its own. */
export class HubUnderTest {
  readonly dir: string
  readonly ports: { readonly grpc: number; readonly http: number; readonly web: number }
  readonly #process: ChildProcess

  private constructor(dir: string, ports: HubUnderTest['ports'], child: ChildProcess) {
    this.dir = dir
    this.ports = ports
    this.#process = child
  }

  /**
   * `cluster` is more YAML for the one cluster, in flow style without the braces; `more` is more lines for the file,
   * `clusters` more lines under `clusters`.
   */
  static async start(cluster = '', more = '', clusters = ''): Promise<HubUnderTest> {
    const [grpc = 0, http = 0, web = 0] = await freePorts(3)
    const dir = mkdtempSync(path.join(tmpdir(), 'fleetglass-bench-'))
    const fleet = path.join(dir, 'fleet.yaml')
    writeFileSync(fleet, `${renderFleet({ grpc, http, web }, cluster, clusters)}${more}\n`)
    await runCommand(['cert', '--fleet', fleet, '--dir', path.join(dir, 'pki')])
    const child = spawn(
      process.execPath,
      [PROGRAM, 'hub', '--fleet', fleet, '--state', path.join(dir, 'hub'), '--tls', path.join(dir, 'pki')],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4_000)
    })
    const hub = new HubUnderTest(dir, { grpc, http, web }, child)
    const deadline = performance.now() + START_MS
    while (!(await hub.#isReady())) {
      if (child.exitCode !== null || performance.now() > deadline) throw new Error(`the hub is not ready:\n${said}`)
      await sleep(100)
    }
    return hub
  }

  /** The hub's process and the engine's. */
  get pids(): { readonly hub: number; readonly engine: number } {
    const hub = this.#process.pid ?? 0
    const [engine] = childrenOf(hub)
    if (engine === undefined) throw new Error('the hub has no engine process')
    return { hub, engine }
  }

  cpuSeconds(): { readonly hub: number; readonly engine: number } {
    const { hub, engine } = this.pids
    return { hub: cpuSeconds(hub), engine: cpuSeconds(engine) }
  }

  residentBytes(): number {
    const { hub, engine } = this.pids
    return residentBytes(hub) + residentBytes(engine)
  }

  /** Runs a generator as a process of its own, over mutual TLS. */
  async load(load: Omit<Load, 'target' | 'tls'>): Promise<LoadResult> {
    const file = (name: string): string => path.join(this.dir, 'pki', name)
    return runGenerator({
      ...load,
      target: `localhost:${this.ports.grpc}`,
      tls: { ca: file('ca.crt'), cert: file(`${CLUSTER}.crt`), key: file(`${CLUSTER}.key`) },
    })
  }

  /** Asks the engine itself, past the hub's APIs. */
  async sql<Row>(statement: string): Promise<readonly Row[]> {
    const args = readFileSync(`/proc/${this.pids.engine}/cmdline`, 'utf8').split('\0')
    const socketPath = args[args.indexOf('--socket') + 1]
    const body = await post({ socketPath, path: '/?database=fleetglass' }, `${statement} FORMAT JSONEachRow`)
    return body
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Row)
  }

  async getJson<T>(pathAndQuery: string): Promise<T> {
    const response = await fetch(`http://127.0.0.1:${this.ports.web}${pathAndQuery}`)
    if (!response.ok) throw new Error(`${pathAndQuery}: ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }

  /** Resolves when all slots of samples that are over are packed: none was waiting for some seconds. */
  async packed(): Promise<void> {
    const deadline = performance.now() + MAX_PACKING_MS
    for (let quietSince = performance.now(); performance.now() - quietSince < QUIET_MS; ) {
      await sleep(1_000)
      const metrics = await (await fetch(`http://127.0.0.1:${this.ports.web}/metrics`)).text()
      const [fresh, late] = ['new', 'late'].map((reason) =>
        Number(new RegExp(`^fleetglass_packing_waiting_slots\\{reason="${reason}"\\} (.*)$`, 'm').exec(metrics)?.[1]),
      )
      const some = /^fleetglass_packing_rows_total [1-9]/m.test(metrics)
      if (fresh !== 0 || late !== 0 || !some) quietSince = performance.now()
      if (performance.now() > deadline) throw new Error('the hub does not get its samples packed')
    }
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.kill('SIGINT')) await once(this.#process, 'exit')
    rmSync(this.dir, { recursive: true, force: true })
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`http://127.0.0.1:${this.ports.web}/readyz`)).ok
    } catch {
      return false
    }
  }
}

export async function runGenerator(load: Load): Promise<LoadResult> {
  const child = spawn(process.execPath, [GENERATOR, JSON.stringify(load)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`the generator ended with ${code}`)
  return JSON.parse(output) as LoadResult
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function renderFleet({ grpc, http, web }: HubUnderTest['ports'], cluster: string, clusters: string): string {
  return `fleet: bench
hub:
  cluster: ops
  listen: { otlpGrpc: ${grpc}, otlpHttp: ${http}, http: ${web} }
clusters:
  ${CLUSTER}: { environment: dev, region: local${cluster === '' ? '' : `, ${cluster}`} }
${clusters}teams:
  bench: { tenants: ["*"], role: admin }
access: { anonymous: bench }
`
}

/** Runs a command of the program to its end and returns what it prints. */
export async function runCommand(args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`fleetglass ${args.join(' ')} ended with ${code}`)
  return output
}

function post(to: { readonly socketPath: string | undefined; readonly path: string }, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ ...to, method: 'POST' }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
      response.on('end', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(text))))
    })
    asked.on('error', reject)
    asked.end(body)
  })
}
