import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, createMetrics, silentLogger, systemClock } from '../../../../core/index.ts'
import type { SpanMetricsSettings } from '../../../../fleet/index.ts'
import type { Batch, Identity } from '../../../../model/index.ts'
import { decodeRecord, encodeRecord } from '../../../../pipeline/index.ts'
import { type DurableLog, type LogReader, openCursor, openLog, openLogReader } from '../../../../queue/index.ts'
import { jsonToOtlp, readSeries, type ReadSeries } from '../../../../wire/index.ts'
import { SPAN_METRICS } from '../checkpoint.ts'
import { createSpanMetrics, type SpanMetricsConnector } from '../connector.ts'

const SETTINGS: SpanMetricsSettings = {
  enabled: true,
  interval: 25,
  buckets: [0.01, 0.1, 1],
  dimensions: [],
  spanNames: 'as-sent',
  maxSeriesPerCluster: 10_000,
  wait: 10_000,
  maxPending: 1_000,
}

export function identityOf(environment: string, cluster = `${environment}-1`, tenant = environment): Identity {
  return { cluster, environment, region: 'here', clusterType: 'workload', tenant }
}

/** A span as tests write it: ids are short texts, times milliseconds. */
export interface TestSpan {
  readonly trace: string
  readonly id: string
  readonly parent?: string
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer'
  readonly service: string
  readonly name?: string
  readonly ms?: number
  readonly failed?: boolean
  readonly attributes?: Readonly<Record<string, string>>
  readonly resource?: Readonly<Record<string, string>>
}

const KINDS = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 }
const hexOf = (text: string, bytes: number): string =>
  Buffer.from(text.padStart(bytes, '.'))
    .toString('hex')
    .slice(-2 * bytes)
export const traceIdOf = (trace: string): string => hexOf(trace, 16)
export const spanIdOf = (id: string): string => hexOf(id, 8)
const attributesOf = (values: Readonly<Record<string, string>>): unknown =>
  Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }))

/** One batch of OTLP with a resource for each span. */
export function spanBatch(identity: Identity, spans: readonly TestSpan[], receivedAtMs: number): Batch {
  const resourceSpans = spans.map(({ service, resource, ...span }) => {
    const endNs = BigInt(receivedAtMs) * 1_000_000n
    const startNs = endNs - BigInt(Math.round((span.ms ?? 50) * 1e6))
    return {
      resource: { attributes: attributesOf({ 'service.name': service, ...resource }) },
      scopeSpans: [
        {
          spans: [
            {
              traceId: traceIdOf(span.trace),
              spanId: spanIdOf(span.id),
              ...(span.parent === undefined ? {} : { parentSpanId: spanIdOf(span.parent) }),
              name: span.name ?? 'work',
              kind: KINDS[span.kind],
              startTimeUnixNano: String(startNs),
              endTimeUnixNano: String(endNs),
              attributes: attributesOf(span.attributes ?? {}),
              ...(span.failed === true ? { status: { code: 2 } } : {}),
            },
          ],
        },
      ],
    }
  })
  return {
    envelope: {
      signal: 'traces',
      format: 'otlp',
      items: spans.length,
      identity,
      source: 'otlp',
      collectedAtMs: receivedAtMs,
      receivedAtMs,
    },
    payload: jsonToOtlp('traces', JSON.stringify({ resourceSpans })),
  }
}

export type Deliver = (batches: readonly Batch[]) => Promise<void>

/** A durable log and connectors that read it and write to it, one after the other. */
export class SpanRig {
  readonly log: DurableLog
  readonly overflowed: (readonly [cluster: string, observations: number])[] = []
  readonly #dir: string
  #lastSpans = -1
  #aheadMs = 0
  #connector: SpanMetricsConnector | undefined
  #reader: LogReader | undefined

  private constructor(dir: string, log: DurableLog) {
    this.#dir = dir
    this.log = log
  }

  static async open(): Promise<SpanRig> {
    const dir = await mkdtemp(join(tmpdir(), 'fleetglass-spans-'))
    return new SpanRig(
      dir,
      await openLog({ dir: join(dir, 'log'), maxBytes: 1 << 28, onFull: 'refuse', log: silentLogger() }),
    )
  }

