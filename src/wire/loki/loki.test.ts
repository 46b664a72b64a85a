import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../core/index.ts'
import { checkOtlp } from '../otlp/index.ts'
import { encodePush, encodePushJson, type PlainStream } from '../testing/logproto.ts'
import { mutateBytes } from '../testing/mutate.ts'
import { OTLP_REQUEST_TYPES, toPlain } from '../testing/otlp-proto.ts'
import { DEFAULT_LOKI_LIMITS, lokiJsonToOtlp, lokiPushToOtlp, STREAM_LABELS } from './index.ts'
import { parseStreamLabels } from './stream-labels.ts'

const NS = '1767609000123456789'

interface Attribute {
  readonly key?: string
  readonly value?: { readonly stringValue?: string; readonly boolValue?: boolean }
}
interface Record_ {
  readonly timeUnixNano?: string
  readonly body?: { readonly stringValue?: string }
  readonly attributes?: readonly Attribute[]
  readonly traceId?: string
}
interface Request {
  readonly resourceLogs?: readonly {
    readonly resource?: { readonly attributes?: readonly Attribute[] }
    readonly scopeLogs?: readonly { readonly logRecords?: readonly Record_[] }[]
  }[]
}

/** The streams of an OTLP request, as whoever knows the mapping reads them. */
function streamsOf(payload: Uint8Array): readonly PlainStream[] {
  const { resourceLogs = [] } = toPlain(OTLP_REQUEST_TYPES.logs, payload) as Request
  return resourceLogs.map(({ resource, scopeLogs = [] }) => {
    const attributes = toRecord(resource?.attributes)
    const names = (attributes[STREAM_LABELS] ?? '').split(',')
    return {
      labels: Object.fromEntries(names.map((name) => [name, attributes[name] ?? ''])),
      entries: scopeLogs.flatMap(({ logRecords = [] }) =>
        logRecords.map(({ timeUnixNano, body, attributes: pairs }) => ({
          ns: timeUnixNano ?? '',
          line: body?.stringValue ?? '',
          ...(pairs === undefined || pairs.length === 0 ? {} : { metadata: toRecord(pairs) }),
        })),
      ),
    }
  })
}

function toRecord(attributes: readonly Attribute[] = []): Record<string, string> {
  return Object.fromEntries(
    attributes.map(({ key = '', value }) => [key, value?.stringValue ?? String(value?.boolValue)]),
  )
}

const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/)
const text = fc.string({ unit: 'grapheme', maxLength: 20 })
const entry = fc.record(
  {
    ns: fc.bigInt({ min: 1n, max: 2n ** 63n }).map(String),
    line: text,
    metadata: fc.dictionary(name, text, { minKeys: 1, maxKeys: 4 }),
  },
  { requiredKeys: ['ns', 'line'] },
)
const stream = fc.record({
  labels: fc.dictionary(name, fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), { minKeys: 1, maxKeys: 6 }),
  entries: fc.array(entry, { minLength: 1, maxLength: 5 }),
})

const one = (labels: Readonly<Record<string, string>>, line = 'x', ns = NS): PlainStream => ({
  labels,
  entries: [{ ns, line }],
})

