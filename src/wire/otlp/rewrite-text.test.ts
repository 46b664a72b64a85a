import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SIGNALS, type Signal, TEXT_PLACES, type TextPlace } from '../../model/index.ts'
import { ProtoReader, ProtoWriter } from '../proto/index.ts'
import { arbitraryMessage } from '../testing/arbitrary-message.ts'
import { mutateBytes } from '../testing/mutate.ts'
import { OTLP_REQUEST_TYPES, toPlain } from '../testing/otlp-proto.ts'
import type { KeyPath, TextVerdict, TextVisitor } from '../text-visitor.ts'
import { checkOtlp } from './count.ts'
import { jsonToOtlp } from './json.ts'
import { createOtlpTextRewriter } from './rewrite-text.ts'

const SECRET = 'hunter2'
const EVERYWHERE: ReadonlySet<TextPlace> = new Set(TEXT_PLACES)

interface Seen {
  readonly place: TextPlace
  readonly path: string
  readonly text: string
}

/** Answers the verdict for every text that holds the secret, and keeps what it was shown. */
function visitorOf(verdict: TextVerdict, places = EVERYWHERE): TextVisitor & { readonly seen: Seen[] } {
  const seen: Seen[] = []
  return {
    places,
    integers: true,
    seen,
    mightChange: () => true,
    text: (bytes: Uint8Array, start: number, end: number, place: TextPlace, path: KeyPath) => {
      const text = Buffer.from(bytes.subarray(start, end)).toString()
      seen.push({ place, path: path.join(), text })
      if (!text.includes(SECRET)) return undefined
      return verdict === 'drop-attribute' && path.depth === 0 ? Buffer.from('*') : verdict
    },
  }
}

const attribute = (key: string, stringValue: string): object => ({ key, value: { stringValue } })

