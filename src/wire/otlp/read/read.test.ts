import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../../core/index.ts'
import { type Signal, SIGNALS } from '../../../model/index.ts'
import { arbitraryMessage } from '../../testing/arbitrary-message.ts'
import { mutateBytes } from '../../testing/mutate.ts'
import { OTLP_REQUEST_TYPES, otlpType, toPlain } from '../../testing/otlp-proto.ts'
import { countItems } from '../index.ts'
import type { AnyValue } from './any-value.ts'
import { readLogs, readMetricPoints, readSpans } from './index.ts'

type Plain = Readonly<Record<string, unknown>>

function messages(value: unknown): readonly Plain[] {
  return (value ?? []) as readonly Plain[]
}
function message(value: unknown): Plain {
  return (value ?? {}) as Plain
}
function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
function big(value: unknown): bigint {
  return BigInt(text(value) === '' ? 0 : text(value))
}
function number(value: unknown): number {
  return typeof value === 'number' ? value : 0
}
function hex(value: unknown): string {
  return Buffer.from(text(value), 'base64').toString('hex')
}

/** What protobufjs read, as our readers show it. */
function toAny(value: unknown): AnyValue {
  const any = message(value)
  if ('stringValue' in any) return { kind: 'string', value: text(any['stringValue']) }
  if ('boolValue' in any) return { kind: 'bool', value: any['boolValue'] === true }
  if ('intValue' in any) return { kind: 'int', value: big(any['intValue']) }
  if ('doubleValue' in any) return { kind: 'double', value: number(any['doubleValue']) }
  if ('bytesValue' in any)
    return { kind: 'bytes', value: new Uint8Array(Buffer.from(text(any['bytesValue']), 'base64')) }
  if ('arrayValue' in any) {
    return { kind: 'array', values: messages(message(any['arrayValue'])['values']).map(toAny) }
  }
  if ('kvlistValue' in any) {
    const entries = messages(message(any['kvlistValue'])['values'])
    return { kind: 'map', entries: entries.map(({ key, value: inner }) => [text(key), toAny(inner)] as const) }
  }
  return { kind: 'none' }
}

function toMap(attributes: unknown): ReadonlyMap<string, AnyValue> {
  return new Map(messages(attributes).map(({ key, value }) => [text(key), toAny(value)]))
}

function toItems(signal: Signal, request: Plain, read: (item: Plain) => unknown): unknown[] {
  const [perResource, perScope, items] = {
    metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
    logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
    traces: ['resourceSpans', 'scopeSpans', 'spans'],
  }[signal] as [string, string, string]
  return messages(request[perResource]).flatMap((of) =>
    messages(of[perScope]).flatMap((scoped) =>
      messages(scoped[items]).flatMap((item) => {
        const scope = message(scoped['scope'])
        const place = {
          resource: { attributes: toMap(message(of['resource'])['attributes']), schemaUrl: text(of['schemaUrl']) },
          scope: {
            name: text(scope['name']),
            version: text(scope['version']),
            attributes: toMap(scope['attributes']),
          },
        }
        const found = read(item)
        return Array.isArray(found)
          ? found.map((one: object) => ({ ...place, ...one }))
          : [{ ...place, ...(found as object) }]
      }),
    ),
  )
}

const toLog = (record: Plain): unknown => ({
  record: {
    timeNs: big(record['timeUnixNano']),
    observedTimeNs: big(record['observedTimeUnixNano']),
    severityNumber: number(record['severityNumber']),
    severityText: text(record['severityText']),
    eventName: text(record['eventName']),
    body: toAny(record['body']),
    attributes: toMap(record['attributes']),
    droppedAttributes: number(record['droppedAttributesCount']),
    flags: number(record['flags']),
    traceId: hex(record['traceId']),
    spanId: hex(record['spanId']),
  },
})

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']
const CODES = ['unset', 'ok', 'error']

