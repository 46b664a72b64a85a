import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ProtoReader } from '../../wire/index.ts'
import { createTestHub, NOW_MS, TRACE_IDS, type TestHub } from '../testing/test-hub.ts'

let hub: TestHub
const base = '/tempo/api'
const q = encodeURIComponent
const start = (BigInt(NOW_MS - 60_000) * 1_000_000n).toString()

beforeAll(async () => {
  hub = await createTestHub()
})
afterAll(async () => {
  await hub.app.close()
})

async function get(
  path: string,
  accept = 'application/json',
): Promise<{ status: number; text: string; bytes: Buffer }> {
  const response = await hub.app.inject({ url: base + path, headers: { ...hub.headers('dev'), accept } })
  return { status: response.statusCode, text: response.body, bytes: response.rawPayload }
}

/** The first field with each number, nested messages by path. */
function fieldAt(bytes: Uint8Array, path: readonly number[]): Uint8Array | undefined {
  let at = bytes
  for (const field of path) {
    const reader = new ProtoReader(at)
    let found: Uint8Array | undefined
    while (found === undefined && reader.next()) {
      if (reader.field === field && reader.wireType === 2) found = reader.slice()
      else reader.skip()
    }
    if (found === undefined) return undefined
    at = found
  }
  return at
}

describe('a trace by id', () => {
  const SPAN = [1, 2, 2]
  it('as TraceByIDResponse', async () => {
    const { status, bytes } = await get(`/v2/traces/${TRACE_IDS.dev}`, 'application/protobuf')
    expect(status).toBe(200)
    expect(Buffer.from(fieldAt(bytes, [1, ...SPAN, 1]) ?? []).toString('hex')).toBe(TRACE_IDS.dev)
    expect(Buffer.from(fieldAt(bytes, [1, ...SPAN, 5]) ?? []).toString()).toBe('GET /canary-dev')
    expect(Buffer.from(fieldAt(bytes, [1, 1, 1, 1, 1]) ?? []).toString()).toBe('service.name')
  })

  it('as a bare Trace', async () => {
    const { bytes } = await get(`/traces/${TRACE_IDS.dev}`, 'application/protobuf')
    expect(Buffer.from(fieldAt(bytes, [...SPAN, 5]) ?? []).toString()).toBe('GET /canary-dev')
  })

  it('as JSON', async () => {
    const resourceSpans = [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'service-canary-dev' } }] },
        scopeSpans: [
          {
            scope: {},
            spans: [
              {
                traceId: Buffer.from(TRACE_IDS.dev, 'hex').toString('base64'),
                spanId: 'ASNFZ4mrze8=',
                name: 'GET /canary-dev',
                kind: 'SPAN_KIND_SERVER',
                startTimeUnixNano: start,
                endTimeUnixNano: (BigInt(start) + 250_000_000n).toString(),
                attributes: [
                  { key: 'http.status_code', value: { intValue: '500' } },
                  { key: 'attribute.canary.dev', value: { stringValue: 'canary-dev' } },
                ],
                status: { code: 'STATUS_CODE_ERROR' },
              },
            ],
          },
        ],
      },
    ]
    expect(JSON.parse((await get(`/v2/traces/${TRACE_IDS.dev}`)).text)).toMatchObject({ trace: { resourceSpans } })
    expect(JSON.parse((await get(`/traces/${TRACE_IDS.dev}`)).text)).toEqual({ batches: resourceSpans })
  })

  const errors: [string, number, string][] = [
    ['/v2/traces/0000', 404, 'trace not found'],
    [`/v2/traces/${TRACE_IDS.prd}`, 404, 'trace not found'],
    ['/traces/xyz', 400, "trace IDs can only contain hex characters: invalid character 'x' at position 1"],
    [`/traces/${'a'.repeat(33)}`, 400, "trace IDs can't be larger than 128 bits"],
  ]
  it.each(errors)('%s', async (path, status, text) => {
    expect(await get(path)).toMatchObject({ status, text })
  })
})

