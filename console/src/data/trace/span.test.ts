import { expect, it } from 'vitest'
import { traceSchema } from '../tempo/schema.ts'
import { readSpans, toHex } from './span.ts'

const bytesOf = (length: number, from: number): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => (from * 31 + at * 57) & 0xff)

it('reads ids of any length from base64, and leaves what is none', () => {
  for (let length = 1; length <= 20; length += 1) {
    const bytes = bytesOf(length, length)
    const text = btoa(String.fromCharCode(...bytes))
    expect(toHex(text)).toBe(Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''))
  }
  for (const text of ['', 'abc', 'a*c=', 'ä===']) expect(toHex(text)).toBe(text)
})

const answer = (span: Readonly<Record<string, unknown>>): unknown => ({
  trace: {
    resourceSpans: [
      { scopeSpans: [{ spans: [{ spanId: 'AAAAAAAAAAE=', startTimeUnixNano: '1', endTimeUnixNano: 2, ...span }] }] },
    ],
  },
})

it('takes spans with everything, or hardly anything', () => {
  const whole = {
    kind: 'SPAN_KIND_SERVER',
    status: {},
    attributes: [
      { key: 'd', value: { doubleValue: 'NaN' } },
      { key: 'list', value: { arrayValue: { values: [] } } },
      { key: 'none' },
    ],
    events: [{ timeUnixNano: '1000000', name: 'e', attributes: [{ key: 'k', value: { boolValue: true } }] }],
    links: [{ traceId: 'AAAAAAAAAAAAAAAAAAAAAQ==', spanId: 'AAAAAAAAAAI=' }],
  }
  const [span] = readSpans(traceSchema.parse(answer(whole)))
  expect(span).toMatchObject({ id: '0000000000000001', kind: 'server', endMs: 2e-6 })
  expect(span?.attributes).toEqual({ d: 'NaN', list: '{"arrayValue":{"values":[]}}', none: '' })
  expect(span?.events[0]).toEqual({ atMs: 1, name: 'e', attributes: { k: 'true' } })
  expect(span?.links[0]?.traceId).toBe(`${'0'.repeat(31)}1`)
  expect(readSpans(traceSchema.parse(answer({})))).toHaveLength(1)
})

it.each([
  { spanId: 1 },
  { name: 7 },
  { startTimeUnixNano: undefined },
  { kind: {} },
  { status: 'error' },
  { status: { code: [] } },
  { attributes: {} },
  { attributes: [{ key: 'a', value: 'b' }] },
  { attributes: [{ key: 'a', value: { stringValue: 1 } }] },
  { events: [{ name: 'no time' }] },
  { links: [{ traceId: 'x' }] },
])('refuses %o', (wrong) => {
  expect(traceSchema.safeParse(answer(wrong)).success).toBe(false)
})
