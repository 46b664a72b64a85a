import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AppError,
  type Clock,
  type Component,
  createMetrics,
  silentLogger,
  systemClock,
} from '../../../../core/index.ts'
import type { Batch, Identity, Signal } from '../../../../model/index.ts'
import { createDeadLetterWriters, DeadLetterBox } from '../../../../pipeline/dead-letters/index.ts'
import { decodeRecord, encodeRecord } from '../../../../pipeline/index.ts'
import { type DurableLog, type LogReader, openLog, openLogReader } from '../../../../queue/index.ts'
import { type StoreClient, StoreWriter } from '../../../../storage/index.ts'
import { jsonToOtlp } from '../../../../wire/index.ts'
import { storeExporterConfigSchema } from '../config.ts'
import { STORE_CONSUMER, toDeadLetters } from '../dead-letters.ts'
import type { StoreProgress } from '../progress.ts'
import { createStoreExporter, type StoreExporterOptions } from '../store.ts'

/** How an insert behaves in a test: runs the real one or not, and may throw. `count` counts calls from 1. */
export type InsertScript = (insert: () => Promise<void>, call: InsertCall) => Promise<void>

interface InsertCall {
  readonly count: number
  readonly table: string
  readonly block: Uint8Array
  readonly token: string
}

export const runInsert: InsertScript = (insert) => insert()

/** Waits do not take time. */
const hurriedClock: Clock = {
  now: () => systemClock.now(),
  sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 1), signal),
}

/** A durable log in a directory of its own and exporters that store it, one after the other. */
export class StoreRig {
  readonly dir: string
  readonly log: DurableLog
  readonly #readers: LogReader[]
  readonly #client: Pick<StoreClient, 'insertNative'>

  private constructor(
    dir: string,
    log: DurableLog,
    client: Pick<StoreClient, 'insertNative'>,
    readers: LogReader[] = [],
  ) {
    this.#readers = readers
    this.dir = dir
    this.log = log
    this.#client = client
  }

  static async open(client: Pick<StoreClient, 'insertNative'>): Promise<StoreRig> {
    const dir = await mkdtemp(join(tmpdir(), 'fleetglass-store-'))
    const log = await openLog({ dir: join(dir, 'log'), maxBytes: 1 << 28, onFull: 'refuse', log: silentLogger() })
    return new StoreRig(dir, log, client)
  }

  /** The same rig over another log, which the caller closes. */
  withLog(log: DurableLog): StoreRig {
    return new StoreRig(this.dir, log, this.#client, this.#readers)
  }

  async close(): Promise<void> {
    for (const reader of this.#readers) await reader.close()
    await this.log.close()
    await rm(this.dir, { recursive: true, force: true })
  }

  async append(batch: Batch): Promise<void> {
    await this.log.append(encodeRecord(batch))
  }

  /** Dead letters as `[sequence, reason]`. */
  async deadLetters(): Promise<readonly unknown[]> {
    const { letters } = await new DeadLetterBox(join(this.dir, 'dead')).list()
    return letters.map(({ head }) => [head.origin.first, head.reason])
  }

  /** Runs an exporter until everything is stored, or, with `untilCall`, until the script was called that often. */
  async run(script: InsertScript = runInsert, untilCall = Infinity): Promise<readonly StoreProgress[]> {
    const progress: StoreProgress[] = []
    let calls = 0
    const reached = new AbortController()
    const client = {
      insertNative: async (
        table: string,
        columns: readonly string[],
        block: Uint8Array,
        token: string,
      ): Promise<void> => {
        calls += 1
        if (calls >= untilCall) {
          reached.abort()
          throw new AppError('unavailable', 'killed here')
        }
        await script(() => this.#client.insertNative(table, columns, block, token), {
          count: calls,
          table,
          block,
          token,
        })
      },
    }
    const exporter = await this.createExporter(client, (step) => {
      progress.push(step)
      if (step.position === this.log.durableEnd) reached.abort()
    })
    const isDone = (await this.log.cursor('store')).position === this.log.durableEnd
    await exporter.start(AbortSignal.timeout(10_000))
    if (!isDone && !reached.signal.aborted) await once(reached.signal, 'abort')
    await exporter.shutdown(untilCall === Infinity ? AbortSignal.timeout(10_000) : AbortSignal.abort())
    return progress
  }

  async createExporter(
    client = this.#client,
    onStored: (progress: StoreProgress) => void = () => undefined,
    onBegin: StoreExporterOptions['onBegin'] = () => Promise.resolve(),
  ): Promise<Component> {
    const log = silentLogger()
    const metrics = createMetrics()
    const cursor = await this.log.cursor('store')
    const reader = await openLogReader({
      dir: this.log.dir,
      durable: this.log.durable,
      from: cursor.position,
    })
    this.#readers.push(reader)
    const letters = createDeadLetterWriters({ directory: join(this.dir, 'dead'), clock: hurriedClock, log, metrics })
    const unstorable = toDeadLetters(letters({ consumer: STORE_CONSUMER, limitBytes: 1 << 20 }), hurriedClock)
    const writer = new StoreWriter({ client, decodeRecord, unstorable, clock: hurriedClock, log, metrics })
    const config = storeExporterConfigSchema.parse({ flushIntervalMs: 10 })
    return createStoreExporter({ config, reader, cursor, writer, clock: systemClock, log, onBegin, onStored })
  }
}

const DEV: Identity = {
  cluster: 'dev-uaenorth',
  environment: 'dev',
  region: 'uaenorth',
  clusterType: 'workload',
  tenant: 'dev',
}

let sequence = 0

/** A batch as edge `dev-uaenorth/a` would send it, with the next sequence. */
export function edgeBatch(signal: Signal, request: unknown, items: number): Batch {
  sequence += 1
  const now = Date.now()
  return {
    envelope: {
      signal,
      format: 'otlp',
      items,
      identity: DEV,
      id: { edge: 'dev-uaenorth/a', epoch: 'e1', first: sequence, last: sequence },
      collectedAtMs: now - 100,
      receivedAtMs: now,
    },
    payload: jsonToOtlp(signal, JSON.stringify(request)),
  }
}

const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'cart' } }] }
const nowNs = (): string => `${String(Date.now())}000000`

export function logBatch(...bodies: readonly string[]): Batch {
  const logRecords = bodies.map((body) => ({ timeUnixNano: nowNs(), body: { stringValue: body } }))
  return edgeBatch('logs', { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }, bodies.length)
}

export function metricBatch(name: string, value: number): Batch {
  const metrics = [{ name, gauge: { dataPoints: [{ timeUnixNano: nowNs(), asDouble: value }] } }]
  return edgeBatch('metrics', { resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] }, 1)
}

export function spanBatch(name: string): Batch {
  const ids = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
  const spans = [{ ...ids, name, startTimeUnixNano: nowNs(), endTimeUnixNano: nowNs() }]
  return edgeBatch('traces', { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }, 1)
}
