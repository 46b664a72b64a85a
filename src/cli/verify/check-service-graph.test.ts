import { once } from 'node:events'
import { createServer } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ReadBack } from './check-canaries.ts'
import { checkServiceGraph } from './check-service-graph.ts'

interface Sent {
  readonly resourceSpans: readonly [
    {
      readonly resource: { readonly attributes: readonly [{ readonly value: { readonly stringValue: string } }] }
      readonly scopeSpans: readonly [{ readonly spans: readonly [Readonly<Record<string, unknown>>] }]
    },
  ]
}

describe('the check of the service graph', () => {
  const sent: Sent[] = []
  const edge = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      sent.push(JSON.parse(Buffer.concat(chunks).toString()) as Sent)
      response.end('{}')
    })
  })
  let url = ''
  beforeEach(async () => {
    sent.length = 0
    edge.listen(0, '127.0.0.1')
    await once(edge, 'listening')
    const address = edge.address()
    url = `http://127.0.0.1:${String(typeof address === 'object' ? address?.port : 0)}`
  })
  afterEach(async () => {
    edge.close()
    await once(edge, 'close')
  })

  /** A hub on which the first requests were counted before and a call after a minute, if at all. */
  function hubThat(counts: boolean): ReadBack & { readonly queries: string[] } {
    let nowMs = 0
    const queries: string[] = []
    const clock = {
      now: () => nowMs,
      sleep: (ms: number) => {
        nowMs += ms
        return Promise.resolve()
      },
    }
    const get = (path: string): Promise<unknown> => {
      queries.push(new URL(path, 'http://hub').searchParams.get('query') ?? '')
      const counted = counts && sent.length === 2 && nowMs > 10_000 ? 8 : 7
      return Promise.resolve({ data: { result: [{ value: [0, String(counted)] }] } })
    }
    return { clock, get, queries }
  }

  it('sends both sides of a call through two edges and waits for the request', async () => {
    const hub = hubThat(true)
    const [check] = await checkServiceGraph({ edges: { 'dev-1': url, 'prd-1': url }, intervalMs: 15_000 }, hub)
    expect(check).toMatchObject({ check: 'service graph', cluster: 'prd-1', ok: true, detail: 'a call from dev-1' })
    const spans = sent.map(({ resourceSpans: [{ scopeSpans }] }) => scopeSpans[0].spans[0])
    expect(spans).toMatchObject([{ kind: 3 }, { kind: 2, parentSpanId: spans[0]?.['spanId'] }])
    expect(new Set(spans.map((span) => span['traceId'])).size).toBe(1)
    expect(hub.queries[0]).toContain('client_cluster="dev-1",server_cluster="prd-1"')
  })

  it('fails when the call is not counted in time, or an edge refuses it', async () => {
    const silent = await checkServiceGraph({ edges: { 'dev-1': url }, intervalMs: 15_000 }, hubThat(false))
    expect(silent).toMatchObject([
      { cluster: 'dev-1', ok: false, detail: 'a call from dev-1 is not counted after 35 s' },
    ])
    const refused = await checkServiceGraph({ edges: { 'dev-1': 'http://127.0.0.1:1' }, intervalMs: 1 }, hubThat(true))
    expect(refused).toMatchObject([{ ok: false }])
  })
})
