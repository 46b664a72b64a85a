import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProtoWriter } from '../../proto/index.ts'
import { OTLP_REQUEST_TYPES, toPlain } from '../../testing/otlp-proto.ts'
import {
  type Attributes,
  beginGauge,
  beginLogRecord,
  beginResourceBlock,
  beginScopeBlock,
  beginSum,
  encodeResource,
  endMetric,
  writeLogAttribute,
  writeNumberPoint,
} from './index.ts'

describe('OTLP metrics writer', () => {
  it('writes gauges and sums as protobufjs reads them', () => {
    const writer = new ProtoWriter(1)
    const block = beginResourceBlock(writer, encodeResource({ 'host.name': 'n1' }))
    const scope = beginScopeBlock(writer, 'host', '1')
    const gauge = beginGauge(writer, { name: 'load', unit: '1' })
    writeNumberPoint(writer, { value: 0, type: 'double', timeUnixNano: 5n })
    endMetric(writer, gauge)
    const sum = beginSum(writer, { name: 'io', unit: 'By', description: 'bytes' }, { monotonic: true })
    writeNumberPoint(writer, {
      value: -1n,
      type: 'int',
      timeUnixNano: 1_800_000_000_123_456_789n,
      startTimeUnixNano: 1n,
      attributes: { device: 'vda', number: 3, share: 0.5, up: true },
    })
    endMetric(writer, sum)
    const delta = beginSum(writer, { name: 'd' }, { monotonic: false, temporality: 'delta' })
    endMetric(writer, delta)
    writer.end(scope)
    writer.end(block)

    expect(toPlain(OTLP_REQUEST_TYPES.metrics, writer.finish())).toMatchObject({
      resourceMetrics: [
        {
          resource: { attributes: [{ key: 'host.name', value: { stringValue: 'n1' } }] },
          scopeMetrics: [
            {
              scope: { name: 'host', version: '1' },
              metrics: [
                { name: 'load', unit: '1', gauge: { dataPoints: [{ timeUnixNano: '5', asDouble: 0 }] } },
                {
                  name: 'io',
                  unit: 'By',
                  description: 'bytes',
                  sum: {
                    aggregationTemporality: 2,
                    isMonotonic: true,
                    dataPoints: [
                      {
                        startTimeUnixNano: '1',
                        timeUnixNano: '1800000000123456789',
                        asInt: '-1',
                        attributes: [
                          { key: 'device', value: { stringValue: 'vda' } },
                          { key: 'number', value: { intValue: '3' } },
                          { key: 'share', value: { doubleValue: 0.5 } },
                          { key: 'up', value: { boolValue: true } },
                        ],
                      },
                    ],
                  },
                },
                { name: 'd', sum: { aggregationTemporality: 1 } },
              ],
            },
          ],
        },
      ],
    })
  })

  it('agrees with protobufjs on any attributes', () => {
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.double({ noNaN: true }), fc.boolean())
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), value), (attributes: Attributes) => {
        const writer = new ProtoWriter()
        writer.end(beginResourceBlock(writer, encodeResource(attributes)))
        const found = toPlain(OTLP_REQUEST_TYPES.metrics, writer.view()) as unknown as {
          resourceMetrics: [{ resource: { attributes?: { key: string; value: Record<string, unknown> }[] } }]
        }
        const read = (found.resourceMetrics[0].resource.attributes ?? []).map(
          (pair) => [pair.key, Object.values(pair.value)[0]] as const,
        )
        const expected = Object.entries(attributes).map(
          ([key, wanted]) => [key, Number.isSafeInteger(wanted) ? String(wanted) : wanted] as const,
        )
        // A minus zero is a whole number, and integers have but one zero.
        expect(read).toEqual(expected)
      }),
    )
  })
})

describe('OTLP log writer', () => {
  it('writes a full and a bare record as protobufjs reads them', () => {
    const writer = new ProtoWriter(1)
    const block = beginResourceBlock(writer, encodeResource({}))
    const scope = beginScopeBlock(writer, 'files')
    const full = beginLogRecord(writer, {
      timeUnixNano: 7n,
      observedTimeUnixNano: 9n,
      severityNumber: 17,
      severityText: 'ERROR',
      body: new TextEncoder().encode('größer '.repeat(60)),
      traceId: new Uint8Array(16).fill(1),
      spanId: new Uint8Array(8).fill(2),
      traceFlags: 1,
    })
    writeLogAttribute(writer, 'log.iostream', 'stderr')
    writer.end(full)
    writer.end(beginLogRecord(writer, { observedTimeUnixNano: 1n, body: new Uint8Array() }))
    writer.end(scope)
    writer.end(block)

    expect(toPlain(OTLP_REQUEST_TYPES.logs, writer.finish())).toMatchObject({
      resourceLogs: [
        {
          resource: {},
          scopeLogs: [
            {
              scope: { name: 'files' },
              logRecords: [
                {
                  timeUnixNano: '7',
                  observedTimeUnixNano: '9',
                  severityNumber: 17,
                  severityText: 'ERROR',
                  body: { stringValue: 'größer '.repeat(60) },
                  traceId: Buffer.alloc(16, 1).toString('base64'),
                  spanId: Buffer.alloc(8, 2).toString('base64'),
                  flags: 1,
                  attributes: [{ key: 'log.iostream', value: { stringValue: 'stderr' } }],
                },
                { observedTimeUnixNano: '1', body: { stringValue: '' } },
              ],
            },
          ],
        },
      ],
    })
  })
})