const toSpan = (span: Plain): unknown => ({
  span: {
    traceId: hex(span['traceId']),
    spanId: hex(span['spanId']),
    parentSpanId: hex(span['parentSpanId']),
    traceState: text(span['traceState']),
    name: text(span['name']),
    kind: KINDS[number(span['kind'])] ?? 'unspecified',
    startTimeNs: big(span['startTimeUnixNano']),
    endTimeNs: big(span['endTimeUnixNano']),
    attributes: toMap(span['attributes']),
    events: messages(span['events']).map((event) => ({
      timeNs: big(event['timeUnixNano']),
      name: text(event['name']),
      attributes: toMap(event['attributes']),
    })),
    links: messages(span['links']).map((link) => ({
      traceId: hex(link['traceId']),
      spanId: hex(link['spanId']),
      traceState: text(link['traceState']),
      attributes: toMap(link['attributes']),
    })),
    statusCode: CODES[number(message(span['status'])['code'])] ?? 'unset',
    statusMessage: text(message(span['status'])['message']),
    flags: number(span['flags']),
    droppedAttributes: number(span['droppedAttributesCount']),
    droppedEvents: number(span['droppedEventsCount']),
    droppedLinks: number(span['droppedLinksCount']),
  },
})

function toValue(of: Plain): number | bigint | undefined {
  if ('asInt' in of) return big(of['asInt'])
  return 'asDouble' in of ? number(of['asDouble']) : undefined
}

function toHead(point: Plain): Plain {
  return {
    attributes: toMap(point['attributes']),
    startTimeNs: big(point['startTimeUnixNano']),
    timeNs: big(point['timeUnixNano']),
    flags: number(point['flags']),
    exemplars: messages(point['exemplars']).map((exemplar) => ({
      timeNs: big(exemplar['timeUnixNano']),
      value: toValue(exemplar) ?? 0,
      traceId: hex(exemplar['traceId']),
      spanId: hex(exemplar['spanId']),
      attributes: toMap(exemplar['filteredAttributes']),
    })),
  }
}

const longs = (value: unknown): bigint[] => messages(value).map(big)
const toBuckets = (value: unknown): Plain => ({
  offset: number(message(value)['offset']),
  counts: longs(message(value)['bucketCounts']),
})
const toTotals = (point: Plain): Plain => ({
  count: big(point['count']),
  sum: point['sum'],
  min: point['min'],
  max: point['max'],
})

const POINTS: Readonly<Record<string, readonly [kind: string, toPoint: (point: Plain) => Plain]>> = {
  gauge: ['gauge', (point) => ({ value: toValue(point) })],
  sum: ['sum', (point) => ({ value: toValue(point) })],
  histogram: [
    'histogram',
    (point) => ({
      ...toTotals(point),
      bucketCounts: longs(point['bucketCounts']),
      bounds: messages(point['explicitBounds']),
    }),
  ],
  exponentialHistogram: [
    'exponential-histogram',
    (point) => ({
      ...toTotals(point),
      scale: number(point['scale']),
      zeroCount: big(point['zeroCount']),
      zeroThreshold: number(point['zeroThreshold']),
      positive: toBuckets(point['positive']),
      negative: toBuckets(point['negative']),
    }),
  ],
  summary: [
    'summary',
    (point) => ({
      count: big(point['count']),
      sum: number(point['sum']),
      quantiles: messages(point['quantileValues']).map(({ quantile, value }) => ({
        quantile: number(quantile),
        value: number(value),
      })),
    }),
  ],
}

const TEMPORALITIES = ['unspecified', 'delta', 'cumulative']

