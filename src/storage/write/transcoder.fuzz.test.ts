import { describe, expect, it } from 'vitest'
import { mutateBytes } from '../../wire/testing/mutate.ts'
import type { StoreRecord } from './batch-context.ts'
import { attributes, NOW_MS, ns, otlpRecord, recordOf, remoteWriteRecord } from './testing/records.ts'
import { Transcoder } from './transcoder.ts'

const ROUNDS = 400

const time = ns(NOW_MS)
const some = attributes({ text: 'value', number: 300, double: 0.5, yes: true })
const resource = { attributes: attributes({ 'service.name': 'cart' }) }
const exemplars = [{ timeUnixNano: time, asDouble: 1, traceId: '0af7651916cd43dd8448eb211c80319c' }]
const point = { timeUnixNano: time, attributes: some, exemplars }
const nested = { kvlistValue: { values: [{ key: 'a', value: { arrayValue: { values: [{ intValue: '1' }] } } }] } }

const SAMPLES: Readonly<Record<string, StoreRecord>> = {
  logs: otlpRecord('logs', {
    resourceLogs: [
      {
        resource,
        scopeLogs: [
          {
            scope: { name: 's' },
            logRecords: [{ timeUnixNano: time, body: nested, attributes: some }, { timeUnixNano: time }],
          },
        ],
      },
    ],
  }),
  traces: otlpRecord('traces', {
    resourceSpans: [
      {
        resource,
        scopeSpans: [
          {
            spans: [
              {
                traceId: '0af7651916cd43dd8448eb211c80319c',
                spanId: 'b7ad6b7169203331',
                name: 'n',
                startTimeUnixNano: time,
                attributes: some,
                events: [{ timeUnixNano: time, name: 'e', attributes: some }],
                links: [{ traceId: '0af7651916cd43dd8448eb211c80319c', attributes: some }],
                status: { code: 2, message: 'm' },
              },
            ],
          },
        ],
      },
    ],
  }),
  metrics: otlpRecord('metrics', {
    resourceMetrics: [
      {
        resource,
        scopeMetrics: [
          {
            metrics: [
              { name: 'g', unit: 's', gauge: { dataPoints: [{ ...point, asDouble: 1 }] } },
              {
                name: 'c',
                sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: [{ ...point, asInt: '5' }] },
              },
              {
                name: 'h',
                histogram: {
                  aggregationTemporality: 1,
                  dataPoints: [{ ...point, count: '2', sum: 1, bucketCounts: ['1', '1'], explicitBounds: [1] }],
                },
              },
              {
                name: 'e',
                exponentialHistogram: {
                  aggregationTemporality: 1,
                  dataPoints: [
                    { ...point, count: '2', sum: 1, scale: 9, positive: { offset: 2, bucketCounts: ['1', '1'] } },
                  ],
                },
              },
              {
                name: 's',
                summary: {
                  dataPoints: [
                    { timeUnixNano: time, count: '2', sum: 1, quantileValues: [{ quantile: 0.5, value: 1 }] },
                  ],
                },
              },
            ],
          },
        ],
      },
    ],
  }),
  'remote write': remoteWriteRecord([
    {
      labels: [
        ['__name__', 'up'],
        ['job', 'node'],
      ],
      samples: [{ value: 1, timestamp: NOW_MS }],
      exemplars: [{ labels: [['trace_id', 'x']], value: 1, timestamp: NOW_MS }],
      histograms: [
        {
          countInt: 1,
          sum: 1,
          schema: 1,
          positiveSpans: [{ offset: 0, length: 1 }],
          positiveDeltas: [1],
          timestamp: NOW_MS,
        },
      ],
      metadata: { type: 1, help: 'h', unit: '' },
    },
  ]),
}

describe('Transcoder and damaged payloads', () => {
  it.each(Object.entries(SAMPLES))('%s: refuses or reads them, and keeps the neighbours whole', (_, sample) => {
    const { envelope, payload } = sample.batch
    const transcoder = new Transcoder({})
    const [whole] = transcoder.transcode([sample]).outcomes
    expect(whole?.error).toBeUndefined()
    let refused = 0
    for (let round = 0; round < ROUNDS; round++) {
      const damaged = recordOf({ ...envelope, payload: mutateBytes([payload], round) })
      // Encoding fails when a batch that was taken back has left half a row in some column.
      const { outcomes } = new Transcoder({}).transcode([sample, damaged, sample])
      const [before, hurt, after] = outcomes
      expect([before?.rows, before?.error]).toEqual([whole?.rows, undefined])
      expect(after?.error).toBeUndefined()
      if (hurt?.error !== undefined) {
        refused += 1
        expect([round, hurt.error.code, hurt.rows]).toEqual([round, 'invalid', 0])
      }
    }
    expect(refused).toBeGreaterThan(ROUNDS / 20)
  })
})
