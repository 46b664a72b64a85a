import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { STALE_NAN_BYTES } from '../../model/index.ts'
import { type ChdbStore, openChdbStore } from '../native/testing/chdb-store.ts'
import { DEV_LABELS, insertAll, NOW_MS, ns, otlpRecord, remoteWriteRecord, type TestSeries } from './testing/records.ts'
import { Transcoder } from './transcoder.ts'

let store: ChdbStore
beforeAll(async () => {
  store = await openChdbStore()
})
afterAll(() => store.close())
beforeEach(() => {
  for (const table of ['series', 'samples', 'histograms', 'exemplars', 'metric_metadata']) {
    store.run(`USE fleetglass; TRUNCATE TABLE ${table}`)
  }
})

let tokens = 0
async function write(series: readonly TestSeries[]): Promise<Readonly<Record<string, number>>> {
  const transcoded = new Transcoder({}).transcode([remoteWriteRecord(series)])
  await insertAll(store, transcoded, `t${String(tokens++)}`)
  expect(transcoded.outcomes[0]?.error).toBeUndefined()
  return Object.fromEntries(transcoded.outcomes[0]?.rejected ?? [])
}

const named = (name: string, ...labels: (readonly [string, string])[]): TestSeries['labels'] => [
  ['__name__', name],
  ...labels,
]

