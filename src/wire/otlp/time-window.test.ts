import { describe, expect, it } from 'vitest'
import type { Signal } from '../../model/index.ts'
import { checkOtlp } from './count.ts'
import { jsonToOtlp } from './json.ts'
import { encodePartialSuccess, readPartialSuccess, renderPartialSuccessJson } from './response.ts'
import { keepWithinWindow } from './time-window.ts'

const WINDOW = { fromMs: 1_000, toMs: 2_000 }
const ns = (ms: number): string => `${String(ms)}000000`
const attributes = [{ key: 'k', value: { stringValue: 'x'.repeat(200) } }]

function logs(...times: { timeUnixNano?: string; observedTimeUnixNano?: string }[]): Uint8Array {
  const records = times.map((time) => ({ ...time, attributes }))
  const resource = { attributes }
  return jsonToOtlp('logs', JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords: records }] }] }))
}

function points(...times: string[]): Uint8Array {
  const dataPoints = times.map((timeUnixNano) => ({ timeUnixNano, attributes }))
  const metrics = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'].map((kind) => ({
    name: kind,
    [kind]: { dataPoints },
  }))
  return jsonToOtlp('metrics', JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }))
}

function spans(...times: [start: number, end: number][]): Uint8Array {
  const list = times.map(([start, end]) => ({ attributes, startTimeUnixNano: ns(start), endTimeUnixNano: ns(end) }))
  return jsonToOtlp('traces', JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: list }] }] }))
}

describe('keepWithinWindow', () => {
  it.each<[Signal, string, Uint8Array, number, number, Uint8Array]>([
    [
      'logs',
      'the bounds belong to it',
      logs({ timeUnixNano: ns(1_000) }, { timeUnixNano: ns(2_000) }),
      0,
      0,
      logs({ timeUnixNano: ns(1_000) }, { timeUnixNano: ns(2_000) }),
    ],
    [
      'logs',
      'records',
      logs({ timeUnixNano: ns(999) }, { timeUnixNano: ns(1_500) }, { timeUnixNano: ns(2_001) }),
      1,
      1,
      logs({ timeUnixNano: ns(1_500) }),
    ],
    [
      'logs',
      'the time of observation where there is no other',
      logs({ observedTimeUnixNano: ns(5_000) }, { timeUnixNano: ns(1_500), observedTimeUnixNano: ns(9_000) }),
      0,
      1,
      logs({ timeUnixNano: ns(1_500), observedTimeUnixNano: ns(9_000) }),
    ],
    ['logs', 'records without a time', logs({}, { timeUnixNano: '0' }), 0, 0, logs({}, { timeUnixNano: '0' })],
    ['metrics', 'points of every kind', points(ns(1), ns(1_500), ns(3_000)), 5, 5, points(ns(1_500))],
    ['traces', 'spans by their end', spans([1, 1_500], [1, 2], [1_500, 90_000]), 1, 1, spans([1, 1_500])],
  ])('%s: %s', (signal, _what, input, tooOld, tooNew, expected) => {
    const kept = keepWithinWindow(signal, input, WINDOW)
    expect(kept).toMatchObject({ tooOld, tooNew, items: checkOtlp(signal, expected) })
    expect(Buffer.from(kept.bytes)).toEqual(Buffer.from(expected))
  })

  it('gives back what it got when all is inside', () => {
    const input = logs({ timeUnixNano: ns(1_500) })
    expect(keepWithinWindow('logs', input, WINDOW).bytes).toBe(input)
  })

  it('throws where the structure is broken', () => {
    const input = logs({ timeUnixNano: ns(1_500) })
    expect(() => keepWithinWindow('logs', input.subarray(0, -3), WINDOW)).toThrow(/OTLP|protobuf|cut/)
  })
})

describe('partial success', () => {
  it('is read back as written, in the JSON of each signal too', () => {
    const partial = { rejected: 3, message: 'too old: 3' }
    expect(readPartialSuccess(encodePartialSuccess(partial))).toEqual(partial)
    expect(JSON.parse(renderPartialSuccessJson('traces', partial))).toEqual({
      partialSuccess: { rejectedSpans: '3', errorMessage: 'too old: 3' },
    })
    expect(renderPartialSuccessJson('metrics', partial)).toContain('rejectedDataPoints')
    expect(renderPartialSuccessJson('logs', partial)).toContain('rejectedLogRecords')
  })
})
