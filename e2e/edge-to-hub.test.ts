import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEdgeKit, type EdgeKit } from '../src/components/exporters/otlp/testing/edge-kit.ts'
import { createStamp } from '../src/components/processors/stamp/index.ts'
import { otlpBytes } from '../src/components/receivers/otlp/testing/payloads.ts'
import { DEV, type RunningHub, startHub } from '../src/components/receivers/otlp/testing/receivers.ts'
import { BufferPool, createMetrics, silentLogger } from '../src/core/index.ts'
import type { Batch } from '../src/model/index.ts'
import { createLogSink, decodeRecord, openSourceWindows } from '../src/pipeline/index.ts'
import { createFleetCertificates } from '../src/pki/testing/fleet-certificates.ts'
import { type DurableLog, openLog, openLogReader } from '../src/queue/index.ts'
import { checkOtlp } from '../src/wire/index.ts'

// The edge's exporter and the hub's receiver, stamp, durable log and windows, over real mutual TLS in one process.
describe('from the log of an edge to the log of the hub', () => {
  let root: string
  let edge: EdgeKit
  let hub: RunningHub
  let hubLog: DurableLog

  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'edge-to-hub-'))
    const certificates = await createFleetCertificates()
    edge = await createEdgeKit(await certificates.edge(DEV.cluster), DEV.cluster)
    hub = await startHub(certificates)
    const log = silentLogger()
    hubLog = await openLog({ dir: path.join(root, 'log'), maxBytes: 1 << 26, onFull: 'refuse', log })
    const windows = await openSourceWindows({ dir: path.join(root, 'windows'), durableLog: hubLog, log })
    const sink = createLogSink({ log: hubLog, windows })
    hub.consume = createStamp({ metrics: createMetrics(), next: sink, buffers: new BufferPool(1 << 22) })
  })
  afterAll(async () => {
    await hub.stop()
    await hubLog.close()
    await edge.remove()
    await rm(root, { recursive: true, force: true })
  })

  it('every record arrives once, although exporters are cut off and merge differently when they come back', async () => {
    const texts = Array.from({ length: 120 }, (_, i) => `<record ${String(i)}>`)
    for (const [i, text] of texts.entries()) {
      await edge.appendPayload(otlpBytes('logs', 1, text))
      if (i % 15 !== 0) continue
      const one = await edge.startExporter(hub.grpc.port, {
        maxRequestSize: `${String(60 + 7 * i)}B`,
        window: 1 + (i % 5),
      })
      await new Promise((resolve) => setTimeout(resolve, i % 40))
      await one.stop(0)
    }
    const last = await edge.startExporter(hub.grpc.port)
    await expect.poll(() => last.cursor.position, { timeout: 15_000 }).toBe(edge.log.durableEnd)
    await last.stop()

    const batches = await readAll(hubLog)
    const content = batches.map(({ payload }) => Buffer.from(payload).toString('latin1')).join()
    expect(texts.filter((text) => content.split(text).length !== 2)).toEqual([])
    for (const { envelope, payload } of batches) {
      expect(envelope.identity).toEqual(DEV)
      expect(envelope.id?.edge).toBe(`${DEV.cluster}/0`)
      expect(checkOtlp('logs', payload)).toBe(envelope.items)
    }
    expect(content).toContain('k8s.cluster.name')
    expect(hub.refusals).toEqual([])
  })
})

async function readAll(log: DurableLog): Promise<Batch[]> {
  const reader = await openLogReader({ dir: log.dir, durable: log.durable, from: 0 })
  const batches: Batch[] = []
  const signal = new AbortController().signal
  while (reader.position < log.durableEnd) {
    for (const { bytes } of await reader.next({ maxRecords: 100, maxBytes: 1 << 20, signal, waitMs: 0 })) {
      batches.push(decodeRecord(bytes))
    }
  }
  await reader.close()
  return batches
}
