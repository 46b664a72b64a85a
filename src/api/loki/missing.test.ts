import { afterAll, describe, expect, it } from 'vitest'
import type { Silence } from '../../model/index.ts'
import { createTestHub, NOW_MS } from '../testing/test-hub.ts'

let silences: readonly Silence[] = []
const hub = await createTestHub({ silences: () => silences })
afterAll(() => hub.app.close())

async function ask(caller: 'dev' | 'prd', path: string, query: Record<string, string>): Promise<unknown> {
  const url = `/loki/api/v1/${path}?${new URLSearchParams(query).toString()}`
  const answer = await hub.app.inject({ url, headers: hub.headers(caller) })
  expect(answer.statusCode).toBe(200)
  return answer.json<{ warnings?: unknown }>().warnings
}

const since = NOW_MS - 300_000
const SILENT: Silence = { cluster: 'canary-dev-cluster', tenant: 'dev', sinceMs: since, wasHeard: true }
const WARNING = `cluster 'canary-dev-cluster' has sent nothing since ${new Date(since).toISOString()}: its newest lines are missing`
const RANGE = { end: `${String(NOW_MS + 1)}000000` }
const TIME = { time: String(NOW_MS / 1000) }

describe('clusters that are silent', () => {
  it('are named by answers that lack their newest lines', async () => {
    silences = [SILENT]
    expect(await ask('dev', 'query_range', { query: '{service_name="shop"}', ...RANGE })).toEqual([WARNING])
    const count = 'sum(count_over_time({service_name="shop"}[1m]))'
    expect(await ask('dev', 'query_range', { query: count, ...RANGE })).toEqual([WARNING])
    expect(await ask('dev', 'query', { query: `${count} > 0`, ...TIME })).toEqual([WARNING])
  })

  it('are not where nothing of theirs is asked for, or by those who may not see them', async () => {
    silences = [SILENT]
    const early = 'count_over_time({service_name="shop"}[1m] offset 10m)'
    for (const query of ['vector(1)', early, 'rate({service_name="other"}[1m])']) {
      expect([query, await ask('dev', 'query', { query, ...TIME })]).toEqual([query, undefined])
    }
    expect(await ask('prd', 'query_range', { query: '{service_name="shop"}', ...RANGE })).toBeUndefined()
    silences = []
    expect(await ask('dev', 'query_range', { query: '{service_name="shop"}', ...RANGE })).toBeUndefined()
  })
})
