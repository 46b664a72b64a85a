import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createMetrics, type Metrics, silentLogger, systemClock } from '../../../../core/index.ts'
import type { Identity, PayloadFormat, Signal } from '../../../../model/index.ts'
import { type DeadLetter, DeadLetterBox } from '../../../../pipeline/dead-letters/index.ts'
import { EdgeLedger, encodeRecord } from '../../../../pipeline/index.ts'
import type { TlsPaths } from '../../../../pki/index.ts'
import type { CertificateSet } from '../../../../pki/testing/fleet-certificates.ts'
import { type Cursor, type DurableLog, openCursor, openLog, openLogReader } from '../../../../queue/index.ts'
import { ProtoWriter } from '../../../../wire/index.ts'
import { createOtlpExporter, type OtlpExporter, otlpExporterConfigSchema } from '../index.ts'

const IDENTITY: Identity = {
  cluster: 'dev-1',
  environment: 'dev',
  region: 'uae',
  clusterType: 'workload',
  tenant: 'dev',
}

export interface RunningExporter {
  readonly exporter: OtlpExporter
  readonly cursor: Cursor
  readonly metrics: Metrics
  readonly ledger: EdgeLedger
  stop(withinMs?: number): Promise<void>
}

/** The durable log of an edge in a directory of its own, and exporters that send it. */
export interface EdgeKit {
  readonly log: DurableLog
  readonly tls: TlsPaths
  readonly deadLetterDir: string
  /** Appends a record whose payload contains the text; returns its sequence. */
  append(text: string, signal?: Signal, format?: PayloadFormat): Promise<number>
  /** Appends an OTLP request of log records. */
  appendPayload(payload: Uint8Array): Promise<number>
  /** Puts other certificates in the place of the edge's. */
  setCertificates(certificates: CertificateSet): Promise<void>
  startExporter(port: number, config?: object): Promise<RunningExporter>
  /** In the order of the log. */
  deadLetters(): Promise<readonly DeadLetter[]>
  readonly letters: DeadLetterBox
  remove(): Promise<void>
}

/** Waits in tests are short; so are the tries. */
const FAST = { retryInitial: '2ms', retryMax: '20ms', commitInterval: '10ms', reportInterval: '50ms' }

export async function createEdgeKit(certificates?: CertificateSet, cluster = 'dev-1'): Promise<EdgeKit> {
  const root = await mkdtemp(path.join(tmpdir(), 'otlp-exporter-'))
  const log = await openLog({ dir: path.join(root, 'log'), maxBytes: 1 << 26, onFull: 'refuse', log: silentLogger() })
  const tls = { ca: path.join(root, 'ca.crt'), cert: path.join(root, 'edge.crt'), key: path.join(root, 'edge.key') }
  const deadLetterDir = path.join(root, 'dead')
  const box = new DeadLetterBox(deadLetterDir)
  const setCertificates = async (set: CertificateSet): Promise<void> => {
    for (const [name, pem] of [
      ['ca', set.ca],
      ['key', set.key],
      ['cert', set.cert],
    ] as const) {
      await writeFile(`${tls[name]}.new`, pem)
      await rename(`${tls[name]}.new`, tls[name])
    }
  }
  if (certificates !== undefined) await setCertificates(certificates)
  return {
    log,
    tls,
    deadLetterDir,
    letters: box,
    setCertificates,
    append: (text, signal = 'logs', format = 'otlp') => append(log, signal, format, payloadOf(text)),
    appendPayload: (payload) => append(log, 'logs', 'otlp', payload),
    startExporter: (port, config) => startExporter({ log, tls, deadLetterDir }, { edge: `${cluster}/0`, port }, config),
    deadLetters: async () => {
      const { letters } = await box.list()
      return (await Promise.all(letters.map((name) => box.read(name)))).filter((letter) => letter !== undefined)
    },
    remove: async () => {
      await log.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}

function append(log: DurableLog, signal: Signal, format: PayloadFormat, payload: Uint8Array): Promise<number> {
  const envelope = { signal, format, items: 1, identity: IDENTITY, collectedAtMs: Date.now(), receivedAtMs: 2 }
  return log.append(encodeRecord({ envelope, payload }))
}

async function startExporter(
  { log, tls, deadLetterDir }: Pick<EdgeKit, 'log' | 'tls' | 'deadLetterDir'>,
  { edge, port }: { readonly edge: string; readonly port: number },
  config: object = {},
): Promise<RunningExporter> {
  const cursor = await openCursor({ dir: log.dir, name: 'hub' })
  const reader = await openLogReader({ dir: log.dir, durable: log.durable, from: cursor.position })
  const metrics = createMetrics()
  const ledger = new EdgeLedger()
  ledger.foundBelow = log.nextSequence
  const exporter = createOtlpExporter({
    config: otlpExporterConfigSchema.parse({ ...FAST, ...config }),
    target: { host: '127.0.0.1', port },
    serverName: 'localhost',
    tls,
    edge,
    version: '0.1.0',
    reader,
    live: {
      durableEnd: () => log.durableEnd,
      openReader: (from) => openLogReader({ dir: log.dir, durable: log.durable, from }),
    },
    cursor,
    deadLetterDir,
    ledger,
    queue: () => ({ bytes: 10, limitBytes: 20, records: log.durableEnd - cursor.position }),
    dropped: () => ({ queue_full: 3 }),
    clock: systemClock,
    log: silentLogger(),
    metrics,
  })
  await exporter.start(new AbortController().signal)
  return {
    exporter,
    cursor,
    metrics,
    ledger,
    stop: async (withinMs = 2_000) => {
      await exporter.shutdown(AbortSignal.timeout(withinMs))
      await reader.close()
    },
  }
}

/** A request of one log record with this body, near enough: the exporter does not look inside. */
function payloadOf(text: string): Uint8Array {
  const writer = new ProtoWriter()
  writer.string(1, text)
  return writer.finish()
}
