import { createProtocol } from '../src/bin/destination-protocols.ts'
import { silentLogger, systemClock } from '../src/core/index.ts'
import { destinationSchema } from '../src/fleet/destinations/index.ts'
import { createSecrets } from '../src/pipeline/destination/index.ts'
import {
  histogramWorkload,
  logWorkload,
  metricWorkload,
  remoteWriteWorkload,
  spanWorkload,
  type Workload,
} from './store-write/payloads.ts'

export const name = 'destinations'

interface Row {
  readonly what: string
  readonly value: number
  readonly unit: string
}

const MEASURE_MS = 1_000

/** Never connected to: what is measured is everything before the first byte is sent. */
const KINDS: readonly Readonly<Record<string, unknown>>[] = [
  { type: 'splunk-hec', url: 'http://127.0.0.1:1', token: { env: 'NONE' } },
  { type: 'datadog', apiKey: { env: 'NONE' } },
  { type: 'loki', url: 'http://127.0.0.1:1' },
  { type: 'elasticsearch', url: 'http://127.0.0.1:1' },
]

const WORKLOADS: readonly (readonly [what: string, workload: () => Workload])[] = [
  ['gauges', metricWorkload],
  ['histograms', histogramWorkload],
  ['remote write', remoteWriteWorkload],
  ['logs', logWorkload],
  ['spans', spanWorkload],
]

/**
 * Items per second of processor time that a worker turns into a vendor's requests, one payload at a time, and how
 * many bytes an item has then. Compression is not in it: gzip runs in threads of Node's own.
 */
export async function run(options: { readonly only?: string } = {}): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const settings of KINDS) {
    for (const [what, workload] of WORKLOADS) {
      const part = `${String(settings['type'])}, ${what}`
      if (part.includes(options.only ?? '')) rows.push(...(await measure(part, settings, workload())))
    }
  }
  return rows
}

async function measure(
  part: string,
  settings: unknown,
  { signal, format, batches }: Workload,
): Promise<readonly Row[]> {
  const parts = { secrets: createSecrets({}), userAgent: 'bench', clock: systemClock, log: silentLogger() }
  const protocol = await createProtocol(destinationSchema.parse(settings), parts)
  if (!protocol.takes(signal, format)) return []
  let items = 0
  let bytes = 0
  const round = (): void => {
    for (const batch of batches) {
      items += batch.envelope.items
      for (const request of protocol.encode([batch], Date.now()).requests) {
        bytes += request.content?.().length ?? 0
      }
    }
  }
  round()
  items = 0
  bytes = 0
  const from = process.cpuUsage()
  const startedAt = performance.now()
  while (performance.now() - startedAt < MEASURE_MS) round()
  const { user, system } = process.cpuUsage(from)
  await protocol.close()
  return [
    { what: part, value: items / ((user + system) / 1e6), unit: 'items/s of CPU' },
    { what: `${part}: an item`, value: items === 0 ? 0 : bytes / items, unit: 'bytes' },
  ]
}