  async close(): Promise<void> {
    await this.stop()
    await this.log.close()
    await rm(this.#dir, { recursive: true, force: true })
  }

  /** Goes on like any clock, but can be moved ahead. */
  readonly clock: Clock = {
    now: () => Date.now() + this.#aheadMs,
    sleep: (ms, signal) => systemClock.sleep(ms, signal),
  }

  advance(ms: number): void {
    this.#aheadMs += ms
  }

  async append(identity: Identity, ...spans: readonly TestSpan[]): Promise<void> {
    this.#lastSpans = await this.log.append(encodeRecord(spanBatch(identity, spans, this.clock.now())))
  }

  readonly deliver: Deliver = async (batches) => {
    for (const batch of batches) await this.log.append(encodeRecord(batch))
  }

  async start(
    settings: Partial<SpanMetricsSettings> = {},
    deliver: Deliver = this.deliver,
    dropBelow = 0,
  ): Promise<void> {
    const { dir, durable } = this.log
    const log = silentLogger()
    const cursor = await openCursor({ dir, name: 'span_metrics', log })
    const reader = await openLogReader({ dir, durable, from: cursor.position, recycles: true })
    const connector = createSpanMetrics({
      settings: { ...SETTINGS, ...settings },
      reader,
      cursor,
      durableEnd: () => this.log.durableEnd,
      deliver,
      onOverflow: ({ cluster }, observations) => this.overflowed.push([cluster, observations]),
      clock: this.clock,
      log,
      metrics: createMetrics(),
    })
    connector.drop(dropBelow)
    await connector.start(AbortSignal.timeout(5_000))
    this.#connector = connector
    this.#reader = reader
  }

  async stop(): Promise<void> {
    await this.#connector?.shutdown(AbortSignal.timeout(5_000))
    this.#connector = undefined
    await this.#reader?.close()
    this.#reader = undefined
  }

  /** Waits until the log has series that say that they count all spans; and, with `after`, everything below it. */
  async settled(after = this.#lastSpans + 1): Promise<void> {
    for (let tries = 0; tries < 1_000; tries++) {
      const batches = await this.derived()
      const last = batches.at(-1)?.envelope.checkpoint?.data ?? '{"counted":-1}'
      const { counted } = JSON.parse(last) as { counted: number }
      if (counted >= after) return
      await systemClock.sleep(10)
    }
    throw new Error('the series did not come')
  }

  /** Runs a connector until it has counted everything. */
  async run(settings: Partial<SpanMetricsSettings> = {}): Promise<void> {
    await this.start(settings)
    await this.settled()
    await this.stop()
  }

  /** The batches that connectors have written. */
  async derived(): Promise<readonly Batch[]> {
    const { dir, durable } = this.log
    const reader = await openLogReader({ dir, durable, from: 0 })
    const batches: Batch[] = []
    try {
      while (reader.position < this.log.durableEnd) {
        const signal = AbortSignal.timeout(5_000)
        const records = await reader.next({ maxRecords: 10_000, maxBytes: 1 << 28, signal, waitMs: 0 })
        batches.push(...records.map(({ bytes }) => decodeRecord(bytes)))
      }
    } finally {
      await reader.close()
    }
    return batches.filter(({ envelope }) => envelope.source === SPAN_METRICS)
  }

  async series(): Promise<readonly ReadSeries[]> {
    return (await this.derived()).flatMap(({ payload }) => [...readSeries(payload)])
  }

  /** How much each counter has grown over all lives, as `increase` sees it, by name and labels; zeros are left out. */
  async increases(name: RegExp, labels: readonly string[]): Promise<Readonly<Record<string, number>>> {
    const sums = new Map<string, number>()
    const lastOf = new Map<string, { readonly value: number; readonly timestampMs: number }>()
    for (const series of await this.series()) {
      const all = new Map(series.labels)
      const metric = all.get('__name__') ?? ''
      if (!name.test(metric)) continue
      const key = JSON.stringify(series.labels)
      const shown = [metric, ...labels.map((label) => all.get(label) ?? '')].join(' ').trimEnd()
      for (const { value, stale, timestampMs } of series.samples) {
        const before = lastOf.get(key)
        if (before !== undefined && timestampMs <= before.timestampMs) throw new Error(`${key}: out of order`)
        if (before === undefined && value !== 0) throw new Error(`${key}: does not begin with a zero`)
        if (stale) continue
        lastOf.set(key, { value, timestampMs })
        const grown = before === undefined || value < before.value ? value : value - before.value
        sums.set(shown, (sums.get(shown) ?? 0) + grown)
      }
    }
    return Object.fromEntries([...sums].filter(([, sum]) => sum !== 0).sort(([a], [b]) => (a < b ? -1 : 1)))
  }
}
