import { expect, it } from 'vitest'
import { bucketsFromSpans, type FloatHistogram } from '../../query/index.ts'
import { ProtoReader } from '../../wire/index.ts'
import { createProtoExposition } from './proto-exposition.ts'
import { expositionStyleOf } from './text-exposition.ts'

/** A message as `field: value` for each field, those that are messages in braces; `shape` says what they are. */
type Shape = { readonly [field: number]: 'text' | 'double' | 'number' | 'sint' | Shape }
const LABEL: Shape = { 1: 'text', 2: 'text' }
const SPAN: Shape = { 1: 'sint', 2: 'number' }
const BUCKET: Shape = { 2: 'double', 4: 'double' }
const HISTOGRAM: Shape = {
  ...{ 2: 'double', 3: BUCKET, 4: 'double', 5: 'sint', 6: 'double', 8: 'double' },
  ...{ 9: SPAN, 11: 'double', 12: SPAN, 14: 'double' },
}
const FAMILY: Shape = { 1: 'text', 3: 'number', 4: { 1: LABEL, 5: { 1: 'double' }, 6: 'number', 7: HISTOGRAM } }

function shown(bytes: Uint8Array, shape: Shape): string {
  const reader = new ProtoReader(bytes)
  const fields: string[] = []
  while (reader.next()) {
    const as = shape[reader.field]
    if (as === undefined) throw new Error(`unexpected field ${String(reader.field)}`)
    fields.push(`${String(reader.field)}: ${value(reader, as)}`)
  }
  return fields.join(' ')
}

function value(reader: ProtoReader, as: Shape[number]): string {
  if (as === 'text') return Buffer.from(reader.slice()).toString()
  if (as === 'double') return String(reader.double())
  if (as === 'number') return String(reader.uint32())
  if (as === 'sint') return String(reader.sint32())
  return `{${shown(reader.slice(), as)}}`
}

/** All lengths here are below 128. */
function families(bytes: Uint8Array): string[] {
  const found: string[] = []
  for (let at = 0; at < bytes.length; at += 1 + (bytes[at] ?? 0)) {
    found.push(shown(bytes.subarray(at + 1, at + 1 + (bytes[at] ?? 0)), FAMILY))
  }
  return found
}

const none = bucketsFromSpans([], [], [])
const histogram: FloatHistogram = {
  schema: 2,
  resetHint: 'unknown',
  count: 4.5,
  sum: 7,
  zeroThreshold: 0.5,
  zeroCount: 1,
  positive: bucketsFromSpans([-1, 3], [1, 1], [1, 2]),
  negative: none,
  customValues: [],
}

it('writes families behind their lengths, histograms whole', () => {
  const out = createProtoExposition({ utf8Names: false })
  out.add({ __name__: 'http.up', 'a.b': 'x' }, { timeMs: 5, value: 1 })
  out.add({ __name__: 'http.up' }, { timeMs: 6, value: 2 })
  out.add({ __name__: 'h' }, { timeMs: 7, value: NaN, histogram })
  out.add({ __name__: 'h' }, { timeMs: 8, value: NaN, histogram: { ...histogram, resetHint: 'gauge', positive: none } })
  const custom: FloatHistogram = {
    ...histogram,
    schema: -53,
    positive: bucketsFromSpans([1], [2], [1.5, 3]),
    customValues: [1, 2.5],
  }
  out.add({ __name__: 'i' }, { timeMs: 9, value: NaN, histogram: custom })
  expect(families(out.finish())).toEqual([
    '1: http_up 3: 3 4: {1: {1: a_b 2: x} 5: {1: 1} 6: 5} 4: {5: {1: 2} 6: 6}',
    '1: h 3: 4 4: {6: 7 7: {2: 7 4: 4.5 5: 2 6: 0.5 8: 1 12: {1: -1 2: 1} 12: {1: 3 2: 1} 14: 1 14: 2}}',
    '1: h 3: 5 4: {6: 8 7: {2: 7 4: 4.5 5: 2 6: 0.5 8: 1 12: {}}}',
    '1: i 3: 4 4: {6: 9 7: {2: 7 4: 4.5 3: {2: 1 4: 0} 3: {2: 2.5 4: 1.5} 3: {2: Infinity 4: 4.5}}}',
  ])
})

it('is chosen by who asks for it', () => {
  const accept =
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,' +
    'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.2'
  expect(expositionStyleOf(accept)).toEqual({
    format: 'protobuf',
    utf8Names: false,
    contentType:
      'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=underscores',
  })
  expect(expositionStyleOf('application/vnd.google.protobuf;proto=else;encoding=delimited').format).toBe('text')
})