describe('search', () => {
  it('answers with the attributes that were asked for', async () => {
    const { text } = await get(`/search?q=${q('{ resource.service.name = "service-canary-dev" && duration > 100ms }')}`)
    const spanSet = {
      spans: [
        {
          spanID: '0123456789abcdef',
          name: 'GET /canary-dev',
          startTimeUnixNano: start,
          durationNanos: '250000000',
          attributes: [{ key: 'service.name', value: { stringValue: 'service-canary-dev' } }],
        },
      ],
      matched: 1,
    }
    expect(JSON.parse(text)).toEqual({
      traces: [
        {
          traceID: TRACE_IDS.dev,
          rootServiceName: 'service-canary-dev',
          rootTraceName: 'GET /canary-dev',
          startTimeUnixNano: start,
          durationMs: 250,
          spanSet,
          spanSets: [spanSet],
        },
      ],
      metrics: {},
    })
  })

  const searches: [string, number][] = [
    [`q=${q('{}')}`, 1],
    ['', 1],
    [`q=${q('{ status = error && kind = server }')}`, 1],
    [`q=${q('{ status = ok }')}`, 0],
    [`q=${q('{ .http.status_code >= 500 }')}`, 1],
    [`q=${q('{ span.http.status_code = 404 }')}`, 0],
    [`q=${q('{ name =~ "GET /.*" }')}`, 1],
    [`q=${q('{ name =~ "GET" }')}`, 0],
    [`tags=${q('service.name=service-canary-dev http.status_code=500')}`, 1],
    [`tags=${q('name="GET /canary-dev"')}&minDuration=200ms&maxDuration=1s`, 1],
    ['minDuration=1s', 0],
  ]
  it.each(searches)('%s finds %i', async (params, count) => {
    const { status, text } = await get(`/search?${params}`)
    expect(status).toBe(200)
    expect((JSON.parse(text) as { traces: unknown[] }).traces).toHaveLength(count)
  })

  const errors: [string, string][] = [
    [`q=${q('{ a')}`, 'parse error at line 1, col 3: the field a is not supported yet'],
    [`q=${q('{ .a = ')}`, 'parse error at line 1, col 8: syntax error: unexpected $end'],
    [`q=${q('{ .a = 1 || .b = 2 }')}`, 'parse error at line 1, col 10: || is not supported yet: one { … && … } is'],
    [`q=${q('{ .a = 1 } | rate()')}`, 'parse error at line 1, col 12: | is not supported yet: one { … && … } is'],
    ['limit=1001', 'limit 1001 exceeds the maximum of 1000'],
    ['start=2&end=1', 'http parameter start must be before end'],
    ['minDuration=x', 'invalid minDuration: cannot read "x"'],
    ['tags=a', 'invalid tags: expected key=value at 0'],
  ]
  it.each(errors)('%s', async (params, text) => {
    expect(await get(`/search?${params}`)).toMatchObject({ status: 400, text })
  })
})

describe('tags', () => {
  const cases: [string, unknown][] = [
    ['/search/tags', { tagNames: ['attribute.canary.dev', 'http.status_code', 'service.name'] }],
    ['/v2/search/tags?scope=resource', { scopes: [{ name: 'resource', tags: ['service.name'] }] }],
    ['/search/tag/service.name/values', { tagValues: ['service-canary-dev'] }],
    ['/v2/search/tag/resource.service.name/values', { tagValues: [{ type: 'string', value: 'service-canary-dev' }] }],
    ['/v2/search/tag/.http.status_code/values', { tagValues: [{ type: 'int', value: '500' }] }],
    [
      `/v2/search/tag/status/values?q=${q('{ incomplete')}`,
      { tagValues: ['error', 'ok', 'unset'].map((value) => ({ type: 'keyword', value })) },
    ],
    ['/v2/search/tag/span.a%2Fb/values', { tagValues: [] }],
  ]
  it.each(cases)('%s', async (path, body) => {
    expect(JSON.parse((await get(path)).text)).toMatchObject(body as object)
  })
})

it('answers the checks of Grafana', async () => {
  expect(await get('/echo')).toMatchObject({ status: 200, text: 'echo' })
  expect((await get('/status/buildinfo')).status).toBe(200)
})
