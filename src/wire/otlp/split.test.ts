import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../core/index.ts'
import { arbitraryMessage } from '../testing/arbitrary-message.ts'
import { OTLP_REQUEST_TYPES } from '../testing/otlp-proto.ts'
import { countItems, jsonToOtlp, splitOtlp } from './index.ts'
import { readLogs, readMetricPoints } from './read/index.ts'

const logs = jsonToOtlp(
  'logs',
  JSON.stringify({
    resourceLogs: [
      {
        scopeLogs: [
          { scope: { name: 's' }, logRecords: ['a', 'b', 'c'].map((text) => ({ body: { stringValue: text } })) },
        ],
      },
      {
        resource: { attributes: [{ key: 'k', value: { stringValue: 'v' } }] },
        scopeLogs: [{ logRecords: [{ body: { stringValue: 'd' } }] }],
      },
    ],
  }),
)

const bodies = (payload: Uint8Array): unknown[] => [...readLogs(payload)].map(({ record }) => record.body)

describe('splitOtlp', () => {
  it('cuts log records in halves, in order, with their resources and scopes', () => {
    const parts = splitOtlp('logs', logs) ?? []
    expect(parts.map(({ items }) => items)).toEqual([2, 2])
    expect(parts.flatMap(({ payload }) => bodies(payload))).toEqual(bodies(logs))
    const [, second] = parts.map(({ payload }) => [...readLogs(payload)])
    expect(second?.map(({ scope, resource }) => [scope.name, resource.attributes.size])).toEqual([
      ['s', 0],
      ['', 1],
    ])
  })

  it('cuts the points of one metric apart', () => {
    const points = [1, 2, 3].map((n) => ({ timeUnixNano: String(n), asInt: String(n) }))
    const metrics = [{ name: 'm', unit: 's', sum: { isMonotonic: true, dataPoints: points } }]
    const payload = jsonToOtlp('metrics', JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }))
    const [first, second] = splitOtlp('metrics', payload) ?? []
    const read = (part: Uint8Array | undefined): unknown[] =>
      part === undefined
        ? []
        : [...readMetricPoints(part)].map(({ metric, point }) => [metric.name, metric.monotonic, point.timeNs])
    expect(read(first?.payload)).toEqual([['m', true, 1n]])
    expect(read(second?.payload)).toEqual([
      ['m', true, 2n],
      ['m', true, 3n],
    ])
    expect(first && splitOtlp('metrics', first.payload)).toBeUndefined()
  })

  it.each(['logs', 'metrics', 'traces'] as const)('loses and doubles nothing of any %s request', (signal) => {
    const type = OTLP_REQUEST_TYPES[signal]
    fc.assert(
      fc.property(arbitraryMessage(type, { depth: 6 }), (message) => {
        const payload = type.encode(type.fromObject(message)).finish()
        const parts = splitOtlp(signal, payload)
        const items = countItems(signal, payload)
        if (parts === undefined) expect(items).toBeLessThan(2)
        else expect(parts.map((part) => countItems(signal, part.payload))).toEqual(parts.map((part) => part.items))
      }),
      { numRuns: 200 },
    )
  })

  it('refuses damaged bytes', () => {
    expect(() => splitOtlp('logs', logs.subarray(0, -1))).toThrow(AppError)
  })
})