describe('createOtlpTextRewriter', () => {
  it('shows every text of a request with its place and its keys', () => {
    const nested = {
      kvlistValue: { values: [{ key: 'b', value: { arrayValue: { values: [{ stringValue: 'deep' }] } } }] },
    }
    const body = {
      resourceSpans: [
        {
          resource: { attributes: [attribute('r', 'in resource')] },
          scopeSpans: [
            {
              scope: { name: 'scope', version: '1', attributes: [attribute('s', 'in scope')] },
              spans: [
                {
                  name: 'span',
                  traceState: 'state',
                  attributes: [
                    { key: 'a', value: nested },
                    { key: 'n', value: { intValue: '4111111111111111' } },
                  ],
                  events: [{ name: 'event', attributes: [attribute('e', 'in event')] }],
                  links: [{ attributes: [attribute('l', 'in link')] }],
                  status: { message: 'failed' },
                },
              ],
            },
          ],
        },
      ],
    }
    const visitor = visitorOf(undefined)
    const bytes = jsonToOtlp('traces', JSON.stringify(body))
    expect(createOtlpTextRewriter('traces', visitor)(bytes)).toEqual({ bytes, items: 1, dropped: 0, collided: 0 })
    const shown = visitor.seen
      .filter(({ place }) => place !== 'keys')
      .map(({ place, path, text }) => `${place} ${path}=${text}`)
    expect(shown.sort()).toEqual(
      [
        'resource r=in resource',
        'scope =scope',
        'metadata =1',
        'scope s=in scope',
        'name =span',
        'metadata =state',
        'attributes a.b=deep',
        'attributes n=4111111111111111',
        'events =event',
        'events e=in event',
        'links l=in link',
        'status =failed',
      ].sort(),
    )
    expect(visitor.seen.filter(({ place }) => place === 'keys').map(({ text }) => text)).toEqual([
      'r',
      's',
      'a',
      'b',
      'n',
      'e',
      'l',
    ])
  })

  it('shows only what was asked for', () => {
    const visitor = visitorOf(undefined, new Set<TextPlace>(['body']))
    const record = { body: { stringValue: 'body' }, attributes: [attribute('a', 'attribute')], severityText: 'INFO' }
    const request = jsonToOtlp('logs', JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] }))
    expect(createOtlpTextRewriter('logs', visitor)(request).items).toBe(1)
    expect(visitor.seen).toEqual([{ place: 'body', path: '', text: 'body' }])
  })

  it('drops the attribute, the record, or what several records share', () => {
    const log = (logRecords: readonly object[], resource = 'r'): object => ({
      resource: { attributes: [attribute('r', resource)] },
      scopeLogs: [{ logRecords }],
    })
    const good = { body: { stringValue: 'good' }, attributes: [attribute('a', 'x')] }
    const bad = { body: { stringValue: 'bad' }, attributes: [attribute('keep', 'y'), attribute('password', SECRET)] }
    const request = jsonToOtlp('logs', JSON.stringify({ resourceLogs: [log([good, bad]), log([good, good], SECRET)] }))

    const record = createOtlpTextRewriter('logs', visitorOf('drop-record'))(request)
    expect(record).toMatchObject({ items: 1, dropped: 3 })
    expect(checkOtlp('logs', record.bytes)).toBe(1)
    expect(toPlain(OTLP_REQUEST_TYPES.logs, record.bytes)).toMatchObject({
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'good' } }] }] }],
    })

    const attributes = createOtlpTextRewriter('logs', visitorOf('drop-attribute'))(request)
    expect(attributes).toMatchObject({ items: 4, dropped: 0 })
    expect(JSON.stringify(toPlain(OTLP_REQUEST_TYPES.logs, attributes.bytes))).not.toContain('password')
    expect(JSON.stringify(toPlain(OTLP_REQUEST_TYPES.logs, attributes.bytes))).toContain('keep')
  })

  it('judges by the key that readers will see, wherever it stands', () => {
    const writer = new ProtoWriter()
    const opened = [1, 2, 2, 6].map((field) => writer.begin(field))
    const value = writer.begin(2)
    writer.string(1, 'text')
    writer.end(value)
    writer.string(1, 'first')
    writer.string(1, 'last')
    for (const start of opened.reverse()) writer.end(start)
    const visitor = visitorOf(undefined)
    createOtlpTextRewriter('logs', visitor)(writer.finish())
    expect(visitor.seen).toContainEqual({ place: 'attributes', path: 'last', text: 'text' })
  })

  const arbitrary = (signal: Signal): fc.Arbitrary<Uint8Array> => {
    const type = OTLP_REQUEST_TYPES[signal]
    const texts = {
      'AnyValue.stringValue': [SECRET, `x ${SECRET} y`],
      'KeyValue.key': [SECRET, 'k'],
      'Span.name': [SECRET],
    }
    return arbitraryMessage(type, { depth: 9, texts }).map((plain) => type.encode(type.fromObject(plain)).finish())
  }

  it.each(SIGNALS)('leaves no secret in random %s, and everything else as it was', (signal) => {
    fc.assert(
      fc.property(arbitrary(signal), (request) => {
        const once = createOtlpTextRewriter(signal, visitorOf(Buffer.from('*')))(request)
        expect(once.items).toBe(checkOtlp(signal, once.bytes))
        expect(Buffer.from(once.bytes).includes(SECRET)).toBe(false)
        const expected = JSON.stringify(toPlain(OTLP_REQUEST_TYPES[signal], request)).replaceAll(
          /x hunter2 y|hunter2/g,
          '*',
        )
        expect(JSON.stringify(toPlain(OTLP_REQUEST_TYPES[signal], once.bytes))).toBe(expected)
        expect(createOtlpTextRewriter(signal, visitorOf(Buffer.from('*')))(once.bytes).bytes).toBe(once.bytes)
      }),
      { numRuns: 150 },
    )
  })

  it.each(SIGNALS)('leaves no secret in random %s when it drops', (signal) => {
    fc.assert(
      fc.property(arbitrary(signal), fc.constantFrom('drop-attribute', 'drop-record'), (request, verdict) => {
        const before = checkOtlp(signal, request)
        const { bytes, items, dropped } = createOtlpTextRewriter(signal, visitorOf(verdict))(request)
        expect(Buffer.from(bytes).includes(SECRET)).toBe(false)
        expect(checkOtlp(signal, bytes)).toBe(items)
        expect(items + dropped).toBe(before)
      }),
      { numRuns: 150 },
    )
  })

  it('keeps unknown fields', () => {
    const writer = new ProtoWriter()
    writer.string(900, 'unknown')
    const open = [1, 2, 2].map((field) => writer.begin(field))
    writer.int64(901, 7)
    const body = writer.begin(5)
    writer.string(1, SECRET)
    writer.end(body)
    for (const start of open.reverse()) writer.end(start)
    const { bytes } = createOtlpTextRewriter('logs', visitorOf(Buffer.from('*')))(writer.finish())
    const reader = new ProtoReader(bytes)
    reader.next()
    expect([reader.field, reader.string()]).toEqual([900, 'unknown'])
    for (const field of [1, 2, 2]) {
      reader.next()
      expect(reader.field).toBe(field)
      reader.enter()
    }
    reader.next()
    expect([reader.field, reader.uint64()]).toEqual([901, 7n])
  })

  it('walks through mutated requests or throws invalid, and never lets a secret pass that readers would see', () => {
    const samples = SIGNALS.map((signal) =>
      jsonToOtlp(
        signal,
        JSON.stringify({
          resourceLogs: [
            { scopeLogs: [{ logRecords: [{ body: { stringValue: SECRET }, attributes: [attribute('a', SECRET)] }] }] },
          ],
          resourceSpans: [{ scopeSpans: [{ spans: [{ name: SECRET, status: { message: SECRET } }] }] }],
          resourceMetrics: [
            {
              scopeMetrics: [
                {
                  metrics: [{ description: SECRET, gauge: { dataPoints: [{ attributes: [attribute('a', SECRET)] }] } }],
                },
              ],
            },
          ],
        }),
      ),
    )
    for (let seed = 0; seed < 6_000; seed++) {
      const signal = SIGNALS[seed % SIGNALS.length] ?? 'logs'
      const request = mutateBytes(samples, seed)
      let bytes: Uint8Array
      try {
        bytes = createOtlpTextRewriter(signal, visitorOf(Buffer.from('*')))(request).bytes
      } catch (reason) {
        expect(reason, String(seed)).toMatchObject({ code: 'invalid' })
        continue
      }
      let plain: string
      try {
        checkOtlp(signal, bytes)
        plain = JSON.stringify(toPlain(OTLP_REQUEST_TYPES[signal], bytes))
      } catch {
        continue
      }
      expect(plain.includes(`"${SECRET}"`), String(seed)).toBe(false)
    }
  })
})