describe('Loki push', () => {
  it('keeps labels, times to the nanosecond, lines and metadata, from protobuf and from JSON', () => {
    fc.assert(
      fc.property(fc.array(stream, { maxLength: 4 }), (streams) => {
        const fromProto = lokiPushToOtlp(encodePush(streams))
        const fromJson = lokiJsonToOtlp(encodePushJson(streams))
        expect(streamsOf(fromProto.payload)).toEqual(streams)
        expect(Buffer.from(fromJson.payload).equals(fromProto.payload)).toBe(true)
        expect(fromProto.entries).toBe(checkOtlp('logs', fromProto.payload))
        expect([...fromProto.rejected, fromProto.truncated]).toEqual([0])
      }),
      { numRuns: 200 },
    )
  })

  it.each<[string, Record<string, string> | string]>([
    ['{app="shop"}', { app: 'shop' }],
    [' { app = "shop" , env = \'dev\' , } ', { app: 'shop', env: 'dev' }],
    ['{b="2",a="1"}', { a: '1', b: '2' }],
    ['{a="q\\"\\\\\\n\\t", b=`raw\\n`}', { a: 'q"\\\n\t', b: 'raw\\n' }],
    ['{a="\\u00e9\\U0001F600\\xc3\\xa9\\303\\251"}', { a: 'é😀éé' }],
    ['{a="ünï", empty=""}', { a: 'ünï' }],
    ['{a="1", a="2"}', 'duplicate_label'],
    ['{}', 'no_labels'],
    ['{a=""}', 'no_labels'],
    ['', 'bad_labels'],
    ['{a="1"', 'bad_labels'],
    ['{a="1"} x', 'bad_labels'],
    ['{a=1}', 'bad_labels'],
    ['{a!="1"}', 'bad_labels'],
    ['{0a="1"}', 'bad_labels'],
    ['{a.b="1"}', 'bad_labels'],
    ['{a="\\q"}', 'bad_labels'],
    ['{a="\\xff"}', 'bad_labels'],
    ['{a="\\ud800"}', 'bad_labels'],
    ['{a="1\n"}', 'bad_labels'],
    ['{a="1" b="2"}', 'bad_labels'],
    [`{${Array.from({ length: 16 }, (_, i) => `l${String(i)}="x"`).join()}}`, 'too_many_labels'],
    [`{${'a'.repeat(1_025)}="x"}`, 'label_too_long'],
    [`{a="${'x'.repeat(2_049)}"}`, 'label_too_long'],
  ])('understands the labels %s', (labels, expected) => {
    const parsed = parseStreamLabels(Buffer.from(labels), DEFAULT_LOKI_LIMITS)
    expect(typeof parsed === 'string' ? parsed : Object.fromEntries(parsed)).toEqual(expected)
    if (typeof parsed !== 'string') expect(parsed.map(([of]) => of)).toEqual(Object.keys(expected))
  })

  it('refuses streams and entries one by one', () => {
    const limits = { ...DEFAULT_LOKI_LIMITS, earliestMs: 1_000, latestMs: 1_767_609_000_124 }
    const streams = [
      one({ app: 'a' }),
      { ...one({ app: 'b' }), text: '{' },
      one({ app: 'c' }, 'x', '999999999'),
      one({ app: 'd' }, 'x', '1767609000125000000'),
      one({ app: 'e' }),
    ]
    const verdict = lokiPushToOtlp(encodePush(streams), limits)
    expect(verdict).toMatchObject({
      entries: 2,
      streams: 2,
      firstProblem: 'stream 1 of the request: the labels can not be parsed',
    })
    expect([...verdict.rejected]).toEqual([
      ['bad_labels', 1],
      ['too_old', 1],
      ['too_new', 1],
    ])
    expect(streamsOf(verdict.payload)).toEqual([streams[0], streams[4]])
  })

  it('cuts long lines between characters, and marks them', () => {
    const verdict = lokiPushToOtlp(encodePush([one({ app: 'a' }, 'ääää'), one({ app: 'b' }, 'aaaaa')]), {
      ...DEFAULT_LOKI_LIMITS,
      lineBytes: 5,
    })
    expect(verdict).toMatchObject({ truncated: 1, entries: 2 })
    expect(streamsOf(verdict.payload)).toEqual([
      { labels: { app: 'a' }, entries: [{ ns: NS, line: 'ää', metadata: { 'fleetglass.truncated': 'true' } }] },
      one({ app: 'b' }, 'aaaaa'),
    ])
  })

  it('refuses entries with too much metadata', () => {
    const many = Object.fromEntries(Array.from({ length: 129 }, (_, i) => [`m${String(i)}`, 'x']))
    const large = { m: 'x'.repeat(65_536) }
    const streams = [many, large].map((metadata) => ({
      labels: { app: 'a' },
      entries: [{ ns: NS, line: 'x', metadata }],
    }))
    expect([...lokiJsonToOtlp(encodePushJson([...streams, one({ app: 'a' })])).rejected]).toEqual([
      ['metadata_too_large', 2],
    ])
  })

  it('makes trace ids the record’s own, and the service’s name the resource’s', () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    const { payload } = lokiPushToOtlp(
      encodePush([{ labels: { app: 'shop' }, entries: [{ ns: NS, line: 'x', metadata: { trace_id: traceId } }] }]),
    )
    const { resourceLogs } = toPlain(OTLP_REQUEST_TYPES.logs, payload) as Request
    expect(
      Buffer.from(resourceLogs?.[0]?.scopeLogs?.[0]?.logRecords?.[0]?.traceId ?? '', 'base64').toString('hex'),
    ).toBe(traceId)
    expect(toRecord(resourceLogs?.[0]?.resource?.attributes)['service.name']).toBe('shop')
  })

  it('keeps lines that are no UTF-8', () => {
    const bytes = Buffer.from(encodePush([one({ app: 'a' }, '@@@')]))
    bytes[bytes.indexOf('@@@') + 1] = 0xff
    expect(streamsOf(lokiPushToOtlp(bytes).payload)[0]?.entries[0]?.line).toBe('@\ufffd@')
  })

  it.each([
    '{"streams":[{"stream":{"a":"b"},"values":[[1767609000123456789,"x"]]}]}',
    '{"streams":[{"stream":{"a":"b"},"values":[["now","x"]]}]}',
    '{"streams":[{"stream":{"a":"b"},"values":[["1.5","x"]]}]}',
    '{"streams":[{"stream":{"a":"b"},"values":[["","x"]]}]}',
    '{"streams":[{"stream":{"a":"b"},"values":[["1"]]}]}',
    '{"streams":[{"stream":{"a":"b"},"values":[["1",2]]}]}',
    '{"streams":[{"stream":{"a":"b"},"values":[["1","x",{"m":1}]]}]}',
    '{"streams":[{"stream":{"a":"b"},"values":[["1","x",{"m":{"n":"o"}}]]}]}',
    '{"streams":[{"stream":{"a":"b"},"values":[["1","x","m"]]}]}',
    '{"streams":[{"stream":{"a":"b"},"values":[["1","x",{},{}]]}]}',
    '{"streams":[{"stream":{"a":1},"values":[]}]}',
    '{"streams":{}}',
    '{"streams":[{"stream":{"a":"b"}}]',
    '[]',
  ])('refuses the whole of %s', (body) => {
    expect(() => lokiJsonToOtlp(Buffer.from(body))).toThrow(AppError)
  })

  it('takes JSON whose labels stand behind the entries, and ignores what it does not know', () => {
    const body = `{"x":[1],"streams":[{"values":[["${NS}","x"]],"y":null,"stream":{"app":"a"}},{"stream":{"app":"b"},"values":null}]}`
    expect(streamsOf(lokiJsonToOtlp(Buffer.from(body)).payload)).toEqual([one({ app: 'a' })])
  })

  it('only throws AppError on damaged requests, and what it writes is OTLP', () => {
    const streams = [
      { labels: { app: 'shop', env: 'dev' }, entries: [{ ns: NS, line: 'line', metadata: { a: 'b' } }] },
      one({ x: 'y' }),
    ]
    for (const [bytes, read] of [
      [encodePush(streams), lokiPushToOtlp],
      [encodePushJson(streams), lokiJsonToOtlp],
    ] as const) {
      let refused = 0
      for (let seed = 0; seed < 3_000; seed++) {
        try {
          const { payload, entries } = read(mutateBytes([bytes], seed))
          expect(checkOtlp('logs', payload)).toBe(entries)
          OTLP_REQUEST_TYPES.logs.decode(payload)
        } catch (reason) {
          expect([seed, reason]).toEqual([seed, expect.any(AppError)])
          refused += 1
        }
      }
      expect(refused).toBeGreaterThan(500)
    }
  })
})
