import { Buffer } from 'node:buffer'
import type { Batch, BatchId } from '../../model/index.ts'

/** A batch of logs of the cluster `dev`, as an edge of it would send it; `text` is the payload. */
export function createBatch(text: string, id?: BatchId, cluster = 'dev'): Batch {
  const identity = { cluster, environment: 'dev', region: 'r', clusterType: 'workload', tenant: 'dev' }
  const times = { collectedAtMs: 1, receivedAtMs: 2 }
  return {
    envelope: { signal: 'logs', format: 'otlp', items: 3, identity, ...times, ...(id === undefined ? {} : { id }) },
    payload: Buffer.from(text),
  }
}

/** The id of records `first` to `last` of one edge of the cluster `dev`. */
export function batchId(first: number, last = first): BatchId {
  return { edge: 'dev/a', epoch: 'e', first, last }
}
