import { snappyCompress } from '../../snappy/index.ts'
import { encodePush, encodePushJson, type PlainStream } from '../logproto.ts'
import { encodeRequest2, encodeWriteRequest, type PlainSeries } from '../prompb.ts'

/** Real inputs, made by writers that share nothing with the readers. */

const T = '1767609000000'
const NS = '1767609000123456789'

const labelled = (name: string, i: number): [string, string][] => [
  ['__name__', name],
  ['instance', `10.0.0.${String(i)}:9100`],
  ['job', 'node'],
]

const SERIES: readonly PlainSeries[] = [
  { labels: labelled('up', 1), samples: [{ value: 1, timestamp: T }] },
  {
    labels: labelled('up', 2),
    samples: [
      { value: 0.5, timestamp: T },
      { value: NaN, timestamp: '1767609015000' },
    ],
    exemplars: [{ labels: [['trace_id', '0af7651916cd43dd8448eb211c80319c']], value: 0.2, timestamp: T }],
    metadata: { type: 2, help: 'Whether it is up.', unit: '' },
  },
  {
    labels: labelled('rpc_seconds', 3),
    histograms: [
      {
        countInt: '5',
        sum: 12.5,
        schema: 3,
        zeroThreshold: 1e-128,
        zeroCountInt: '1',
        positiveSpans: [
          { offset: -2, length: 2 },
          { offset: 1, length: 1 },
        ],
        positiveDeltas: ['1', '1', '-1'],
        timestamp: T,
      },
      {
        countFloat: 3,
        sum: 1,
        schema: -53,
        positiveSpans: [{ offset: 0, length: 2 }],
        positiveCounts: [1, 2],
        customValues: [0.5],
        timestamp: T,
      },
    ],
    metadata: { type: 3, help: 'How long', unit: 'seconds' },
  },
]

export const REMOTE_WRITE_1: readonly Uint8Array[] = [
  encodeWriteRequest(SERIES),
  encodeWriteRequest(SERIES.slice(0, 1), [
    { type: 3, metricFamilyName: 'rpc_seconds', help: 'How long', unit: 'seconds' },
  ]),
  encodeWriteRequest([], [{ type: 1, metricFamilyName: 'up', help: 'x' }]),
]

export const REMOTE_WRITE_2: readonly Uint8Array[] = [encodeRequest2(SERIES), encodeRequest2(SERIES.slice(0, 1))]

const STREAMS: readonly PlainStream[] = [
  {
    labels: { app: 'shop', env: 'dev', level: 'info' },
    entries: [
      { ns: NS, line: 'GET /cart 200 12ms ünï' },
      {
        ns: '1767609000999999999',
        line: 'escaped " \\ \n text',
        metadata: { trace_id: '0af7651916cd43dd8448eb211c80319c', user: 'u1' },
      },
    ],
  },
  { labels: { job: 'x' }, entries: [{ ns: '1', line: '' }] },
]

export const LOKI: readonly Uint8Array[] = [encodePush(STREAMS), encodePush(STREAMS.slice(1))]

export const LOKI_JSON: readonly Uint8Array[] = [
  encodePushJson(STREAMS),
  Buffer.from(
    `{ "streams" : [ {"values":[["${NS}","x",{}]], "stream":{"a":"\\u00e9\\ud83d\\ude00"}} ], "more":[1.5e3,-0,null,true] }`,
  ),
]

export const BULK: readonly Uint8Array[] = [
  Buffer.from(
    [
      '{"create":{"_index":"filebeat-8.11.0","_id":"a"}}',
      '{"@timestamp":"2026-01-05T10:30:00.123Z","message":"GET / 200","kubernetes":{"namespace":"shop","pod":{"name":"cart-1"}},"http":{"status":200,"ok":true},"tags":["a",1.5,null]}',
      '{"index":{"_index":"logs"}}',
      '{"@timestamp":1767609000123,"log.level":"error","trace":{"id":"0af7651916cd43dd8448eb211c80319c"},"nested":{"a":{"b":{"c":"\\u00e9"}}}}',
      '{"delete":{"_id":"1"}}',
      '{"update":{"_id":"1"}}',
      '{"doc":{}}',
      '',
    ].join('\n'),
  ),
]

export const JSON_WORDS: readonly string[] = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '""',
  '"x"',
  'null',
  'true',
  'false',
  '0',
  '-1',
  '1e9',
  '1.5',
  '"1"',
  '"-1"',
  '"NaN"',
  '18446744073709551615',
  '"18446744073709551616"',
  '9223372036854775808',
  '1e400',
  '\\',
  '\\u0000',
  '\\ud800',
  '\\n',
  '\u00e9',
  '\u0000',
  '{"arrayValue":{"values":[{}]}}',
  '{"kvlistValue":{"values":[{"key":"k"}]}}',
  '[[[[[[[[',
  '{"a":{"a":{"a":',
  ' ',
  '\t',
  '\r\n',
]

export const CRI: readonly Uint8Array[] = [
  '2026-01-02T03:04:05.678901234Z stdout F the text',
  '2026-01-02T03:04:05.678901234Z stderr P a part of',
  '2026-12-31T23:59:60+01:00 stdout F:x ',
].map((line) => Buffer.from(line))

export const EXPOSITIONS: readonly Uint8Array[] = [
  '# HELP http_requests_total Requests.\n# TYPE http_requests_total counter\nhttp_requests_total{code="200",path="/a\\"b\\\\"} 1027 1395066363000\nup 1\nx{a="b",} NaN\n',
  '# TYPE rpc_seconds histogram\n# UNIT rpc_seconds seconds\nrpc_seconds_bucket{le="0.1"} 1 # {trace_id="abc"} 0.05 1.5\nrpc_seconds_bucket{le="+Inf"} 2\nrpc_seconds_sum 0.5\nrpc_seconds_count 2\nrpc_seconds_created 1.5\n# EOF\n',
  '# TYPE a counter\na_total 1 1.5 # {} 1\na_created 1\n# TYPE i info\ni_info{v="1"} 1\n# EOF\n',
].map((text) => Buffer.from(text))

export const EXPOSITION_WORDS: readonly string[] = [
  '# TYPE ',
  '# HELP ',
  '# UNIT ',
  '# EOF\n',
  '{',
  '}',
  '="',
  '"',
  '\\',
  '\n',
  ' ',
  'NaN',
  '+Inf',
  '-Inf',
  '1e',
  '0x1p3',
  '1_000',
  '_total',
  '_bucket',
  '{le="1"}',
  ' # {} 1',
  'counter',
  'gauge',
  'histogram',
  'é',
  '\t',
  ',',
  '{"utf8.name"}',
  '1.7976931348623157e309',
  '-',
  '#',
]

export const TEXTS: readonly Uint8Array[] = [
  Buffer.from('abcdabcdabcdxyz'.repeat(30)),
  Buffer.from('aaaaaaaaabbbb'),
  Buffer.from(
    Array.from({ length: 200 }, (_, i) => `metric_${String(i % 7)}{a="${String(i)}"} ${String(i * 31)}\n`).join(''),
  ),
  snappyCompress(Buffer.from('x'.repeat(3_000))),
  Buffer.alloc(0),
]
