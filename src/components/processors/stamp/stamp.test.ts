import { describe, expect, it } from 'vitest'
import { AppError, BufferPool, createMetrics } from '../../../core/index.ts'
import type { Batch, Identity } from '../../../model/index.ts'
import { checkOtlp, jsonToOtlp, ProtoWriter } from '../../../wire/index.ts'
import { createStamp } from './index.ts'

const identity: Identity = {
  cluster: 'dev-1',
  environment: 'dev',
  region: 'uae',
  clusterType: 'workload',
  tenant: 'dev',
}

function otlp(attributes: object[], resource: object[] = []): Batch {
  const records = [{ attributes: attributes }, {}]
  const request = { resourceLogs: [{ resource: { attributes: resource }, scopeLogs: [{ logRecords: records }] }] }
  return toBatch('otlp', jsonToOtlp('logs', JSON.stringify(request)))
}

function remoteWrite(label: string): Batch {
  const writer = new ProtoWriter()
  for (const symbol of ['', label, 'x']) writer.string(4, symbol)
  const series = writer.begin(5)
  writer.bytes(1, Uint8Array.of(1, 2))
  writer.bytes(2, new Uint8Array(0))
  writer.end(series)
  return toBatch('remote-write-2', writer.finish())
}

function toBatch(format: Batch['envelope']['format'], payload: Uint8Array): Batch {
  const signal = format === 'otlp' ? 'logs' : 'metrics'
  return { envelope: { signal, format, items: 999, identity, collectedAtMs: 1, receivedAtMs: 2 }, payload }
}

const text = (batch: Batch): string => Buffer.from(batch.payload).toString('latin1')

describe('createStamp', () => {
  const counted: unknown[] = []
  const metrics = createMetrics()
  const taken: Batch[] = []
  const buffers = new BufferPool(1 << 20)
  const consume = createStamp({
    metrics,
    onOverwritten: (who, count) => counted.push([who.cluster, count]),
    // What it is given is looked at later, so it keeps a copy.
    next: (batch) => {
      taken.push({ ...batch, payload: Uint8Array.from(batch.payload) })
      return failing ? Promise.reject(new AppError('unavailable', 'not now')) : Promise.resolve()
    },
    buffers,
  })
  let failing = false
  const stamp = async (batch: Batch): Promise<Batch> => {
    await consume(batch)
    return taken.splice(0)[0] ?? batch
  }

  it('stamps OTLP by the identity of the envelope and counts the items anew', async () => {
    const stamped = await stamp(otlp([{ key: 'cluster', value: { stringValue: 'prd-1' } }]))
    expect(stamped.envelope).toEqual({ ...otlp([]).envelope, items: 2 })
    expect(checkOtlp('logs', stamped.payload)).toBe(2)
    expect(text(stamped)).toContain('exported_cluster')
    expect(text(stamped)).toContain('k8s.cluster.name')
    expect(counted.splice(0)).toEqual([['dev-1', 1]])
  })

  it('stamps remote write 2.0', async () => {
    const stamped = await stamp(remoteWrite('tenant_id'))
    expect(stamped.envelope.items).toBe(1)
    expect(text(stamped)).toContain('exported_tenant_id')
    expect(counted.splice(0)).toEqual([['dev-1', 1]])
  })

  it('leaves a right batch as it is', async () => {
    const once = await stamp(otlp([]))
    expect(await stamp(once)).toEqual(once)
    expect(counted).toEqual([])
  })

  it('refuses what is malformed', async () => {
    await expect(stamp(toBatch('otlp', Uint8Array.of(10, 200)))).rejects.toThrow(AppError)
    await expect(stamp(toBatch('remote-write-2', Uint8Array.of(42, 200)))).rejects.toThrow(AppError)
    expect(taken).toEqual([])
  })

  it('uses the memory of a copy again when the next one is done with it, and not where that is not sure', async () => {
    const seen: ArrayBufferLike[] = []
    const next = (batch: Batch): Promise<void> => {
      seen.push(batch.payload.buffer)
      return failing ? Promise.reject(new AppError('unavailable', 'not now')) : Promise.resolve()
    }
    const own = createStamp({ metrics: createMetrics(), next, buffers: new BufferPool(1 << 20) })
    await own(otlp([]))
    failing = true
    await expect(own(otlp([]))).rejects.toThrow('not now')
    failing = false
    await own(otlp([]))
    expect(seen[1]).toBe(seen[0])
    expect(seen[2]).not.toBe(seen[1])
  })

  it('counts what claimed another identity', async () => {
    expect((await metrics.render()).body).toContain('fleetglass_labels_overwritten_total{source_cluster="dev-1"} 2')
  })
})
