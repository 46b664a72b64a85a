import { Agent, request } from 'node:http'
import { ProtoWriter, snappyCompress } from '../../src/wire/index.ts'
import type { MetricServer } from '../load/metric-servers.ts'

/** Counters of `bench_requests_total` and a tenth as many of `bench_seconds_bucket`, a sample each 15 s. */
export interface DataSet {
  readonly name: string
  readonly series: number
  readonly hours: number
}

export const STEP_MS = 15_000
const SERIES_PER_REQUEST = 1_000
/** Each series has so many samples in a body, as a sender has them that catches up. */
const TICKS_PER_REQUEST = 12
const REQUESTS_AT_ONCE = 4
const BOUNDS = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '+Inf']

/** The samples stand beside the whole seconds, so that no window's edge meets one: versions differ on that. */
const JITTER_MS = 137

/** Sends the same bodies to all servers, each series in the order of time. Returns how many samples each was sent. */
export async function load(data: DataSet, startMs: number, servers: readonly MetricServer[]): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: REQUESTS_AT_ONCE })
  const total = Math.ceil(data.series * 1.1)
  const ticks = (data.hours * 3_600_000) / STEP_MS
  for (let tick = 0; tick <= ticks; tick += TICKS_PER_REQUEST) {
    const endTick = Math.min(ticks + 1, tick + TICKS_PER_REQUEST)
    const firsts = Array.from({ length: Math.ceil(total / SERIES_PER_REQUEST) }, (_, i) => i * SERIES_PER_REQUEST)
    const send = async (): Promise<void> => {
      for (let first = firsts.shift(); first !== undefined; first = firsts.shift()) {
        const end = Math.min(total, first + SERIES_PER_REQUEST)
        const body = bodyOf(data, { first, end }, { startMs, tick, endTick })
        await Promise.all(servers.map((server) => post(server, agent, body)))
      }
    }
    await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, send))
  }
  agent.destroy()
  return total * (ticks + 1)
}

function bodyOf(
  data: DataSet,
  { first, end }: { readonly first: number; readonly end: number },
  times: { readonly startMs: number; readonly tick: number; readonly endTick: number },
): Buffer {
  const writer = new ProtoWriter(1 << 19)
  for (let i = first; i < end; i++) {
    const series = writer.begin(1)
    for (const [name, value] of labelsOf(data, i)) {
      const label = writer.begin(1)
      writer.string(1, name)
      writer.string(2, value)
      writer.end(label)
    }
    for (let { tick } = times; tick < times.endTick; tick++) {
      const sample = writer.begin(2)
      // A pace of its own, some noise, and now and then a restart.
      const since = (tick + i * 7) % 997
      writer.double(1, since * ((i % 50) + 1) + ((i * 31 + tick * 17) % 11))
      writer.int64(2, times.startMs + tick * STEP_MS + JITTER_MS)
      writer.end(sample)
    }
    writer.end(series)
  }
  return Buffer.from(snappyCompress(writer.view()))
}

/** In the order of their names. */
function labelsOf({ series }: DataSet, i: number): (readonly [string, string])[] {
  if (i >= series) {
    const n = i - series
    const group = Math.floor(n / BOUNDS.length)
    return [
      ['__name__', 'bench_seconds_bucket'],
      ['instance', `host-${group}`],
      ['job', 'bench'],
      ['le', BOUNDS[n % BOUNDS.length] ?? ''],
      ['zone', `z${group % 10}`],
    ]
  }
  return [
    ['__name__', 'bench_requests_total'],
    ['code', ['200', '404', '500'][i % 3] ?? ''],
    ['instance', `host-${Math.floor(i / 100)}`],
    ['job', 'bench'],
    ['pod', `pod-${i}`],
    ['zone', `z${i % 10}`],
  ]
}

function post({ url, headers }: MetricServer, agent: Agent, body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      agent,
      method: 'POST',
      headers: {
        'content-type': 'application/x-protobuf',
        'content-encoding': 'snappy',
        'x-prometheus-remote-write-version': '0.1.0',
        'content-length': body.length,
        ...headers,
      },
    })
    asked.on('error', reject)
    asked.on('response', (response) => {
      response.resume()
      response.on('end', () => {
        if ((response.statusCode ?? 500) < 300) resolve()
        else reject(new Error(`${url} answered ${response.statusCode}`))
      })
    })
    asked.end(body)
  })
}
