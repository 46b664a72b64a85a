import { describe, expect, it } from 'vitest'
import { RemoteWriteWriter } from '../remote-write/index.ts'
import { otlpType } from '../testing/otlp-proto.ts'
import { type MeasuredPoint, readMeasures } from './index.ts'

function measureOne(metric: object): MeasuredPoint | undefined {
  const type = otlpType('MetricsRequest')
  const request = type.fromObject({ resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', ...metric }] }] }] })
  return [...readMeasures('otlp', type.encode(request).finish())][0]
}

function measureSeries(write: (writer: RemoteWriteWriter) => void): MeasuredPoint | undefined {
  const writer = new RemoteWriteWriter()
  write(writer)
  writer.endSeries()
  return [...readMeasures('remote-write-2', writer.finish())][0]
}

const CUMULATIVE = 2

describe('readMeasures of OTLP', () => {
  it.each([
    ['a gauge', { gauge: { dataPoints: [{ asDouble: 1.5 }] } }, [{ part: '', value: 1.5, nature: 'gauge' }]],
    [
      'a cumulative counter',
      { sum: { dataPoints: [{ asInt: '7' }], aggregationTemporality: CUMULATIVE, isMonotonic: true } },
      [{ part: '', value: 7, nature: 'cumulative' }],
    ],
    [
      'a cumulative sum that may fall',
      { sum: { dataPoints: [{ asInt: '-7' }], aggregationTemporality: CUMULATIVE } },
      [{ part: '', value: -7, nature: 'gauge' }],
    ],
    [
      'a delta sum',
      { sum: { dataPoints: [{ asInt: '7' }], aggregationTemporality: 1 } },
      [{ part: '', value: 7, nature: 'delta' }],
    ],
    [
      'a summary',
      { summary: { dataPoints: [{ count: '4', sum: 8, quantileValues: [{ quantile: 0.5, value: 2 }] }] } },
      [
        { part: 'count', value: 4, nature: 'cumulative' },
        { part: 'sum', value: 8, nature: 'cumulative' },
        { part: 'quantile', value: 2, nature: 'gauge', quantile: 0.5 },
      ],
    ],
  ])('tells %s', (_what, metric, measures) => {
    expect(measureOne(metric)?.measures).toEqual(measures)
  })

  it.each([
    ['no_value', { gauge: { dataPoints: [{ asDouble: 1, flags: 1 }] } }],
    ['no_value', { gauge: { dataPoints: [{}] } }],
    ['not_a_number', { gauge: { dataPoints: [{ asDouble: NaN }] } }],
    ['no_temporality', { sum: { dataPoints: [{ asInt: '1' }], isMonotonic: true } }],
    ['no_temporality', { histogram: { dataPoints: [{ count: '1' }] } }],
  ])('says %s', (problem, metric) => {
    expect(measureOne(metric)).toMatchObject({ problem, measures: [] })
  })

  it('tells the buckets of a histogram, from the lowest up', () => {
    const point = { count: '6', sum: 9, min: 0.5, max: 4, bucketCounts: ['1', '0', '5'], explicitBounds: [1, 2] }
    const measured = measureOne({ histogram: { dataPoints: [point], aggregationTemporality: 1 } })
    expect(measured?.buckets).toEqual([
      { lower: -Infinity, upper: 1, count: 1 },
      { lower: 2, upper: Infinity, count: 5 },
    ])
    expect(measured?.measures.map(({ part }) => part)).toEqual(['count', 'sum', 'min', 'max'])
  })

  it('tells the buckets of an exponential histogram on both sides of zero', () => {
    const point = {
      count: '10',
      scale: 0,
      zeroCount: '3',
      zeroThreshold: 0.25,
      positive: { offset: 1, bucketCounts: ['4'] },
      negative: { offset: -1, bucketCounts: ['1', '2'] },
    }
    const measured = measureOne({ exponentialHistogram: { dataPoints: [point], aggregationTemporality: 2 } })
    expect(measured?.buckets).toEqual([
      { lower: -2, upper: -1, count: 2 },
      { lower: -1, upper: -0.5, count: 1 },
      { lower: -0.25, upper: 0.25, count: 3 },
      { lower: 2, upper: 4, count: 4 },
    ])
  })
})

describe('readMeasures of remote write', () => {
  it.each([
    ['counter', 'http_requests_total', 'cumulative'],
    ['counter', 'http_requests_created', 'gauge'],
    ['gauge', 'up', 'gauge'],
    ['histogram', 'latency_bucket', 'cumulative'],
    ['summary', 'latency_count', 'cumulative'],
    ['summary', 'latency', 'gauge'],
    ['unknown', 'things_total', 'cumulative'],
    ['unknown', 'things', 'gauge'],
  ] as const)('takes a %s named %s as %s', (type, name, nature) => {
    const measured = measureSeries((writer) => {
      writer.beginSeries(['__name__', name, 'job', 'a'])
      writer.sample(3, 1_000)
      writer.metadata(type, '', '')
    })
    expect(measured).toMatchObject({ name, timeMs: 1_000, measures: [{ value: 3, nature }], problem: undefined })
    expect([...(measured?.attributes ?? [])]).toEqual([['job', 'a']])
  })

  it('finds no value in a stale marker, and no number in a NaN', () => {
    const begin = (writer: RemoteWriteWriter): void => writer.beginSeries(['__name__', 'up'])
    expect(
      measureSeries((writer) => {
        begin(writer)
        writer.staleMarker(1)
      }),
    ).toMatchObject({ problem: 'no_value', measures: [] })
    expect(
      measureSeries((writer) => {
        begin(writer)
        writer.sample(NaN, 1)
      }),
    ).toMatchObject({ problem: 'not_a_number', measures: [] })
  })

  it('tells the buckets of native histograms', () => {
    const measured = measureSeries((writer) => {
      writer.beginSeries(['__name__', 'latency'])
      writer.histogram({
        timestampMs: 5,
        schema: 0,
        zeroThreshold: 0.001,
        sum: 10,
        resetHint: 'unspecified',
        negativeSpans: [],
        positiveSpans: [
          { offset: 1, length: 2 },
          { offset: 2, length: 1 },
        ],
        counts: { kind: 'integer', count: 7n, zeroCount: 1n, negativeDeltas: [], positiveDeltas: [1n, 1n, 1n] },
      })
    })
    expect(measured?.buckets).toEqual([
      { lower: -0.001, upper: 0.001, count: 1 },
      { lower: 1, upper: 2, count: 1 },
      { lower: 2, upper: 4, count: 2 },
      { lower: 16, upper: 32, count: 3 },
    ])
    expect(measured?.measures).toMatchObject([
      { part: 'count', value: 7, nature: 'cumulative' },
      { part: 'sum', value: 10, nature: 'cumulative' },
    ])
  })
})