describe('remote write 2.0', () => {
  it('writes samples with their bits, whatever the hour', async () => {
    const stale = new Float64Array(STALE_NAN_BYTES.slice().buffer)[0] ?? 0
    const samples = [
      { value: 1.5, timestamp: NOW_MS },
      { value: stale, timestamp: NOW_MS + 1 },
      { value: -0, timestamp: NOW_MS - 7_200_000 },
      { value: 0, timestamp: 0 },
    ]
    const rejected = await write([{ labels: named('up', ['job', 'node'], ['empty', '']), samples }])
    expect(rejected).toEqual({})
    expect(
      store.select(`SELECT toUnixTimestamp64Milli(time) AS at, hex(reinterpretAsUInt64(value)) AS bits, version
        FROM samples ORDER BY at`),
    ).toEqual([
      { at: '0', bits: '00', version: '1' },
      { at: String(NOW_MS - 7_200_000), bits: '8000000000000000', version: '1' },
      { at: String(NOW_MS), bits: '3FF8000000000000', version: '1' },
      { at: String(NOW_MS + 1), bits: '7FF0000000000002', version: '1' },
    ])
    expect(
      store.select(
        'SELECT name, any(labels) AS labels, min(toUnixTimestamp64Milli(first_seen)) <= 0 AS early FROM series GROUP BY name, id',
      ),
    ).toEqual([{ name: 'up', labels: { ...DEV_LABELS, job: 'node' }, early: 1 }])
  })

  it('gives a series the id that it has when it comes by OTLP', async () => {
    const otlp = otlpRecord('metrics', {
      resourceMetrics: [
        {
          scopeMetrics: [
            {
              metrics: [
                {
                  name: 'load',
                  gauge: {
                    dataPoints: [
                      {
                        timeUnixNano: ns(NOW_MS),
                        asDouble: 1,
                        attributes: [{ key: 'cpu', value: { stringValue: '0' } }],
                      },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
    })
    const remote = remoteWriteRecord([
      { labels: named('load', ['cluster', 'claimed'], ['cpu', '0']), samples: [{ value: 2, timestamp: NOW_MS + 1 }] },
    ])
    await insertAll(store, new Transcoder({}).transcode([otlp, remote]), 'both')
    expect(store.select('SELECT uniqExact(series) AS ids, count() AS rows FROM samples')).toEqual([
      { ids: '1', rows: '2' },
    ])
  })

  it('writes native histograms, integer and float, and refuses those that contradict themselves', async () => {
    const common = { sum: 3, schema: 1, zeroThreshold: 0.001, timestamp: NOW_MS }
    const integer = {
      ...common,
      countInt: 7,
      zeroCountInt: 1,
      resetHint: 2,
      positiveSpans: [
        { offset: -1, length: 2 },
        { offset: 3, length: 1 },
      ],
      positiveDeltas: [1, 1, -1],
      negativeSpans: [{ offset: 0, length: 1 }],
      negativeDeltas: [2],
    }
    const float = {
      ...common,
      schema: -53,
      countFloat: 2.5,
      zeroCountFloat: 0,
      positiveSpans: [{ offset: 0, length: 2 }],
      positiveCounts: [1, 1.5],
      customValues: [0.5],
      timestamp: NOW_MS + 1,
    }
    const broken = { ...integer, positiveDeltas: [1], timestamp: NOW_MS + 2 }
    const unknown = { ...integer, schema: 9, timestamp: NOW_MS + 3 }
    const rejected = await write([{ labels: named('h'), histograms: [integer, broken, unknown, float] }])
    expect(rejected).toEqual({ bad_histogram: 2 })
    expect(
      store.select('SELECT * EXCEPT (tenant_id, series, received, time, version) FROM histograms ORDER BY time'),
    ).toEqual([
      {
        schema: 1,
        reset_hint: 2,
        is_float: false,
        count: 7,
        sum: 3,
        zero_threshold: 0.001,
        zero_count: 1,
        positive_offsets: [-1, 3],
        positive_lengths: [2, 1],
        positive_counts: [1, 2, 1],
        negative_offsets: [0],
        negative_lengths: [1],
        negative_counts: [2],
        custom_values: [],
      },
      {
        schema: -53,
        reset_hint: 0,
        is_float: true,
        count: 2.5,
        sum: 3,
        zero_threshold: 0.001,
        zero_count: 0,
        positive_offsets: [0],
        positive_lengths: [2],
        positive_counts: [1, 1.5],
        negative_offsets: [],
        negative_lengths: [],
        negative_counts: [],
        custom_values: [0.5],
      },
    ])
  })

  it('writes exemplars and the metadata of families', async () => {
    const metadata = { type: 3, help: 'How long.', unit: 'seconds' }
    const samples = [{ value: 1, timestamp: NOW_MS }]
    const exemplars = [
      {
        labels: [
          ['trace_id', 'abc'],
          ['x', 'y'],
        ] as [string, string][],
        value: 0.5,
        timestamp: NOW_MS,
      },
    ]
    await write([
      { labels: named('d_seconds_bucket', ['le', '1']), samples, exemplars, metadata },
      { labels: named('d_seconds_count'), samples, metadata },
      { labels: named('s_sum'), samples, metadata: { type: 5, help: '', unit: '' } },
      { labels: named('c_total'), samples, metadata: { type: 1, help: 'C', unit: '' } },
      { labels: named('nothing'), samples, metadata: { type: 0, help: '', unit: '' } },
    ])
    expect(store.select('SELECT DISTINCT name, type, unit, help FROM metric_metadata ORDER BY name')).toEqual([
      { name: 'c_total', type: 'counter', unit: '', help: 'C' },
      { name: 'd_seconds', type: 'histogram', unit: 'seconds', help: 'How long.' },
      { name: 's', type: 'summary', unit: '', help: '' },
    ])
    expect(store.select('SELECT value, trace_id, labels FROM exemplars')).toEqual([
      { value: 0.5, trace_id: 'abc', labels: { trace_id: 'abc', x: 'y' } },
    ])
  })

  it('rejects single series with a reason and keeps their neighbours', async () => {
    const samples = [{ value: 1, timestamp: NOW_MS }]
    const rejected = await write([
      { labels: [['job', 'x']], samples: [...samples, ...samples] },
      { labels: named('twice', ['a', '1'], ['a', '2']), samples },
      { labels: named('unnamed label', ['', '1']), samples },
      { labels: named('future'), samples: [{ value: 1, timestamp: NOW_MS + 700_000 }] },
      { labels: named('good'), samples },
    ])
    expect(rejected).toEqual({ no_name: 2, bad_labels: 2, too_new: 1 })
    expect(store.select('SELECT name FROM series')).toEqual([{ name: 'good' }])
    expect(store.select('SELECT count() AS rows FROM samples')).toEqual([{ rows: '1' }])
  })
})
