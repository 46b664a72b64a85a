import { Agent, request } from 'node:http'
import { ProtoWriter, snappyCompress } from '../../src/wire/index.ts'
import { cpuSeconds } from '../machine/process-usage.ts'

/** What the generator is told, as JSON in its first argument. */
export interface RemoteWriteLoad {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly series: number
  /** Samples of each series, 15 s apart, the last one now. */
  readonly samplesPerSeries: number
  readonly connections: number
}

/** What it prints at its end, as JSON. */
export interface RemoteWriteResult {
  readonly accepted: number
  readonly failed: number
  readonly seconds: number
  readonly cpuSeconds: number
}

const SERIES_PER_REQUEST = 2_000
const STEP_MS = 15_000

/** Remote write 1.0 with bodies made beforehand; each connection has series of its own and sends them in order of time. */
async function generate(load: RemoteWriteLoad): Promise<RemoteWriteResult> {
  const requests = Math.ceil(load.series / SERIES_PER_REQUEST)
  const lanes = Array.from({ length: load.connections }, (): Buffer[] => [])
  const startMs = Date.now() - load.samplesPerSeries * STEP_MS
  for (let n = 0; n < load.samplesPerSeries; n++) {
    for (let i = 0; i < requests; i++) lanes[i % lanes.length]?.push(bodyOf(i, startMs + n * STEP_MS))
  }
  const cpuBefore = cpuSeconds(process.pid)
  const startedAt = performance.now()
  const counts = await Promise.all(lanes.map((bodies) => sendAll(load, bodies)))
  const sum = (key: 'accepted' | 'failed'): number => counts.reduce((total, count) => total + count[key], 0)
  return {
    accepted: sum('accepted'),
    failed: sum('failed'),
    seconds: (performance.now() - startedAt) / 1_000,
    cpuSeconds: cpuSeconds(process.pid) - cpuBefore,
  }
}

async function sendAll(
  load: RemoteWriteLoad,
  bodies: readonly Buffer[],
): Promise<{ accepted: number; failed: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const counts = { accepted: 0, failed: 0 }
  for (const body of bodies) {
    const status = await post(load, agent, body)
    if (status >= 200 && status < 300) counts.accepted += SERIES_PER_REQUEST
    else counts.failed += SERIES_PER_REQUEST
  }
  agent.destroy()
  return counts
}

function post({ url, headers }: RemoteWriteLoad, agent: Agent, body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      agent,
      method: 'POST',
      headers: {
        'content-type': 'application/x-protobuf',
        'content-encoding': 'snappy',
        'x-prometheus-remote-write-version': '0.1.0',
        'user-agent': 'bench',
        'content-length': body.length,
        ...headers,
      },
    })
    asked.on('error', reject)
    asked.on('response', (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    asked.end(body)
  })
}

/** One sample each of 2,000 series with 6 labels: a counter with its own pace. */
function bodyOf(request: number, timeMs: number): Buffer {
  const writer = new ProtoWriter(1 << 19)
  for (let i = 0; i < SERIES_PER_REQUEST; i++) {
    const series = writer.begin(1)
    const labels = {
      __name__: `node_metric_${i % 200}_total`,
      cpu: String(Math.floor(i / 200)),
      device: 'sda',
      instance: `10.0.${request % 256}.${Math.floor(request / 256)}:9100`,
      job: 'node',
      mode: 'idle',
    }
    for (const [name, value] of Object.entries(labels)) {
      const label = writer.begin(1)
      writer.string(1, name)
      writer.string(2, value)
      writer.end(label)
    }
    const sample = writer.begin(2)
    writer.double(1, Math.floor((timeMs / 1_000) * ((i % 50) + 1)))
    writer.int64(2, timeMs)
    writer.end(sample)
    writer.end(series)
  }
  return Buffer.from(snappyCompress(writer.view()))
}

process.stdout.write(JSON.stringify(await generate(JSON.parse(process.argv[2] ?? '{}') as RemoteWriteLoad)))
