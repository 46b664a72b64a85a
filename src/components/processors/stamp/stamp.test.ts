import { describe, expect, it } from 'vitest'
import { AppError, createMetrics } from '../../../core/index.ts'
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
  const stamp = createStamp({ metrics, onOverwritten: (who, count) => counted.push([who.cluster, count]) })

  it('stamps OTLP by the identity of the envelope and counts the items anew', () => {
    const stamped = stamp(otlp([{ key: 'cluster', value: { stringValue: 'prd-1' } }]))
    expect(stamped.envelope).toEqual({ ...otlp([]).envelope, items: 2 })
    expect(checkOtlp('logs', stamped.payload)).toBe(2)
    expect(text(stamped)).toContain('exported_cluster')
    expect(text(stamped)).toContain('k8s.cluster.name')
    expect(counted.splice(0)).toEqual([['dev-1', 1]])
  })

  it('stamps remote write 2.0', () => {
    const stamped = stamp(remoteWrite('tenant_id'))
    expect(stamped.envelope.items).toBe(1)
    expect(text(stamped)).toContain('exported_tenant_id')
    expect(counted.splice(0)).toEqual([['dev-1', 1]])
  })

  it('leaves a right batch as it is', () => {
    const once = stamp(otlp([]))
    expect(stamp(once)).toBe(once)
    expect(counted).toEqual([])
  })

  it('refuses what is malformed', () => {
    expect(() => stamp(toBatch('otlp', Uint8Array.of(10, 200)))).toThrow(AppError)
    expect(() => stamp(toBatch('remote-write-2', Uint8Array.of(42, 200)))).toThrow(AppError)
  })

  it('counts what claimed another identity', async () => {
    expect((await metrics.render()).body).toContain('fleetglass_labels_overwritten_total{source_cluster="dev-1"} 2')
  })
})
