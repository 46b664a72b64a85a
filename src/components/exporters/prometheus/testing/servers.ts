import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { ReadSeries } from '../../../../wire/index.ts'
import { readSeries, snappyUncompress } from '../../../../wire/index.ts'

export interface Server {
  /** Without a slash at the end. */
  readonly url: string
  stop(): Promise<void>
}

export function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined
}

async function freePort(): Promise<number> {
  const server = http.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Debian's Prometheus with its receiver for remote write 1.0; `dir` outlives it if given. */
export async function startPrometheus(dir?: string, port?: number): Promise<Server & { readonly port: number }> {
  const own = dir ?? (await mkdtemp(path.join(tmpdir(), 'fg-prometheus-')))
  const at = port ?? (await freePort())
  const config = path.join(own, 'prometheus.yml')
  await writeFile(config, 'global: {}\n')
  const child = spawn('prometheus', [
    `--config.file=${config}`,
    `--storage.tsdb.path=${path.join(own, 'data')}`,
    `--web.listen-address=127.0.0.1:${String(at)}`,
    '--web.enable-remote-write-receiver',
    '--enable-feature=native-histograms,exemplar-storage',
    '--log.level=error',
  ])
  return { ...(await started(child, at, '/-/ready', dir === undefined ? own : undefined)), port: at }
}

export async function startVictoriaMetrics(): Promise<Server> {
  const dir = await mkdtemp(path.join(tmpdir(), 'fg-victoria-'))
  const port = await freePort()
  const child = spawn('victoria-metrics', [
    `-storageDataPath=${dir}`,
    `-httpListenAddr=127.0.0.1:${String(port)}`,
    '-search.latencyOffset=0s',
    '-loggerLevel=ERROR',
  ])
  return await started(child, port, '/health', dir)
}

async function started(child: ChildProcess, port: number, ready: string, dir: string | undefined): Promise<Server> {
  const url = `http://127.0.0.1:${String(port)}`
  for (let i = 0; i < 200; i++) {
    const isReady = await fetch(`${url}${ready}`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isReady) break
    if (child.exitCode !== null) throw new Error(`the server ended with ${String(child.exitCode)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    url,
    stop: async () => {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      if (dir !== undefined) await rm(dir, { recursive: true, force: true })
    },
  }
}

/** What a scripted server got. */
export interface Received {
  readonly version: string
  readonly headers: http.IncomingHttpHeaders
  /** Of remote write 2.0. */
  readonly series: readonly ReadSeries[]
}

export interface ScriptedAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A server that answers as it is told; a 2.0 request is decoded. */
export class ScriptedServer implements Server {
  readonly received: Received[] = []
  answer: (received: Received) => ScriptedAnswer = ({ series }) => ({ status: 204, headers: writtenHeaders(series) })
  readonly #server: http.Server

  constructor() {
    this.#server = http.createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const isVersion2 = request.headers['content-type']?.includes('io.prometheus.write.v2') === true
        const bytes = snappyUncompress(Buffer.concat(chunks), 1 << 26)
        const received = {
          version: isVersion2 ? '2.0' : '1.0',
          headers: request.headers,
          series: isVersion2 ? [...readSeries(bytes)] : [],
        }
        this.received.push(received)
        const { status, headers, body } = this.answer(received)
        response.writeHead(status, headers).end(body)
      })
    })
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`
  }

  async start(port = 0): Promise<this> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    return this
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

function writtenHeaders(series: readonly ReadSeries[]): Record<string, string> {
  const count = (of: (one: ReadSeries) => number): string => String(series.reduce((sum, one) => sum + of(one), 0))
  return {
    'X-Prometheus-Remote-Write-Samples-Written': count(({ samples }) => samples.length),
    'X-Prometheus-Remote-Write-Histograms-Written': count(({ histograms }) => histograms.length),
    'X-Prometheus-Remote-Write-Exemplars-Written': count(({ exemplars }) => exemplars.length),
  }
}
