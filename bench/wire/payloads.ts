import type { Signal } from '../../src/model/index.ts'
import { encodePush, encodePushJson, type PlainStream } from '../../src/wire/testing/logproto.ts'
import { OTLP_REQUEST_TYPES, toPlain } from '../../src/wire/testing/otlp-proto.ts'
import { encodeRequest2, encodeWriteRequest, type PlainSeries } from '../../src/wire/testing/prompb.ts'

/** A request as senders make it, and how many spans, points, records, samples or lines it holds. */
export interface Payload {
  readonly bytes: Uint8Array
  readonly items: number
}

const START_NS = 1_767_609_000_000_000_000n

const attribute = (key: string, stringValue: string): unknown => ({ key, value: { stringValue } })
const attributes = (i: number, count: number): readonly unknown[] =>
  Array.from({ length: count }, (_, n) => attribute(`http.attribute.${n}`, n % 2 === 0 ? `value ${i * n}` : 'GET'))
const resource = {
  attributes: [
    attribute('service.name', 'checkout'),
    attribute('k8s.pod.name', 'checkout-7d9f8b6c5d-x2x4z'),
    attribute('k8s.namespace.name', 'shop'),
  ],
}
const text = (i: number, length: number): string =>
  `level=info ts=${i} caller=server.go:${i % 900} msg="request finished" path=/api/v1/items/${i % 97} `
    .repeat(4)
    .slice(0, length)
const id = (i: number, bytes: number): Uint8Array => Buffer.alloc(bytes, `id-${i}-${bytes}`)

const REQUESTS: Readonly<Record<Signal, { readonly items: number; readonly request: unknown }>> = {
  // As in PERFORMANCE: 512 spans of 10 attributes, 1,000 points of 4, 1,000 records of 5 and a body of 190 bytes.
  traces: {
    items: 512,
    request: {
      resourceSpans: [
        {
          resource,
          scopeSpans: [
            {
              scope: { name: 'http' },
              spans: Array.from({ length: 512 }, (_, i) => ({
                traceId: id(i, 16),
                spanId: id(i, 8),
                parentSpanId: id(i + 1, 8),
                name: `GET /api/v1/items/${i % 97}`,
                kind: 2,
                startTimeUnixNano: String(START_NS + BigInt(i)),
                endTimeUnixNano: String(START_NS + BigInt(i) + 12_000_000n),
                attributes: attributes(i, 10),
                status: { code: 1 },
              })),
            },
          ],
        },
      ],
    },
  },
  metrics: {
    items: 1_000,
    request: {
      resourceMetrics: [
        {
          resource,
          scopeMetrics: [
            {
              scope: { name: 'http' },
              metrics: Array.from({ length: 10 }, (_, m) => ({
                name: `http.server.requests.${m}`,
                unit: '1',
                sum: {
                  aggregationTemporality: 2,
                  isMonotonic: true,
                  dataPoints: Array.from({ length: 100 }, (_, i) => ({
                    timeUnixNano: String(START_NS),
                    startTimeUnixNano: String(START_NS - 60_000_000_000n),
                    asDouble: i * 1.5,
                    attributes: attributes(i, 4),
                  })),
                },
              })),
            },
          ],
        },
      ],
    },
  },
  logs: {
    items: 1_000,
    request: {
      resourceLogs: [
        {
          resource,
          scopeLogs: [
            {
              scope: { name: 'app' },
              logRecords: Array.from({ length: 1_000 }, (_, i) => ({
                timeUnixNano: String(START_NS + BigInt(i)),
                observedTimeUnixNano: String(START_NS + BigInt(i)),
                severityNumber: 9,
                severityText: 'INFO',
                body: { stringValue: text(i, 190) },
                attributes: attributes(i, 5),
              })),
            },
          ],
        },
      ],
    },
  },
}

export function otlpPayload(signal: Signal): Payload {
  const { items, request } = REQUESTS[signal]
  const type = OTLP_REQUEST_TYPES[signal]
  return { items, bytes: type.encode(type.fromObject(request as Record<string, unknown>)).finish() }
}

const HEX_KEYS = new Set(['traceId', 'spanId', 'parentSpanId'])

export function otlpJsonPayload(signal: Signal): Payload {
  const { items, bytes } = otlpPayload(signal)
  const plain = toPlain(OTLP_REQUEST_TYPES[signal], bytes)
  const json = JSON.stringify(plain, (key, value: unknown) =>
    HEX_KEYS.has(key) ? Buffer.from(String(value), 'base64').toString('hex') : value,
  )
  return { items, bytes: Buffer.from(json) }
}

const SERIES: readonly PlainSeries[] = Array.from({ length: 2_000 }, (_, i) => ({
  labels: [
    ['__name__', 'http_requests_total'],
    ['cluster', 'prd-uaenorth'],
    ['instance', `10.0.${i >> 6}.${i % 64}:9100`],
    ['job', 'node'],
    ['method', 'GET'],
    ['path', `/api/v1/items/${i % 97}`],
  ],
  samples: [{ value: i * 1.37, timestamp: '1767609000000' }],
}))

export const remoteWrite1 = (): Payload => ({ items: SERIES.length, bytes: encodeWriteRequest(SERIES) })
export const remoteWrite2 = (): Payload => ({ items: SERIES.length, bytes: encodeRequest2(SERIES) })

const STREAMS: readonly PlainStream[] = Array.from({ length: 10 }, (_, s) => ({
  labels: { namespace: 'shop', pod: `checkout-${s}`, container: 'app', level: 'info' },
  entries: Array.from({ length: 100 }, (_, i) => ({
    ns: String(START_NS + BigInt(i)),
    line: text(i, 190),
    metadata: { trace_id: Buffer.from(id(i, 16)).toString('hex') },
  })),
}))

export const lokiProto = (): Payload => ({ items: 1_000, bytes: encodePush(STREAMS) })
export const lokiJson = (): Payload => ({ items: 1_000, bytes: encodePushJson(STREAMS) })

export function bulk(): Payload {
  const lines = Array.from({ length: 1_000 }, (_, i) => [
    JSON.stringify({ create: { _index: 'filebeat-8.11.0', _id: `id-${i}` } }),
    JSON.stringify({
      '@timestamp': '2026-01-05T10:30:00.123Z',
      message: text(i, 190),
      log: { offset: i, file: { path: '/var/log/pods/shop_checkout/app/0.log' }, level: 'info' },
      kubernetes: { namespace: 'shop', pod: { name: `checkout-${i % 10}` }, container: { name: 'app' } },
      host: { name: 'node-1' },
      agent: { type: 'filebeat', version: '8.11.0', name: 'node-1' },
      ecs: { version: '8.0.0' },
      input: { type: 'container' },
    }),
  ])
  return { items: 1_000, bytes: Buffer.from(`${lines.flat().join('\n')}\n`) }
}

export function criLines(): Payload {
  const lines = Array.from({ length: 1_000 }, (_, i) => `2026-01-02T03:04:05.678901234Z stdout F ${text(i, 190)}`)
  return { items: 1_000, bytes: Buffer.from(`${lines.join('\n')}\n`) }
}
