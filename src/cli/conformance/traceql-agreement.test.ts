import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRandom } from '../../core/testing/random.ts'
import type { TraceScriptStore, TraceSource } from '../../query/index.ts'
import { createMemoryTraces } from '../../query/testing/memory-traces.ts'
import { describeMetrics, describeSearch } from '../../query/traceql/testing/describe-answer.ts'
import { randomMetrics, randomSearch, randomTraces } from '../../query/traceql/testing/generate.ts'
import { noEngineReason, startTestEngine, type TestEngine } from '../../storage/testing/test-engine.ts'
import { createEngineTraceStore } from './engine-trace-store.ts'

const START_NS = 1_767_225_600_000_000_000n
/** More with FLEETGLASS_QUERIES, for a long run. */
const QUERIES = Number(process.env['FLEETGLASS_QUERIES'] ?? 12)

describe.skipIf(noEngineReason !== undefined)(`the store and memory answer alike ${noEngineReason ?? ''}`, () => {
  let engine: TestEngine
  const stores: {
    readonly store: TraceScriptStore
    readonly scope: TraceScriptStore['scope']
    readonly memory: TraceSource
  }[] = []
  beforeAll(async () => {
    engine = await startTestEngine()
    const random = createRandom(7)
    // Without values that are no plain ones the store counts by itself.
    for (const rare of [0.2, 0]) {
      const store = createEngineTraceStore(engine.client, new AbortController().signal)
      if (rare === 0) await store.clear()
      const spans = randomTraces(random, 40, START_NS, rare)
      await store.load(spans)
      const memory = createMemoryTraces(spans.map((span) => ({ tenant: 't', cluster: 'c', span })))
      stores.push({ store, scope: store.scope, memory })
    }
  }, 60_000)
  afterAll(async () => {
    await engine.stop()
  })

  it('searches', { timeout: 30_000 + QUERIES * 5_000 }, async () => {
    const random = createRandom(8)
    for (let i = 0; i < QUERIES; i++) {
      const query = randomSearch(random)
      for (const { store, scope, memory } of stores) {
        const expected = await describeSearch(query, memory, START_NS)
        expect(await describeSearch(query, store.source, START_NS, scope), query).toBe(expected)
      }
    }
  })

  it('metrics', { timeout: 30_000 + QUERIES * 5_000 }, async () => {
    const random = createRandom(9)
    for (let i = 0; i < QUERIES; i++) {
      const query = randomMetrics(random)
      for (const { store, scope, memory } of stores) {
        const expected = await describeMetrics(query, memory, START_NS)
        expect(await describeMetrics(query, store.source, START_NS, { scope }), query).toBe(expected)
      }
    }
  })
})
