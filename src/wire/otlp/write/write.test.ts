import fc from 'fast-check'
import protobuf from 'protobufjs'
import { describe, expect, it } from 'vitest'
import { ProtoWriter } from '../../proto/index.ts'
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

/** The messages that the writers know, written after the public definitions of opentelemetry-proto 1.x. */
const root = protobuf.parse(`
syntax = "proto3";
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
message KeyValue { string key = 1; AnyValue value = 2; }
message Resource { repeated KeyValue attributes = 1; }
message Scope { string name = 1; string version = 2; }
message NumberDataPoint {
  repeated KeyValue attributes = 7; fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3;
  oneof value { double as_double = 4; sfixed64 as_int = 6; }
}
message Gauge { repeated NumberDataPoint data_points = 1; }
message Sum { repeated NumberDataPoint data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
message Metric { string name = 1; string description = 2; string unit = 3; oneof data { Gauge gauge = 5; Sum sum = 7; } }
message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
message MetricsData { repeated ResourceMetrics resource_metrics = 1; }
message LogRecord {
  fixed64 time_unix_nano = 1; fixed64 observed_time_unix_nano = 11; int32 severity_number = 2; string severity_text = 3;
  AnyValue body = 5; repeated KeyValue attributes = 6; fixed32 flags = 8; bytes trace_id = 9; bytes span_id = 10;
}
message ScopeLogs { Scope scope = 1; repeated LogRecord log_records = 2; }
message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; }
message LogsData { repeated ResourceLogs resource_logs = 1; }
`).root

function decode(type: string, bytes: Uint8Array): unknown {
  const message = root.lookupType(type)
  return message.toObject(message.decode(bytes), { longs: String, bytes: String })
}

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

    expect(decode('MetricsData', writer.finish())).toEqual({
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
        const found = decode('MetricsData', writer.view()) as {
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

    expect(decode('LogsData', writer.finish())).toEqual({
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
