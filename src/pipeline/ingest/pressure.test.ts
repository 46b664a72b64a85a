import { expect, it } from 'vitest'
import { createMetrics, systemClock } from '../../core/index.ts'
import { IngestGate } from './gate.ts'

const IDENTITY = { cluster: 'dev', environment: 'dev', region: 'r', clusterType: 'workload', tenant: 'dev' }
const NEVER = new AbortController().signal

it('goes on in small pieces where memory that was taken once is never given back', async () => {
  const gate = new IngestGate({
    clock: systemClock,
    metrics: createMetrics(),
    maxInFlightBytes: 1_000,
    maxWaiting: 10,
    maxWaitMs: 50,
    pressure: [
      { name: 'memory', usage: () => 0.99, high: 0.9, low: 0.7, retryAfterMs: 1_000, aboveInFlightBytes: 100 },
    ],
  })
  for (let turn = 0; turn < 3; turn++) {
    const first = await gate.enter(IDENTITY, 80, NEVER)
    const second = await gate.enter(IDENTITY, 80, NEVER)
    await expect(gate.enter(IDENTITY, 80, NEVER)).rejects.toThrow('short of room (memory)')
    first.release()
    second.release()
  }
  expect(gate.shortOf).toEqual(['memory'])
})
