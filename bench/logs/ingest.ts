import type { StoreClient } from '../../src/storage/index.ts'
import { BatchStore } from './fill.ts'
import { LINES_OF_BATCH, SPAN_MS, START_MS, STREAMS } from './lines.ts'

/** The load that the hub is made for. */
const LINES_PER_SECOND = 10_000

/** Stores lines that go on where the filled day ends, at the target load, until it is stopped; then tells the rate. */
export function startIngest(client: StoreClient): {
  readonly nowMs: () => number
  readonly stop: () => Promise<number>
} {
  const batches = new BatchStore(client)
  const began = performance.now()
  let second = 0
  let stopped = false
  const storeSecond = async (): Promise<void> => {
    const fromMs = START_MS + SPAN_MS + second * 1000
    const numbers = Array.from({ length: LINES_PER_SECOND / LINES_OF_BATCH }, (_, i) => (second * 10 + i) % STREAMS)
    await batches.store(numbers.map((number) => [number, { fromMs, lengthMs: 1000 }]))
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
    nowMs: () => START_MS + SPAN_MS + second * 1000,
    stop: async () => {
      stopped = true
      await running
      return (second * LINES_PER_SECOND) / ((performance.now() - began) / 1000)
    },
  }
}
