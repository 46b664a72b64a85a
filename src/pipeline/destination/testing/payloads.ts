import fc from 'fast-check'
import type { Batch, Envelope, Identity, Signal } from '../../../model/index.ts'
import { countItems } from '../../../wire/otlp/index.ts'
import { arbitraryMessage } from '../../../wire/testing/arbitrary-message.ts'
import { OTLP_REQUEST_TYPES, otlpType } from '../../../wire/testing/otlp-proto.ts'

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

/** The three levels of a request, and the type of what it holds. */
const LEVELS: Readonly<Record<Signal, readonly [resources: string, scopes: string, items: string, type: string]>> = {
  metrics: ['resourceMetrics', 'scopeMetrics', 'metrics', 'Metric'],
  logs: ['resourceLogs', 'scopeLogs', 'logRecords', 'LogRecord'],
  traces: ['resourceSpans', 'scopeSpans', 'spans', 'Span'],
}

/** Batches of whatever OTLP can say; some of the times are within seconds of `nowMs`, the others anywhere. */
export function arbitraryBatch(signal: Signal, nowMs: number): fc.Arbitrary<Batch> {
  const [resources, scopes, items, type] = LEVELS[signal]
  // Requests that are random from their top are mostly empty at some level.
  const full = fc.record({
    resource: arbitraryMessage(otlpType('Resource'), { depth: 3 }),
    scope: arbitraryMessage(otlpType('InstrumentationScope'), { depth: 3 }),
    items: fc.array(arbitraryMessage(otlpType(type), { depth: 4 }), { minLength: 1, maxLength: 4 }),
  })
  const requests = fc.oneof(
    arbitraryMessage(OTLP_REQUEST_TYPES[signal], { depth: 7 }),
    full.map((of) => ({
      [resources]: [{ resource: of.resource, [scopes]: [{ scope: of.scope, [items]: of.items }] }],
    })),
  )
  return requests.map((request) => otlpBatch(signal, bringNear(request, nowMs) as object))
}

/** Moves random values to where they mean something. */
function bringNear(value: unknown, nowMs: number): unknown {
  if (Array.isArray(value)) return value.map((inner) => bringNear(inner, nowMs))
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key.endsWith('UnixNano') && typeof inner === 'string') {
        return [key, ns(nowMs - Number(BigInt(inner) % 10_000n))]
      }
      if (key === 'aggregationTemporality' && typeof inner === 'number') return [key, Math.abs(inner) % 4]
      if (key === 'flags' && typeof inner === 'number') return [key, inner % 4 === 1 ? inner : 0]
      return [key, bringNear(inner, nowMs)]
    }),
  )
}

/** Nanoseconds as protobufjs wants them. */
export function ns(ms: number): string {
  return `${String(ms)}000000`
}
