import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { AppError } from '../../../../core/index.ts'
import { remoteWrite2ToRequest1, snappyCompress } from '../../../../wire/index.ts'

/** Its answer to a query, as it came. */
interface PrometheusAnswer {
  readonly status: string
  readonly error?: string
  readonly data?: { readonly resultType: string; readonly result: unknown }
  readonly warnings?: readonly string[]
  readonly infos?: readonly string[]
}

export interface PrometheusServer {
  /** The first number of its version. */
  readonly major: number
  /** Takes a request of remote write 2.0. */
  write(request: Uint8Array): Promise<void>
  query(parameters: Readonly<Record<string, string>>): Promise<PrometheusAnswer>
  stop(): Promise<void>
}

const READY_MS = 20_000
const NEW_FEATURES = 'native-histograms,promql-experimental-functions'

/** The version of the program; undefined if there is none. */
export function prometheusVersion(program: string): string | undefined {
  const { error, stdout, stderr } = spawnSync(program, ['--version'], { encoding: 'utf8' })
  if (error !== undefined) return undefined
  return /version (\d+\.[\w.+~-]*)/.exec(`${stdout}${stderr}`)?.[1] ?? '3'
}

/** Runs a Prometheus on a port and in a directory of its own. */
export async function startPrometheusServer(program: string): Promise<PrometheusServer> {
  const major = Number((prometheusVersion(program) ?? '').split('.')[0])
  const dir = await mkdtemp(path.join(tmpdir(), 'fleetglass-prometheus-'))
  await writeFile(path.join(dir, 'prometheus.yml'), 'global: {}\n')
  const port = await freePort()
  const child = spawn(
    program,
    [
      `--config.file=${path.join(dir, 'prometheus.yml')}`,
      `--storage.tsdb.path=${path.join(dir, 'data')}`,
      '--storage.tsdb.retention.time=100y',
      `--web.listen-address=127.0.0.1:${String(port)}`,
      '--web.enable-remote-write-receiver',
      '--log.level=error',
      ...(major < 3 ? [] : [`--enable-feature=${NEW_FEATURES}`]),
    ],
    { stdio: 'ignore' },
  )
  const url = `http://127.0.0.1:${String(port)}`
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    await rm(dir, { recursive: true, force: true })
  }
  try {
    await ready(child, url)
  } catch (reason) {
    await stop()
    throw reason
  }
  return { major, stop, write: (request) => write(url, request), query: (parameters) => query(url, parameters) }
}

async function write(url: string, request: Uint8Array): Promise<void> {
  const answer = await fetch(`${url}/api/v1/write`, {
    method: 'POST',
    headers: { 'content-encoding': 'snappy', 'content-type': 'application/x-protobuf' },
    body: Buffer.from(snappyCompress(remoteWrite2ToRequest1(request))),
  })
  if (!answer.ok) throw new AppError('invalid', `Prometheus refuses the data: ${await answer.text()}`)
}

async function query(url: string, parameters: Readonly<Record<string, string>>): Promise<PrometheusAnswer> {
  const address = parameters['step'] === undefined ? 'query' : 'query_range'
  const answer = await fetch(`${url}/api/v1/${address}`, { method: 'POST', body: new URLSearchParams(parameters) })
  return (await answer.json()) as PrometheusAnswer
}

async function ready(child: ChildProcess, url: string): Promise<void> {
  const untilMs = Date.now() + READY_MS
  while (Date.now() < untilMs && child.exitCode === null) {
    const isReady = await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isReady) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new AppError('unavailable', 'Prometheus does not get ready')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
