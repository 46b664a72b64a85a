import { afterAll, describe, expect, it } from 'vitest'
import type { Silence } from '../../model/index.ts'
import { createTestHub, NOW_MS } from '../testing/test-hub.ts'

let silences: readonly Silence[] = []
const hub = await createTestHub({ silences: () => silences })
afterAll(() => hub.app.close())

const silent = (tenant: 'dev' | 'prd', sinceMs: number, wasHeard = true): Silence => ({
  cluster: `canary-${tenant}-cluster`,
  tenant,
  sinceMs,
  wasHeard,
})

async function warnings(caller: 'dev' | 'prd' | 'all', path: string, query: Record<string, string>): Promise<unknown> {
  const url = `/prometheus/api/v1/${path}?${new URLSearchParams(query).toString()}`
  const answer = await hub.app.inject({ url, headers: hub.headers(caller) })
  expect(answer.statusCode).toBe(200)
  return answer.json<{ warnings?: unknown }>().warnings
}

const TIME = String(NOW_MS / 1000)
const since = NOW_MS - 300_000
const WARNING = `cluster 'canary-dev-cluster' has sent nothing since ${new Date(since).toISOString()}: its newest samples are missing`
const RANGE = { start: String(NOW_MS / 1000 - 600), end: TIME, step: '60' }

describe('clusters that are silent', () => {
  it('are named by every answer that reaches into the silence', async () => {
    silences = [silent('dev', since)]
    expect(await warnings('dev', 'query', { query: 'requests_total', time: TIME })).toEqual([WARNING])
    expect(await warnings('all', 'query_range', { query: 'sum(requests_total)', ...RANGE })).toEqual([WARNING])
    expect(await warnings('dev', 'series', { 'match[]': 'requests_total' })).toEqual([WARNING])
    expect(await warnings('dev', 'labels', {})).toEqual([WARNING])
    expect(await warnings('dev', 'label/job/values', {})).toEqual([WARNING])
  })

  it('are not when the query looks at times before it', async () => {
    silences = [silent('dev', since)]
    for (const query of ['requests_total offset 10m', `requests_total @ ${String(since / 1000)}`, '1 + 1', 'time()']) {
      expect([query, await warnings('dev', 'query', { query, time: TIME })]).toEqual([query, undefined])
    }
    const range = { ...RANGE, end: String(since / 1000 + 30) }
    expect(await warnings('dev', 'query_range', { query: 'requests_total', ...range })).toBeUndefined()
    expect(await warnings('dev', 'query', { query: 'sum_over_time(requests_total[5m:] offset 10m)' })).toBeUndefined()
  })

  it('are not when the selectors cannot touch them, or they never sent such data', async () => {
    silences = [silent('dev', since)]
    for (const query of ['requests_total{cluster="other"}', 'never_sent', 'metric_canary_prd']) {
      expect([query, await warnings('all', 'query', { query, time: TIME })]).toEqual([query, undefined])
    }
    silences = [{ ...silent('dev', since), cluster: 'new' }]
    expect(await warnings('all', 'query', { query: 'requests_total', time: TIME })).toBeUndefined()
  })

  it('are not named to those who may not see them', async () => {
    silences = [silent('dev', since)]
    expect(await warnings('prd', 'query', { query: 'requests_total', time: TIME })).toBeUndefined()
    expect(await warnings('prd', 'labels', {})).toBeUndefined()
  })

  it('are told apart from those that were never heard', async () => {
    silences = [silent('dev', since, false)]
    expect(await warnings('dev', 'query', { query: 'requests_total', time: TIME })).toEqual([
      WARNING.replace('since ', 'since the hub started at '),
    ])
  })
})
