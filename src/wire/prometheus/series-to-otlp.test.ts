import { describe, expect, it } from 'vitest'
import type { Identity } from '../../model/index.ts'
import type { MetricType } from '../metric-type.ts'
import { checkOtlp } from '../otlp/index.ts'
import { readMetricPoints, toPlainText } from '../otlp/read/index.ts'
import { RemoteWriteWriter } from '../remote-write/index.ts'
import { seriesToOtlp } from './index.ts'

const DEV: Identity = { cluster: 'dev', environment: 'e', region: 'r', clusterType: 'workload', tenant: 't' }
const TARGET = ['instance', 'i', 'job', 'j']

type Sample = number | 'stale'

function request(
  ...series: readonly (readonly [
    name: string,
    type: MetricType,
    labels: readonly string[],
    values: readonly Sample[],
  ])[]
): Uint8Array {
  const writer = new RemoteWriteWriter()
  for (const [name, type, labels, values] of series) {
    writer.beginSeries(['__name__', name, ...labels, ...TARGET])
    for (const [i, value] of values.entries()) {
      if (value === 'stale') writer.staleMarker(1_000 * (i + 1))
      else writer.sample(value, 1_000 * (i + 1), type === 'counter' ? 500 : undefined)
    }
    writer.metadata(type, `help ${name}`, '')
    writer.endSeries()
  }
  return writer.finish()
}

/** Without what all of them have. */
function pointsOf(payload: Uint8Array): unknown[] {
  return [...readMetricPoints(payload)].map(({ kind, metric, point }) => {
    const { attributes, flags, ...rest } = point
    const plain = Object.fromEntries([...attributes].map(([name, value]) => [name, toPlainText(value)]))
    return {
      kind,
      name: metric.name,
      monotonic: metric.monotonic,
      attributes: plain,
      ...(flags === 0 ? {} : { flags }),
      ...rest,
    }
  })
}

describe('seriesToOtlp', () => {
  it('puts the target, what target_info says and the sender on the resource', () => {
    const { payload, items } = seriesToOtlp(
      request(['target_info', 'gauge', ['host_name', 'h'], [1]], ['up', 'gauge', [], [1]]),
      DEV,
    )
    const [point] = [...readMetricPoints(payload)]
    expect(
      Object.fromEntries([...(point?.resource.attributes ?? [])].map(([name, value]) => [name, toPlainText(value)])),
    ).toEqual({
      'service.name': 'j',
      'service.instance.id': 'i',
      'k8s.cluster.name': 'dev',
      'deployment.environment.name': 'e',
      'cloud.region': 'r',
      cluster_type: 'workload',
      tenant_id: 't',
      host_name: 'h',
    })
    expect(items).toBe(1)
    expect(checkOtlp('metrics', payload)).toBe(1)
  })

  it('makes counters sums with their beginning, gauges of the rest, and marks what has ended', () => {
    const { payload } = seriesToOtlp(request(['c_total', 'counter', [], [5]], ['g', 'unknown', [], [1, 'stale']]), DEV)
    expect(pointsOf(payload)).toMatchObject([
      { kind: 'sum', name: 'c_total', monotonic: true, value: 5, startTimeNs: 500_000_000n, timeNs: 1_000_000_000n },
      { kind: 'gauge', name: 'g', value: 1 },
      { kind: 'gauge', name: 'g', value: undefined, flags: 1 },
    ])
  })

  it.each(['histogram', 'unknown'] as const)(
    'makes one point of a whole classic histogram whose type is %s',
    (type) => {
      const { payload, items } = seriesToOtlp(
        request(
          ['h_bucket', type, ['le', '1', 'a', 'x'], [2, 3]],
          ['h_bucket', type, ['le', '0.5', 'a', 'x'], [1, 1]],
          ['h_bucket', type, ['le', '+Inf', 'a', 'x'], [4, 6]],
          ['h_count', type, ['a', 'x'], [4, 6]],
          ['h_sum', type, ['a', 'x'], [7.5, 9]],
        ),
        DEV,
      )
      expect(items).toBe(2)
      expect(pointsOf(payload)).toMatchObject([
        {
          kind: 'histogram',
          name: 'h',
          attributes: { a: 'x' },
          count: 4n,
          sum: 7.5,
          bounds: [0.5, 1],
          bucketCounts: [1n, 1n, 2n],
        },
        { count: 6n, sum: 9, bucketCounts: [1n, 2n, 3n] },
      ])
    },
  )

  it('sends the parts of a torn histogram as they are, and summaries as summaries', () => {
    const { payload } = seriesToOtlp(
      request(
        ['h_bucket', 'histogram', ['le', '1'], [2]],
        ['h_sum', 'histogram', [], [3]],
        ['s', 'summary', ['quantile', '0.9'], [0.5]],
        ['s_sum', 'summary', [], [8]],
        ['s_count', 'summary', [], [2]],
      ),
      DEV,
    )
    expect(pointsOf(payload)).toMatchObject([
      { kind: 'sum', name: 'h_bucket', monotonic: true, attributes: { le: '1' }, value: 2 },
      { kind: 'sum', name: 'h_sum', monotonic: false, value: 3 },
      { kind: 'summary', name: 's', count: 2n, sum: 8, quantiles: [{ quantile: 0.9, value: 0.5 }] },
    ])
  })

  it('makes exponential and explicit histograms of native ones, and names those that OTLP has no form for', () => {
    const writer = new RemoteWriteWriter()
    const base = { timestampMs: 1_000, zeroThreshold: 0.001, sum: 5, negativeSpans: [] as const }
    const integers = {
      kind: 'integer',
      count: 7n,
      zeroCount: 1n,
      negativeDeltas: [],
      positiveDeltas: [2n, -1n, 2n],
    } as const
    const spans = [
      { offset: -1, length: 2 },
      { offset: 1, length: 1 },
    ]
    const histograms = [
      { ...base, schema: 3, resetHint: 'unspecified', positiveSpans: spans, counts: integers },
      {
        ...base,
        schema: -53,
        resetHint: 'unspecified',
        positiveSpans: [{ offset: 0, length: 3 }],
        counts: { ...integers, count: 6n, zeroCount: 0n },
        customValues: [1, 2],
      },
      { ...base, schema: 0, resetHint: 'gauge', positiveSpans: spans, counts: integers },
      {
        ...base,
        schema: 0,
        resetHint: 'unspecified',
        positiveSpans: [{ offset: 0, length: 1 }],
        counts: { kind: 'float', count: 0.5, zeroCount: 0, negativeCounts: [], positiveCounts: [0.5] },
      },
    ] as const
    for (const [i, histogram] of histograms.entries()) {
      writer.beginSeries(['__name__', `n${String(i)}`])
      writer.histogram(histogram)
      writer.endSeries()
    }
    const { payload, undelivered } = seriesToOtlp(writer.finish(), DEV)
    expect(pointsOf(payload)).toMatchObject([
      {
        kind: 'exponential-histogram',
        scale: 3,
        count: 7n,
        zeroCount: 1n,
        zeroThreshold: 0.001,
        positive: { offset: -2, counts: [2n, 1n, 0n, 3n] },
      },
      { kind: 'histogram', bounds: [1, 2], bucketCounts: [2n, 1n, 3n] },
    ])
    expect(undelivered).toEqual([
      { reason: 'gauge_histogram', items: 1 },
      { reason: 'float_histogram', items: 1 },
    ])
  })
})
