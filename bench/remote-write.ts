import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { type MetricServer, startHub, startPrometheus, startVictoriaMetrics } from './load/metric-servers.ts'
import type { RemoteWriteLoad, RemoteWriteResult } from './load/remote-write-generator.ts'

export const name = 'remote-write'

interface Row {
  readonly what: string
  readonly value: number
  readonly unit: string
}

const GENERATOR = path.resolve('dist/bench/bench/load/remote-write-generator.js')
const SERIES = 10_000
const CONNECTIONS = 4

/**
 * Remote write 1.0 (snappy, 2,000 series a request, 4 connections) from one generator to a hub and, where they are
 * installed, to Prometheus and VictoriaMetrics, one after the other: how many samples each takes, and for how much of a
 * processor until they are stored. The hub answers when a request is on disk (fdatasync); the others do not wait for it.
 */
export async function run(
  options: { readonly seconds?: number; readonly only?: string } = {},
): Promise<readonly Row[]> {
  const { seconds = 20, only = '' } = options
  // Chosen for the length of a run at 400,000 samples a second.
  const samplesPerSeries = Math.ceil((seconds * 400_000) / SERIES / 4)
  const receivers: readonly (readonly [string, () => Promise<MetricServer | undefined>])[] = [
    ['fleetglass', startHub],
    ['prometheus', startPrometheus],
    ['victoria-metrics', startVictoriaMetrics],
  ]
  const rows: Row[] = []
  for (const [what, start] of receivers) {
    const receiver = what.includes(only) ? await start() : undefined
    if (receiver !== undefined) rows.push(...(await measure(what, receiver, samplesPerSeries)))
  }
  return rows
}

async function measure(what: string, receiver: MetricServer, samplesPerSeries: number): Promise<readonly Row[]> {
  try {
    const cpuBefore = receiver.cpuSeconds()
    const { url, headers } = receiver
    const result = await generate({ url, headers, series: SERIES, samplesPerSeries, connections: CONNECTIONS })
    await receiver.settle(result.accepted)
    const cpu = receiver.cpuSeconds() - cpuBefore
    return [
      { what: `${what}: accepted`, value: result.accepted / result.seconds, unit: 'samples/s' },
      { what: `${what}: not accepted`, value: result.failed, unit: 'samples' },
      { what: `${what}: until stored`, value: result.accepted / cpu, unit: 'samples/CPU s' },
      { what: `${what}: resident`, value: receiver.residentBytes() / 1e6, unit: 'MB' },
    ]
  } finally {
    await receiver.stop()
  }
}

async function generate(load: RemoteWriteLoad): Promise<RemoteWriteResult> {
  const child = spawn(process.execPath, [GENERATOR, JSON.stringify(load)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`the generator ended with ${code}`)
  return JSON.parse(output) as RemoteWriteResult
}
