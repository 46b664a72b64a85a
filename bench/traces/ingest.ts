import { createMetrics, silentLogger, systemClock } from '../../src/core/index.ts'
import { decodeRecord, encodeRecord } from '../../src/pipeline/index.ts'
import { type StoreClient, StoreWriter } from '../../src/storage/index.ts'
import { SPAN_MS, START_MS } from './fill.ts'
import { spanBatch, SPANS_OF_BATCH } from './spans.ts'

/** The load that the hub is made for. */
const SPANS_PER_SECOND = 5_000

/** Stores spans that go on where the filled days end, at the target load, until it is stopped; then tells the rate. */
export function startIngest(client: StoreClient): { readonly stop: () => Promise<number> } {
  const writer = new StoreWriter({
    client,
    decodeRecord,
    unstorable: { keep: () => Promise.reject(new Error('BUG: nothing may be refused')) },
    clock: systemClock,
    log: silentLogger(),
    metrics: createMetrics(),
  })
  const epoch = `bench-${String(Date.now())}`
  const began = performance.now()
  const batchesPerSecond = SPANS_PER_SECOND / SPANS_OF_BATCH
  let second = 0
  let stopped = false
  const storeSecond = async (): Promise<void> => {
    const fromMs = START_MS + SPAN_MS + 60_000 + second * 1000
    const first = second * batchesPerSecond
    const records = Array.from({ length: batchesPerSecond }, (_, i) => ({
      sequence: first + i,
      bytes: Buffer.concat(encodeRecord(spanBatch(first + i, fromMs, 1000))),
    }))
    const plan = {
      range: { epoch, first, last: first + batchesPerSecond - 1 },
      refused: [],
      onRefused: () => Promise.resolve(),
    }
    await writer.store(writer.prepare(records), plan, AbortSignal.timeout(120_000))
    second += 1
  }
  const run = async (): Promise<void> => {
    while (!stopped) {
      await storeSecond()
      const aheadMs = second * 1000 - (performance.now() - began)
      if (aheadMs > 0) await new Promise((resolve) => setTimeout(resolve, aheadMs))
    }
  }
  const running = run()
  return {
    stop: async () => {
      stopped = true
      await running
      return (second * SPANS_PER_SECOND) / ((performance.now() - began) / 1000)
    },
  }
}
