import { createHash } from 'node:crypto'
import { createWriteStream, type WriteStream } from 'node:fs'
import path from 'node:path'
import { AppError, systemClock } from '../../core/index.ts'
import type { Fleet } from '../../fleet/index.ts'
import { Child } from './child.ts'
import { CriLogFile } from './cri-log-file.ts'
import type { DemoService } from './demo-file.ts'
import type { LocalPaths } from './prepare.ts'
import { writeUpState } from './state-file.ts'

const READY_MS = 60_000

export interface LocalFleetOptions {
  readonly fleet: Fleet
  readonly paths: LocalPaths
  readonly demo: readonly DemoService[]
  /** The program to start hub and edges with. */
  readonly program: string
  readonly say: (line: string) => void
}

/** The processes of a fleet on one machine: the hub, an edge a cluster, the demo services. */
export class LocalFleet {
  readonly #options: LocalFleetOptions
  readonly #children: Child[] = []
  readonly #outputs: { close(): void }[] = []
  #stopping = false

  constructor(options: LocalFleetOptions) {
    this.#options = options
  }

  /** Resolves when hub and edges are ready and the demo services have been started. */
  async start(signal: AbortSignal): Promise<void> {
    const { fleet, demo, say } = this.#options
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(READY_MS)])
    const hub = this.#startHub()
    await hub.waitReady(deadline)
    say('hub is up')
    const edges = fleet.identities.map(({ cluster }) => this.#startEdge(cluster))
    await Promise.all(edges.map((edge) => edge.waitReady(deadline)))
    say(`edges are up: ${fleet.identities.map(({ cluster }) => cluster).join(', ')}`)
    for (const service of demo) this.#startDemo(service)
    if (demo.length > 0) say(`${demo.length} demo services started`)
    if (signal.aborted) throw new AppError('cancelled', 'stopped while starting')
  }

  /** Senders first, so that the hub takes in what they flush. */
  async stop(): Promise<void> {
    this.#stopping = true
    const [hub, ...others] = this.#children
    await Promise.all(others.map((child) => child.stop()))
    await hub?.stop()
    for (const output of this.#outputs) output.close()
  }

  #startHub(): Child {
    const { paths } = this.#options
    const args = ['hub', '--fleet', paths.fleetFile, '--state', paths.hub, '--tls', paths.pki]
    return this.#startProgram('hub', args)
  }

  #startEdge(cluster: string): Child {
    const file = path.join(this.#options.paths.edge(cluster), 'edge.yaml')
    return this.#startProgram(`edge ${cluster}`, ['edge', '--config', file])
  }

  #startProgram(name: string, args: readonly string[]): Child {
    const output = this.#openLog(name)
    return this.#startChild(name, [this.#options.program, ...args], {}, (_, chunk) => void output.write(chunk))
  }

  /** A demo service runs as a pod would: its output goes to a log file in the kubelet's layout. */
  #startDemo(service: DemoService): void {
    const { fleet, paths } = this.#options
    const { name, cluster, namespace, port } = service
    const uid = uidOf(`${fleet.name}/${cluster}/${namespace}/${name}`)
    const pod = `${name}-${uid.slice(0, 5)}`
    const dir = path.join(paths.state, 'logs', cluster, 'pods', `${namespace}_${pod}_${uid}`, name)
    const file = new CriLogFile({ dir, maxBytes: 4 * 1024 * 1024, keep: 2 })
    this.#outputs.push(file)
    const edge = fleet.edge(cluster)?.listen
    if (edge === undefined) throw new AppError('invalid', `demo service ${name}: the fleet has no cluster ${cluster}`)
    const attributes = {
      'service.namespace': namespace,
      'service.instance.id': uid,
      'k8s.namespace.name': namespace,
      'k8s.pod.name': pod,
      'k8s.pod.uid': uid,
      'k8s.container.name': name,
      'k8s.deployment.name': name,
    }
    const env = {
      PORT: String(port),
      OTEL_RESOURCE_ATTRIBUTES: Object.entries(attributes)
        .map((pair) => pair.join('='))
        .join(','),
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${edge.otlpGrpc.host}:${edge.otlpGrpc.port}`,
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `http://${edge.otlpHttp.host}:${edge.otlpHttp.port}/v1/logs`,
      ...service.env,
    }
    this.#startChild(`${name} ${cluster}`, [service.program], env, (stream, chunk) => file.write(stream, chunk))
  }

  #startChild(
    name: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    onOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void,
  ): Child {
    const child = new Child({
      name,
      args,
      env,
      cwd: this.#options.paths.state,
      clock: systemClock,
      onOutput,
      onDeath: (how) => {
        if (!this.#stopping) this.#options.say(`${name}: ${how}; starting it again`)
      },
      onProcess: () => this.#writeState(),
    })
    this.#children.push(child)
    child.start()
    return child
  }

  #openLog(name: string): WriteStream {
    const file = path.join(this.#options.paths.programs, `${name.replace(' ', '-')}.log`)
    const output = createWriteStream(file, { flags: 'a' })
    this.#outputs.push(output)
    return output
  }

  #writeState(): void {
    const { fleet, paths } = this.#options
    const { listen } = fleet.hub
    const pids = this.#children.flatMap((child) => [
      ...(child.pid === undefined ? [] : [[child.name, child.pid] as const]),
      ...child.processes,
    ])
    writeUpState(paths.state, {
      pids: Object.fromEntries(pids),
      fleetFile: paths.fleetFile,
      pkiDir: paths.pki,
      trustDomain: fleet.trustDomain,
      hub: listen,
      edges: Object.fromEntries(
        fleet.identities.flatMap(({ cluster }) => {
          const edge = fleet.edge(cluster)?.listen
          return edge === undefined ? [] : [[cluster, { http: edge.http, otlpHttp: edge.otlpHttp }]]
        }),
      ),
    })
  }
}

/** A pod's uid that is the same at every start, so that its log files are found again. */
function uidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}
