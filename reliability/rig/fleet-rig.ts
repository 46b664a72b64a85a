import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { stringify } from 'yaml'
import { eventually } from '../../e2e/testing/local-fleet.ts'
import { freePorts } from '../../e2e/testing/free-ports.ts'
import { postToEdge, postToHub, Producer } from '../../e2e/testing/producer.ts'
import { reconcile } from '../../e2e/testing/reconcile.ts'
import type { Result } from '../experiment.ts'
import { Program, type ProgramOptions } from './program.ts'

export const CLUSTER = 'dev-a'
const FLEETGLASS = path.resolve('dist/bin/fleetglass.js')
const LOOPBACK = '127.0.0.1'
/** The most that a measurement of latencies may take. */
const LATENCY_MS = 60_000

export interface FleetRigOptions {
  /** Where the hub keeps its state; by default a directory of the rig. */
  readonly hubState?: (dir: string) => string
  /** Where the hub listens and is reached; by default loopback. */
  readonly hubHost?: string
  /** Further keys of `hub` in the fleet file. */
  readonly hub?: object
  readonly hubProgram?: Pick<ProgramOptions, 'prefix' | 'env' | 'onSpawn'>
  /** One edge for each; the port to which it sends in place of the hub's, if given. */
  readonly edges: readonly { readonly through?: number }[]
}

interface EdgePlace {
  readonly program: Program
  readonly otlpHttp: number
}

/** A hub with edges, each a process of its own without a supervisor, so that an experiment decides over its life. */
export class FleetRig {
  readonly dir = mkdtempSync(path.join(tmpdir(), 'fleetglass-reliability-'))
  readonly startNs = BigInt(Date.now() - 60_000) * 1_000_000n
  readonly hubHost: string
  readonly hubState: string
  /** Of the hub, for OTLP. */
  readonly grpcPort: number
  readonly otlpHttpPort: number
  readonly hub: Program
  readonly edges: readonly EdgePlace[]
  readonly producers: Producer[] = []
  readonly #http: number

  private constructor(options: FleetRigOptions, ports: readonly number[]) {
    const [grpc = 0, otlpHttp = 0, http = 0, ...rest] = ports
    this.hubHost = options.hubHost ?? LOOPBACK
    this.grpcPort = grpc
    this.#http = http
    this.otlpHttpPort = otlpHttp
    this.hubState = options.hubState?.(this.dir) ?? path.join(this.dir, 'hub')
    const fleetFile = path.join(this.dir, 'fleet.yaml')
    const edges = options.edges.map((_, i) => rest.slice(3 * i, 3 * i + 3))
    const clusters = edges.map(([otlpGrpc, otlpHttpOfEdge, httpOfEdge], i): [string, object] => [
      clusterName(i),
      {
        environment: 'dev',
        region: 'local',
        collect: { otlp: true, host: false },
        edge: { listen: { otlpGrpc, otlpHttp: otlpHttpOfEdge, http: httpOfEdge } },
      },
    ])
    const at = (port: number): string => `${this.hubHost}:${port}`
    writeFileSync(
      fleetFile,
      stringify({
        fleet: 'reliability',
        hub: {
          cluster: 'ops',
          listen: { otlpGrpc: at(grpc), otlpHttp: at(otlpHttp), http: at(http) },
          names: ['localhost', LOOPBACK, ...(this.hubHost === LOOPBACK ? [] : [this.hubHost])],
          ...options.hub,
        },
        clusters: { [CLUSTER]: { environment: 'dev', region: 'local' }, ...Object.fromEntries(clusters) },
        teams: { rig: { tenants: ['*'], role: 'admin' } },
        access: { anonymous: 'rig' },
      }),
    )
    run('cert', '--fleet', fleetFile, '--dir', this.pki)
    this.hub = new Program({
      args: ['hub', '--fleet', fleetFile, '--state', this.hubState, '--tls', this.pki],
      readyUrl: `${this.url}/readyz`,
      ...options.hubProgram,
    })
    this.edges = edges.map(([, otlpHttpOfEdge = 0, httpOfEdge = 0], i) => {
      const state = path.join(this.dir, clusterName(i))
      mkdirSync(state)
      const through = options.edges[i]?.through
      const hub = through === undefined ? at(grpc) : `${LOOPBACK}:${through}`
      const config = path.join(this.dir, `${clusterName(i)}.yaml`)
      const places = ['--tls', this.pki, '--state', state]
      writeFileSync(config, run('render', 'edge', clusterName(i), '--fleet', fleetFile, '--hub', hub, ...places))
      const readyUrl = `http://${LOOPBACK}:${httpOfEdge}/readyz`
      return { program: new Program({ args: ['edge', '--config', config], readyUrl }), otlpHttp: otlpHttpOfEdge }
    })
  }