const toMetricPoints = (metric: Plain): unknown =>
  Object.entries(POINTS).flatMap(([key, [kind, toPoint]]) => {
    const part = message(metric[key])
    return messages(part['dataPoints']).map((point) => ({
      metric: {
        name: text(metric['name']),
        description: text(metric['description']),
        unit: text(metric['unit']),
        metadata: toMap(metric['metadata']),
        temporality: TEMPORALITIES[number(part['aggregationTemporality'])] ?? 'unspecified',
        monotonic: part['isMonotonic'] === true,
      },
      kind,
      point: { ...toHead(point), ...toPoint(point) },
    }))
  })

const READERS = {
  metrics: { read: readMetricPoints, expected: toMetricPoints },
  logs: { read: readLogs, expected: toLog },
  traces: { read: readSpans, expected: toSpan },
}

/** Bytes as plain arrays: a Buffer and a Uint8Array of the same content are not equal for the test. */
function comparable(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (value instanceof Map) return [...value.entries()].map(comparable)
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, comparable(inner)]))
}

describe.each(SIGNALS)('the reader of OTLP %s', (signal) => {
  const type = OTLP_REQUEST_TYPES[signal]
  const { read, expected } = READERS[signal]

  it('reads what protobufjs reads', () => {
    fc.assert(
      fc.property(arbitraryMessage(type, { depth: 7 }), (data) => {
        const bytes = type.encode(type.fromObject(data)).finish()
        const items = [...read(bytes)]
        expect(comparable(items)).toEqual(comparable(toItems(signal, toPlain(type, bytes), expected)))
        expect(items).toHaveLength(countItems(signal, bytes))
      }),
      { numRuns: 300 },
    )
  })

  it('refuses damaged bytes with an error of its own, and never hangs', () => {
    const samples = fc
      .sample(arbitraryMessage(type, { depth: 6 }), { numRuns: 40, seed: 7 })
      .map((data) => type.encode(type.fromObject(data)).finish())
      .filter((bytes) => bytes.length > 8)
    let refused = 0
    for (let seed = 0; seed < 2_000; seed++) {
      try {
        for (const item of read(mutateBytes(samples, seed))) expect(item).toBeDefined()
      } catch (reason) {
        refused += 1
        expect(reason).toBeInstanceOf(AppError)
        expect((reason as AppError).code).toBe('invalid')
      }
    }
    expect(refused).toBeGreaterThan(100)
  })
})

describe('the readers', () => {
  it('know the resource, its later pieces and the totals of a metric wherever they stand', () => {
    const attribute = (key: string, value: string): Plain => ({ key, value: { stringValue: value } })
    const encode = (name: string, data: Plain): Buffer => {
      const type = otlpType(name)
      return Buffer.from(type.encode(type.fromObject(data)).finish())
    }
    const field = (number_: number, body: Uint8Array): Buffer =>
      Buffer.concat([Buffer.from([(number_ << 3) | 2, body.length]), body])
    const point = encode('NumberDataPoint', { asInt: '5' })
    const sum = Buffer.concat([field(1, point), encode('Sum', { aggregationTemporality: 1, isMonotonic: true })])
    const metric = Buffer.concat([field(7, sum), encode('Metric', { name: 'late', unit: 'By' })])
    const scoped = Buffer.concat([field(2, metric), encode('ScopeMetrics', { scope: { name: 'lib' } })])
    const request = field(
      1,
      Buffer.concat([
        field(2, scoped),
        encode('ResourceMetrics', { resource: { attributes: [attribute('a', 'before'), attribute('b', 'kept')] } }),
        encode('ResourceMetrics', { resource: { attributes: [attribute('a', 'after')] } }),
      ]),
    )
    const [only, ...others] = [...readMetricPoints(request)]
    expect(others).toEqual([])
    expect(only?.metric).toMatchObject({ name: 'late', unit: 'By', temporality: 'delta', monotonic: true })
    expect(only?.scope.name).toBe('lib')
    expect([...(only?.resource.attributes ?? [])]).toEqual([
      ['a', { kind: 'string', value: 'after' }],
      ['b', { kind: 'string', value: 'kept' }],
    ])
  })
})
