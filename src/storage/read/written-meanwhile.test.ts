import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMetrics, silentLogger } from '../../core/index.ts'
import { type Batch, METRIC_NAME } from '../../model/index.ts'
import type { MetricSource } from '../../query/index.ts'
import { createPacker } from '../packed/index.ts'
import { StoreChanges } from '../store-changes.ts'
import { noEngineReason, startTestEngine, type TestEngine } from '../testing/test-engine.ts'
import { StoreWriter } from '../write/store-writer.ts'
import { remoteWriteRecord } from '../write/testing/records.ts'
import { createMetricSource } from './metric-source.ts'

const MINUTE = 60_000
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE
const signal = new AbortController().signal
const clock = { now: () => NOW, sleep: () => Promise.resolve() }

describe.skipIf(noEngineReason !== undefined)(`what is written while queries remember ${noEngineReason ?? ''}`, () => {
  const changes = new StoreChanges()
  let engine: TestEngine
  let writer: StoreWriter
  let source: MetricSource
  let current: Batch | undefined
  let sequence = 0

  beforeAll(async () => {
    engine = await startTestEngine()
    source = createMetricSource(engine.client, undefined, undefined, changes)
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
      changes,
    })
  })
  afterAll(async () => {
    await engine.stop()
  })

  const write = async (pod: string, times: readonly number[]): Promise<void> => {
    const identity = { tenant: 'dev', cluster: 'c', environment: 'e', region: 'r', clusterType: 't' }
    const samples = times.map((timestamp) => ({ value: timestamp, timestamp }))
    const labels: [string, string][] = [
      ['__name__', 'm'],
      ['pod', pod],
    ]
    current = remoteWriteRecord([{ labels, samples }], { identity, receivedAtMs: NOW }).batch
    sequence += 1
    const flush = writer.prepare([{ sequence, bytes: new Uint8Array(1) }])
    const range = { epoch: 'log', first: sequence, last: sequence }
    await writer.store(flush, { range, refused: [], onRefused: () => Promise.resolve() }, signal)
  }
  const found = async (): Promise<Readonly<Record<string, number>>> => {
    const matchers = [{ name: METRIC_NAME, operator: '=', value: 'm' }] as const
    const range = { startMs: NOW - 90 * MINUTE, endMs: NOW }
    const series = await source.select({ tenants: ['dev'] }, { matchers, range }, signal)
    return Object.fromEntries(series.map(({ labels, timesMs }) => [labels['pod'] ?? '', timesMs.length]))
  }

  it('is in the next answer: new series, and what came late for what is packed', async () => {
    await write('a', [NOW - 80 * MINUTE, NOW - 60 * MINUTE, NOW - MINUTE])
    expect(await found()).toEqual({ a: 3 })
    await write('b', [NOW - MINUTE])
    expect(await found()).toEqual({ a: 3, b: 1 })
    const packer = createPacker(engine.client, { quietMs: 0 })
    while ((await packer.turn(signal)).did !== 'idle') changes.wrote('slots')
    expect(await found()).toEqual({ a: 3, b: 1 })
    await write('a', [NOW - 70 * MINUTE])
    expect(await found()).toEqual({ a: 4, b: 1 })
  })
})