  /** Writes all files; nothing is started yet. */
  static async prepare(options: FleetRigOptions): Promise<FleetRig> {
    return new FleetRig(options, await freePorts(3 + 3 * options.edges.length))
  }

  /** Prepares and starts all of it. */
  static async start(options: FleetRigOptions): Promise<FleetRig> {
    const rig = await FleetRig.prepare(options)
    await rig.startAll()
    return rig
  }

  async startAll(): Promise<void> {
    try {
      await Promise.all([this.hub.start(), ...this.edges.map(({ program }) => program.start())])
    } catch (reason) {
      await this.dispose()
      throw reason
    }
  }

  get pki(): string {
    return path.join(this.dir, 'pki')
  }

  get url(): string {
    return `http://${this.hubHost}:${this.#http}`
  }

  async getJson<T>(pathAndQuery: string): Promise<T> {
    const response = await fetch(`${this.url}${pathAndQuery}`, { signal: AbortSignal.timeout(30_000) })
    if (!response.ok) throw new Error(`${pathAndQuery}: ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }

  /** Begins to send: one producer to each edge, and as many as asked for to the hub itself. */
  produce({ direct = 1, pauseMs = 20 }: { readonly direct?: number; readonly pauseMs?: number } = {}): void {
    const host = this.hubHost === LOOPBACK ? 'localhost' : this.hubHost
    for (const [i, { otlpHttp }] of this.edges.entries()) {
      this.producers.push(new Producer(clusterName(i), postToEdge(otlpHttp), pauseMs))
    }
    for (let i = 0; i < direct; i++) {
      const post = postToHub(this.otlpHttpPort, this.pki, CLUSTER, host)
      this.producers.push(new Producer(`direct-${i}`, post, pauseMs))
    }
    for (const producer of this.producers) producer.start()
  }

  /** How long requests to the hub take, one after the other, in milliseconds. What they send counts as sent. */
  async measureLatency(requests: number): Promise<readonly number[]> {
    const post = postToHub(this.otlpHttpPort, this.pki, CLUSTER)
    const latenciesMs: number[] = []
    const timed = async (body: string): Promise<number> => {
      const startedAt = performance.now()
      const status = await post(body)
      latenciesMs.push(performance.now() - startedAt)
      return status
    }
    const producer = new Producer('latency', timed, 10)
    this.producers.push(producer)
    producer.start()
    await eventually(
      () => Promise.resolve(latenciesMs.length),
      (count) => count >= requests,
      LATENCY_MS,
    ).catch(() => undefined)
    await producer.stop()
    return latenciesMs
  }

  /** Stops the producers and compares what they were told with what the hub gives back. */
  async reconcile(timeoutMs = 120_000): Promise<Omit<Result, 'details'>> {
    await Promise.all(this.producers.map((producer) => producer.stop()))
    const { lost, doubled, ...counts } = await reconcile(this, this.producers, this.startNs, timeoutMs)
    const silent = this.producers.filter(({ acknowledged }) => acknowledged.size === 0).length
    const failures = silent === 0 ? [] : [`${silent} of ${this.producers.length} producers were never acknowledged`]
    const named = [...lost.slice(0, 5).map((id) => `lost: ${id}`), ...doubled.slice(0, 5).map((id) => `doubled: ${id}`)]
    return { ...counts, lost: lost.length, doubled: doubled.length, failures: [...failures, ...named] }
  }

  async stopPrograms(): Promise<void> {
    await Promise.all(this.producers.map((producer) => producer.stop()))
    await Promise.all([this.hub.stop(), ...this.edges.map(({ program }) => program.stop())])
  }

  async dispose(): Promise<void> {
    await this.stopPrograms()
    rmSync(this.dir, { recursive: true, force: true })
  }
}

function clusterName(edge: number): string {
  return `edge-${edge}`
}

function run(...args: readonly string[]): string {
  return execFileSync(process.execPath, [FLEETGLASS, ...args], { encoding: 'utf8' })
}
