import { Buffer } from 'node:buffer'
import { expect, it } from 'vitest'
import { createMetrics } from '../core/index.ts'
import { createDropCounter } from './drop-counter.ts'
import { encodeRecord } from './record.ts'
import { createBatch } from './testing/batches.ts'

it('counts the items of dropped records by signal, and passes over what it cannot decode', async () => {
  const metrics = createMetrics()
  const { onDrop, items } = createDropCounter(metrics)
  onDrop({ sequence: 0, bytes: Buffer.concat(encodeRecord(createBatch('x'))) })
  onDrop({ sequence: 1, bytes: Buffer.concat(encodeRecord(createBatch('y'))) })
  onDrop({ sequence: 2, bytes: Buffer.from('?') })
  expect(items()).toEqual({ metrics: 0, logs: 6, traces: 0 })
  expect((await metrics.render()).body).toContain('dropped_items_total{source_cluster="dev",signal="logs"} 6')
})
