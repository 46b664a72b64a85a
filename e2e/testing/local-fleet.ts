import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parse, stringify } from 'yaml'
import { freePorts } from './free-ports.ts'

const packageDir = path.resolve(import.meta.dirname, '../..')
const program = path.join(packageDir, 'dist/bin/fleetglass.js')

/** How a command ended. */
export interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Listen {
  readonly otlpGrpc: number
  readonly otlpHttp: number
  readonly http: number
}

/**
 * The example's local fleet, moved to free ports and a temporary directory, run by the built program exactly as
 * `npm start` runs it.
 */
export class LocalFleet {
  readonly dir = mkdtempSync(path.join(tmpdir(), 'fleetglass-e2e-'))
  readonly state = path.join(this.dir, 'state')
  output = ''
  readonly hub: Listen
  readonly edges: ReadonlyMap<string, Listen>
  readonly #demo: boolean
  #process: ChildProcess | undefined
  #exit: Promise<number | null> = Promise.resolve(null)

  private constructor(hub: Listen, edges: ReadonlyMap<string, Listen>, demo: boolean) {
    this.hub = hub
    this.edges = edges
    this.#demo = demo
  }

  static async create(options: { readonly demo: boolean }): Promise<LocalFleet> {
    const ports = await freePorts(21)
    const next = (): number => {
      const port = ports[taken++]
      if (port === undefined) throw new RangeError('more ports are needed')
      return port
    }
    let taken = 0
    const moved = new Map<number, number>()
    const move = (port: number): number => {
      const known = moved.get(port) ?? next()
      moved.set(port, known)
      return known
    }

    const file = parse(readFileSync(path.join(packageDir, 'examples/local/fleet.yaml'), 'utf8')) as FleetYaml
    for (const [key, port] of Object.entries(file.hub.listen)) file.hub.listen[key] = move(port)
    const edges = new Map<string, Listen>()
    for (const [name, cluster] of Object.entries(file.clusters)) {
      if (cluster.edge === undefined) continue
      for (const [key, port] of Object.entries(cluster.edge.listen)) cluster.edge.listen[key] = move(port)
      edges.set(name, cluster.edge.listen as unknown as Listen)
    }
    const demo = parse(readFileSync(path.join(packageDir, 'examples/local/demo.yaml'), 'utf8')) as DemoYaml
    for (const service of demo.services) {
      for (const place of Object.values(service.clusters)) {
        place.port = move(place.port)
        for (const [key, value] of Object.entries(place.env ?? {})) {
          if (place.env !== undefined) place.env[key] = movePorts(value, move)
        }
      }
    }
    const fleet = new LocalFleet(file.hub.listen as unknown as Listen, edges, options.demo)
    writeFileSync(path.join(fleet.dir, 'fleet.yaml'), movePorts(stringify(file), move))
    writeFileSync(path.join(fleet.dir, 'demo.yaml'), stringify(demo))
    return fleet
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.hub.http)}`
  }

  /** Starts `fleetglass up` and waits until it says that it is ready. Returns how long that took. */
  async up(...args: readonly string[]): Promise<number> {
    const started = performance.now()
    const demo = this.#demo ? ['--demo', path.join(this.dir, 'demo.yaml')] : ['--no-demo']
    const child = spawn(
      process.execPath,
      [program, 'up', '--fleet', path.join(this.dir, 'fleet.yaml'), '--state', this.state, ...demo, ...args],
      { cwd: this.dir, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    this.#process = child
    this.#exit = new Promise((resolve) => child.once('exit', resolve))
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.output += chunk.toString()
      })
    }
    while (!/\bready\b/.test(this.output)) {
      if (child.exitCode !== null) throw new Error(`fleetglass up ended early:\n${this.output}`)
      if (performance.now() - started > 90_000) throw new Error(`fleetglass up is not ready:\n${this.output}`)
      await sleep(50)
    }
    return performance.now() - started
  }

  /** Sends Ctrl-C and waits for the end. Returns the exit code and how long it took. */
  async stop(): Promise<{ readonly code: number | null; readonly ms: number }> {
    const started = performance.now()
    this.#process?.kill('SIGINT')
    const code = await this.#exit
    this.output = ''
    return { code, ms: performance.now() - started }
  }

  /** Stops what may still run and removes the directory. */
  async dispose(): Promise<void> {
    if (this.#process?.exitCode === null) await this.stop()
    rmSync(this.dir, { recursive: true, force: true })
  }

  /** Runs another command of the program. */
  run(...args: readonly string[]): Promise<Run> {
    return this.runWith({}, ...args)
  }

  runWith(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Run> {
    return new Promise((resolve) => {
      const child = spawn(process.execPath, [program, ...args], {
        cwd: this.dir,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...env },
      })
      let stdout = ''
      let stderr = ''
      child.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk.toString()
      })
      child.stderr.on('data', (chunk: Buffer) => {
        stderr += chunk.toString()
      })
      child.once('exit', (code) => {
        resolve({ code, stdout, stderr })
      })
    })
  }

  async getJson<T>(pathAndQuery: string): Promise<T> {
    const response = await fetch(`${this.url}${pathAndQuery}`)
    if (!response.ok) throw new Error(`${pathAndQuery}: ${String(response.status)} ${await response.text()}`)
    return (await response.json()) as T
  }

  /** The process ids as `up` wrote them last. */
  pids(): Readonly<Record<string, number>> {
    return (JSON.parse(readFileSync(path.join(this.state, 'up.json'), 'utf8')) as { pids: Record<string, number> }).pids
  }
}

/** Calls until the result is there and passes, or throws what it saw last. */
export async function eventually<T>(
  look: () => Promise<T>,
  passes: (value: T) => boolean,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    let seen: unknown
    try {
      const value = await look()
      if (passes(value)) return value
      seen = value
    } catch (reason) {
      seen = reason
    }
    if (performance.now() > deadline) {
      throw new Error(
        `not seen within ${String(timeoutMs)} ms; last: ${seen instanceof Error ? seen.message : JSON.stringify(seen)}`,
      )
    }
    await sleep(200)
  }
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Rewrites `127.0.0.1:PORT` and `localhost:PORT`. */
function movePorts(text: string, move: (port: number) => number): string {
  return text.replace(
    /(127\.0\.0\.1|localhost):(\d+)/g,
    (_, host: string, port: string) => `${host}:${String(move(Number(port)))}`,
  )
}

interface FleetYaml {
  hub: { listen: Record<string, number> }
  clusters: Record<string, { edge?: { listen: Record<string, number> } }>
}

interface DemoYaml {
  services: { clusters: Record<string, { port: number; env?: Record<string, string> }> }[]
}
