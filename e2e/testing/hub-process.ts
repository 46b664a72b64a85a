import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { stringify } from 'yaml'
import { freePorts } from './free-ports.ts'

const program = path.resolve(import.meta.dirname, '../../dist/bin/fleetglass.js')

const TOKEN = 'a-token-for-writing'

/** The PEM files of a cluster. */
export interface TlsFilePaths {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** A hub alone, run by the built program: two clusters with certificates, and a writer with a token for `dev-b`. */
export class HubProcess {
  readonly dir = mkdtempSync(path.join(tmpdir(), 'fleetglass-hub-'))
  readonly http: number
  readonly otlpHttp: number
  readonly otlpGrpc: number
  readonly token = TOKEN
  #process: ChildProcess | undefined
  #output = ''

  private constructor([otlpGrpc = 0, otlpHttp = 0, http = 0]: readonly number[]) {
    this.otlpGrpc = otlpGrpc
    this.otlpHttp = otlpHttp
    this.http = http
  }

  /** With other parts of the fleet file, such as destinations, and other settings of the hub itself. */
  static async start(extra: object = {}, settings: object = {}): Promise<HubProcess> {
    const hub = new HubProcess(await freePorts(3))
    const { otlpGrpc, otlpHttp, http } = hub
    const fleet = {
      fleet: 'e2e',
      hub: { cluster: 'ops', listen: { otlpGrpc, otlpHttp, http }, ...settings },
      clusters: {
        'dev-a': { environment: 'dev', region: 'r' },
        'dev-b': { environment: 'dev', region: 'r' },
      },
      writers: { sender: { token: { env: 'E2E_WRITER' }, cluster: 'dev-b' } },
      teams: { local: { tenants: ['*'], role: 'admin' } },
      access: { anonymous: 'local' },
      ...extra,
    }
    writeFileSync(path.join(hub.dir, 'fleet.yaml'), stringify(fleet))
    const options = { cwd: hub.dir, env: { ...process.env, E2E_WRITER: TOKEN } }
    execFileSync(process.execPath, [program, 'cert', '--fleet', 'fleet.yaml', '--dir', 'pki'], options)
    await hub.#run(options)
    return hub
  }

  /** Kills it as the kernel would, and starts it again. */
  async killAndRestart(): Promise<void> {
    const child = this.#process
    const ended = new Promise((resolve) => child?.once('exit', resolve))
    child?.kill('SIGKILL')
    await ended
    this.#output = ''
    await this.#run({ cwd: this.dir, env: { ...process.env, E2E_WRITER: TOKEN } })
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.http)}`
  }

  tlsOf(cluster: string): TlsFilePaths {
    const file = (name: string): string => path.join(this.dir, 'pki', name)
    return { ca: file('ca.crt'), cert: file(`${cluster}.crt`), key: file(`${cluster}.key`) }
  }

  /** The log of the program, for messages of tests that fail. */
  get output(): string {
    return this.#output
  }

  async getJson<T>(pathAndQuery: string): Promise<T> {
    const response = await fetch(`${this.url}${pathAndQuery}`)
    if (!response.ok) throw new Error(`${pathAndQuery}: ${String(response.status)} ${await response.text()}`)
    return (await response.json()) as T
  }

  /** The result of an instant query in PromQL. */
  async query(promql: string): Promise<readonly { readonly metric: Record<string, string>; readonly value: string }[]> {
    const answer = await this.getJson<{
      data: { result: { metric: Record<string, string>; value: [number, string] }[] }
    }>(`/prometheus/api/v1/query?query=${encodeURIComponent(promql)}`)
    return answer.data.result.map(({ metric, value }) => ({ metric, value: value[1] }))
  }

  /** The lines of a query in LogQL over the last hour. */
  async lines(logql: string): Promise<readonly string[]> {
    const nowNs = BigInt(Date.now()) * 1_000_000n
    const params = new URLSearchParams({
      query: logql,
      start: String(nowNs - 3_600_000_000_000n),
      end: String(nowNs + 60_000_000_000n),
      limit: '5000',
    })
    const { data } = await this.getJson<{ data: { result: { values: [string, string][] }[] } }>(
      `/loki/api/v1/query_range?${params.toString()}`,
    )
    return data.result.flatMap(({ values }) => values.map(([, line]) => line))
  }

  async stop(): Promise<void> {
    const child = this.#process
    if (child !== undefined && child.exitCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
    }
    rmSync(this.dir, { recursive: true, force: true })
  }

  async #run(options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }): Promise<void> {
    const args = [program, 'hub', '--fleet', 'fleet.yaml', '--state', 'state', '--tls', 'pki']
    const child = spawn(process.execPath, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process = child
    const isReady = new Promise<void>((resolve, reject) => {
      const hear = (chunk: Buffer): void => {
        this.#output = (this.#output + chunk.toString()).slice(-20_000)
        if (this.#output.includes('hub is ready')) resolve()
      }
      child.stdout.on('data', hear)
      child.stderr.on('data', hear)
      child.once('exit', () => {
        reject(new Error(`the hub ended early:\n${this.#output}`))
      })
    })
    await isReady
  }
}

/** Whether a program is installed. */
export function isInstalled(name: string): boolean {
  return (process.env['PATH'] ?? '').split(path.delimiter).some((dir) => existsSync(path.join(dir, name)))
}
