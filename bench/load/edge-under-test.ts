import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { freePorts } from '../machine/free-ports.ts'
import { cpuSeconds, residentBytes } from '../machine/process-usage.ts'
import { CLUSTER, HubUnderTest, PROGRAM, runCommand, sleep } from './hub-under-test.ts'

const START_MS = 30_000

/** An edge as the command line starts it, and the hub that it sends to. */
export class EdgeUnderTest {
  readonly hub: HubUnderTest
  /** Where the edge looks for log files. */
  readonly filesDir: string
  /** Where it takes OTLP over gRPC, in plain text. */
  readonly target: string
  readonly #process: ChildProcess

  private constructor(parts: Pick<EdgeUnderTest, 'hub' | 'filesDir' | 'target'>, child: ChildProcess) {
    this.hub = parts.hub
    this.filesDir = parts.filesDir
    this.target = parts.target
    this.#process = child
  }

  /** `collect` and more of the cluster's keys, as flow YAML without braces. */
  static async start(cluster = 'collect: { otlp: true, host: false }'): Promise<EdgeUnderTest> {
    const [grpc = 0, http = 0, web = 0] = await freePorts(3)
    const listen = `edge: { listen: { otlpGrpc: ${grpc}, otlpHttp: ${http}, http: ${web} } }`
    const hub = await HubUnderTest.start(`${listen}, ${cluster}`)
    const stateDir = path.join(hub.dir, 'edge')
    mkdirSync(stateDir)
    const file = path.join(hub.dir, 'edge.yaml')
    const args = ['--fleet', path.join(hub.dir, 'fleet.yaml'), '--hub', `localhost:${hub.ports.grpc}`]
    const directories = ['--tls', path.join(hub.dir, 'pki'), '--state', stateDir]
    writeFileSync(file, await runCommand(['render', 'edge', CLUSTER, ...args, ...directories]))
    const child = spawn(process.execPath, [PROGRAM, 'edge', '--config', file], {
      stdio: ['ignore', 'ignore', 'ignore'],
    })
    const edge = new EdgeUnderTest({ hub, filesDir: stateDir, target: `127.0.0.1:${grpc}` }, child)
    const deadline = performance.now() + START_MS
    while (!(await isReady(web))) {
      if (child.exitCode !== null || performance.now() > deadline) throw new Error('the edge is not ready')
      await sleep(50)
    }
    return edge
  }

  get cpuSeconds(): number {
    return cpuSeconds(this.#process.pid ?? 0)
  }

  get residentBytes(): number {
    return residentBytes(this.#process.pid ?? 0)
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.kill('SIGINT')) await once(this.#process, 'exit')
    await this.hub.stop()
  }
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok
  } catch {
    return false
  }
}
