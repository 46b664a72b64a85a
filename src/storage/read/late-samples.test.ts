import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMetrics, silentLogger } from '../../core/index.ts'
import type { Batch } from '../../model/index.ts'
import { evaluateRange, evaluateRangeCached, NO_FEATURES, parsePromql, ResultsCache } from '../../query/index.ts'
import { noEngineReason, startTestEngine, type TestEngine } from '../testing/test-engine.ts'
import { StoreWriter } from '../write/store-writer.ts'
import { remoteWriteRecord } from '../write/testing/records.ts'
import { createLateSamples } from './late-samples.ts'
import { createMetricSource } from './metric-source.ts'

const MINUTE = 60_000
const NOW = Date.UTC(2026, 0, 5, 12)
const signal = new AbortController().signal
const clock = { now: () => NOW, sleep: () => Promise.resolve() }

describe.skipIf(noEngineReason !== undefined)(`late samples ${noEngineReason ?? ''}`, () => {
  let engine: TestEngine
  let writer: StoreWriter
  let current: Batch | undefined
  let sequence = 0

  beforeAll(async () => {
    engine = await startTestEngine()
    writer = new StoreWriter({
      client: engine.client,
      decodeRecord: () => {
        if (current === undefined) throw new Error('no batch')
        return current
      },
      unstorable: { keep: ({ message }) => Promise.reject(new Error(message)) },
      clock,
      log: silentLogger(),
      metrics: createMetrics(),
    })
  })
  afterAll(async () => {
    await engine.stop()
  })

  const write = async (tenant: string, times: readonly number[], epoch = 'log'): Promise<void> => {
    const identity = { tenant, cluster: 'c', environment: 'e', region: 'r', clusterType: 't' }
    const samples = times.map((timestamp) => ({ value: timestamp, timestamp }))
    const record = remoteWriteRecord([{ labels: [['__name__', 'm']], samples }], { identity, receivedAtMs: NOW })
    current = record.batch
    sequence += 1
    const flush = writer.prepare([{ sequence, bytes: new Uint8Array(1) }])
    const range = { epoch, first: sequence, last: sequence }
    await writer.store(flush, { range, refused: [], onRefused: () => Promise.resolve() }, signal)
  }

  it('are told once, from the oldest on, of every log; live ones are not', async () => {
    const late = createLateSamples(engine.client)
    await write('dev', [NOW - 60 * MINUTE])
    expect(await late.next(signal)).toEqual([])
    await write('dev', [NOW - MINUTE, NOW - 4 * MINUTE])
    expect(await late.next(signal)).toEqual([])
    await write('dev', [NOW - MINUTE, NOW - 20 * MINUTE])
    await write('dev', [NOW - 30 * MINUTE])
    await write('prd', [NOW - 6 * MINUTE], 'other log')
    expect([...(await late.next(signal))].sort((a, b) => a.firstMs - b.firstMs)).toEqual([
      { tenant: 'dev', firstMs: NOW - 30 * MINUTE },
      { tenant: 'prd', firstMs: NOW - 6 * MINUTE },
    ])
    expect(await late.next(signal)).toEqual([])
  })

  it('stand in the next answer of a cached query', async () => {
    const cache = new ResultsCache({ maxBytes: 1_000_000, clock, late: createLateSamples(engine.client) })
    const query = 'count_over_time(m[5m])'
    const expr = parsePromql(query, NO_FEATURES)
    const options = { source: createMetricSource(engine.client), scope: { tenants: ['live'] }, signal, query }
    const range = { startMs: NOW - 90 * MINUTE, endMs: NOW, stepMs: MINUTE }
    await write(
      'live',
      Array.from({ length: 90 }, (_, i) => NOW - i * MINUTE),
    )
    for (const at of [80, 45, 15]) {
      await evaluateRangeCached(expr, range, options, cache)
      await write('live', [NOW - at * MINUTE + 1])
      const cached = await evaluateRangeCached(expr, range, options, cache)
      const plain = await evaluateRange(expr, range, options)
      expect(cached.data).toEqual(plain.data)
    }
    expect(cache.counts).toMatchObject({ hits: 5, misses: 1, invalidated: 3 })
  })
})
