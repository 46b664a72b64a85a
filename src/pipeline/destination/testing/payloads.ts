import type fc from 'fast-check'
import type { Batch, Envelope, Identity, Signal } from '../../../model/index.ts'
import { countItems } from '../../../wire/otlp/index.ts'
import { arbitraryMessage } from '../../../wire/testing/arbitrary-message.ts'
import { OTLP_REQUEST_TYPES } from '../../../wire/testing/otlp-proto.ts'

export const TEST_IDENTITY: Identity = {
  cluster: 'prd-uaenorth',
  environment: 'prd',
  region: 'uaenorth',
  clusterType: 'workload',
  tenant: 'prd',
}

/** A batch around a payload; the edge's log begins at 1 with each. */
export function batchOf(
  signal: Signal,
  payload: Uint8Array,
  options: Partial<Envelope> & { readonly sequence?: number } = {},
): Batch {
  const { sequence = 1, ...envelope } = options
  const receivedAtMs = options.receivedAtMs ?? Date.now()
  return {
    payload,
    envelope: {
      signal,
      format: 'otlp',
      items: options.format === 'remote-write-2' ? 0 : countItems(signal, payload),
      identity: TEST_IDENTITY,
      id: { edge: 'prd-uaenorth/0', epoch: 'e1', first: sequence, last: sequence },
      collectedAtMs: receivedAtMs,
      receivedAtMs,
      ...envelope,
    },
  }
}

/** A batch of the OTLP request that the data describes, in protobuf's words (`resourceLogs`, …). */
export function otlpBatch(
  signal: Signal,
  request: object,
  options: Partial<Envelope> & { readonly sequence?: number } = {},
): Batch {
  const type = OTLP_REQUEST_TYPES[signal]
  return batchOf(signal, type.encode(type.fromObject(request)).finish(), options)
}

/** Batches of whatever OTLP can say. Half of the times are within seconds of `nowMs`, the others anywhere. */
export function arbitraryBatch(signal: Signal, nowMs: number): fc.Arbitrary<Batch> {
  const type = OTLP_REQUEST_TYPES[signal]
  return arbitraryMessage(type, { depth: 7 }).map((request) => otlpBatch(signal, bringNear(request, nowMs) as object))
}

function bringNear(value: unknown, nowMs: number): unknown {
  if (Array.isArray(value)) return value.map((inner) => bringNear(inner, nowMs))
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (!key.endsWith('UnixNano') || typeof inner !== 'string') return [key, bringNear(inner, nowMs)]
      const number = BigInt(inner)
      return [key, number % 2n === 0n ? ns(nowMs - Number(number % 10_000n)) : inner]
    }),
  )
}

/** Nanoseconds as protobufjs wants them. */
export function ns(ms: number): string {
  return `${String(ms)}000000`
}
