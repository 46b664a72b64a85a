import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lokiJsonToOtlp } from '../wire/index.ts'
import { noEngineReason } from '../storage/testing/test-engine.ts'
import { storeBatches } from '../storage/testing/store-batches.ts'
import { startStoreHub, type StoreHub } from './testing/store-hub.ts'

const NOW_MS = Date.UTC(2026, 0, 1, 1)
const T0 = BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n
const at = (seconds: number): string => String(T0 + BigInt(Math.round(seconds * 1000)) * 1_000_000n)
const q = encodeURIComponent
const range = `start=${at(0)}&end=${at(3600)}`

/** What the hub adds to the labels of a pushed stream: who sent it, and the service that it is of. */
const HUB = { cluster: 'canary-dev-cluster', environment: 'dev', tenant_id: 'dev' }

describe.skipIf(noEngineReason !== undefined)(`Loki's API over a store ${noEngineReason ?? ''}`, () => {
  let hub: StoreHub
  beforeAll(async () => {
    hub = await startStoreHub(NOW_MS)
    const streams = [
      {
        stream: { app: 'shop', level: 'WARN' },
        values: [
          [at(10), 'first', { user: 'ann' }],
          [at(20), 'same time one'],
          [at(20), 'same time two'],
          [at(20), 'same time one'],
          [at(70.5), '{"status":500,"took":"1s"}'],
        ],
      },
      { stream: { app: 'db' }, values: [[at(30), 'level=error msg="disk full"']] },
    ]
    const { payload } = lokiJsonToOtlp(Buffer.from(JSON.stringify({ streams })))
    const identity = { cluster: HUB.cluster, environment: 'dev', region: '', clusterType: '', tenant: 'dev' }
    const envelope = {
      signal: 'logs' as const,
      format: 'otlp' as const,
      items: 6,
      identity,
      collectedAtMs: NOW_MS,
      receivedAtMs: NOW_MS,
    }
    await storeBatches(hub.engine.client, [{ envelope, payload }])
  }, 60_000)
  afterAll(async () => {
    await hub.stop()
  })

  async function get(path: string, headers: Record<string, string> = {}): Promise<unknown> {
    const url = `/loki/api/v1${path}`
    const { statusCode, body } = await hub.app.inject({ url, headers: { ...hub.headers('dev'), ...headers } })
    expect([statusCode, body]).toEqual([200, expect.any(String)])
    return JSON.parse(body)
  }

  const shop = { app: 'shop', level: 'WARN', service_name: 'shop', ...HUB }

  it('gives streams back as they were pushed, with what it documents to add, each line once', async () => {
    const answer = await get(`/query_range?query=${q('{app="shop"}')}&${range}&direction=forward`)
    expect(answer).toMatchObject({
      status: 'success',
      data: {
        resultType: 'streams',
        result: [
          { stream: { ...shop, detected_level: 'warn', user: 'ann' }, values: [[at(10), 'first']] },
          {
            stream: { ...shop, detected_level: 'warn' },
            values: [
              [at(20), 'same time one'],
              [at(20), 'same time two'],
              [at(70.5), '{"status":500,"took":"1s"}'],
            ],
          },
        ],
        stats: { summary: { totalEntriesReturned: 4 } },
      },
    })
    const { data } = answer as { data: { result: { stream: object }[] } }
    const names = [...Object.keys(shop), 'detected_level']
    expect(data.result.map(({ stream }) => Object.keys(stream).sort())).toEqual([
      [...names, 'user'].sort(),
      names.sort(),
    ])
  })

  it('tells labels by where they come from', async () => {
    const flags = { 'X-Loki-Response-Encoding-Flags': 'categorize-labels' }
    const query = q('{app="shop"} |= "status" | json')
    expect(await get(`/query_range?query=${query}&${range}`, flags)).toMatchObject({
      data: {
        encodingFlags: ['categorize-labels'],
        result: [
          {
            stream: shop,
            values: [
              [
                at(70.5),
                '{"status":500,"took":"1s"}',
                {
                  structuredMetadata: { detected_level: 'warn', hub_received_at: new Date(NOW_MS).toISOString() },
                  parsed: { status: '500', took: '1s' },
                },
              ],
            ],
          },
        ],
      },
    })
  })

  it.each([
    ['sum by (detected_level) (count_over_time({app=~".+"}[1h]))', { error: '1', warn: '4' }],
    ['sum by (detected_level) (bytes_over_time({app="shop"}[1m]))', undefined],
  ])('%s', async (query, expected) => {
    const answer = await get(`/query?query=${q(query)}&time=${at(3600)}`)
    const { data } = answer as { data: { result: { metric: { detected_level: string }; value: [number, string] }[] } }
    const found = Object.fromEntries(data.result.map(({ metric, value }) => [metric.detected_level, value[1]]))
    expect(found).toEqual(expected ?? {})
  })

  it.each([
    // Counted in the engine without a look at the text, with it, and by reading; a line that came twice is one.
    ['sum by (detected_level) (count_over_time({app=~".+"}[1h]))', 5, 0],
    ['sum by (status) (count_over_time({app="shop"} |= "status" | json [1h]))', 1, 26],
    ['sum by (status) (sum_over_time({app="shop"} |= "status" | json | unwrap status [1h]))', 1, 26],
  ])('%s says how much it has read', async (query, lines, bytes) => {
    const answer = await get(`/query?query=${q(query)}&time=${at(3600)}`)
    expect(answer).toMatchObject({
      data: { stats: { summary: { totalLinesProcessed: lines, totalBytesProcessed: bytes } } },
    })
  })

  it.each<[string, unknown]>([
    [`/labels?${range}`, { status: 'success', data: [...Object.keys(shop)].sort() }],
    [`/label/app/values?${range}`, { status: 'success', data: ['db', 'shop'] }],
    [`/label/app/values?query=${q('{level="WARN"}')}&${range}`, { status: 'success', data: ['shop'] }],
    [
      `/series?match[]=${q('{app="shop"}')}&match[]=${q('{level="WARN"}')}&${range}`,
      { status: 'success', data: [shop] },
    ],
    [`/index/stats?query=${q('{app=~".+"}')}&${range}`, { streams: 2, chunks: 2, entries: 6, bytes: 97 }],
    [
      `/index/volume?query=${q('{app=~".+"}')}&targetLabels=app&${range}`,
      {
        status: 'success',
        data: {
          resultType: 'vector',
          result: [
            { metric: { app: 'shop' }, value: [Number(BigInt(at(3600)) / 1_000_000_000n), '70'] },
            { metric: { app: 'db' }, value: [Number(BigInt(at(3600)) / 1_000_000_000n), '27'] },
          ],
        },
      },
    ],
    [
      `/detected_fields?query=${q('{app="db"}')}&${range}`,
      {
        fields: [
          { label: 'detected_level', type: 'string', cardinality: 1, parsers: null },
          { label: 'level', type: 'string', cardinality: 1, parsers: ['logfmt'] },
          { label: 'msg', type: 'string', cardinality: 1, parsers: ['logfmt'] },
        ],
        limit: 1000,
      },
    ],
  ])('%s', async (path, expected) => {
    expect(await get(path)).toEqual(expected)
  })

  it('exports every line', async () => {
    const url = `/loki/api/v1/export?query=${q('{app=~".+"}')}&${range}`
    const { body } = await hub.app.inject({ url, headers: hub.headers('dev') })
    const lines = body
      .trimEnd()
      .split('\n')
      .map((row) => (JSON.parse(row) as { line: string }).line)
    expect(lines).toEqual([
      'first',
      'same time one',
      'same time two',
      'level=error msg="disk full"',
      '{"status":500,"took":"1s"}',
    ])
  })
})
