import { afterAll, describe, expect, it } from 'vitest'
import type { Silence } from '../../model/index.ts'
import { createTestHub, NOW_MS, TRACE_IDS } from '../testing/test-hub.ts'

let silences: readonly Silence[] = []
const hub = await createTestHub({ silences: () => silences })
afterAll(() => hub.app.close())

const since = NOW_MS - 300_000
const SILENT: Silence = { cluster: 'canary-dev-cluster', tenant: 'dev', sinceMs: since, wasHeard: true }
const MESSAGE = `cluster 'canary-dev-cluster' has sent nothing since ${new Date(since).toISOString()}: its newest spans are missing`
const RATE = `metrics/query_range?q=${encodeURIComponent('{} | rate()')}&start=${String(NOW_MS / 1000 - 600)}&end=${String(NOW_MS / 1000)}`

async function get(
  path: string,
  accept = 'application/json',
): Promise<{ readonly json: unknown; readonly text: string }> {
  const response = await hub.app.inject({ url: `/tempo/api/${path}`, headers: { ...hub.headers('dev'), accept } })
  expect(response.statusCode).toBe(200)
  return { json: accept === 'application/json' ? response.json() : undefined, text: response.body }
}

describe('clusters that are silent', () => {
  it('are named by answers that lack their newest spans', async () => {
    silences = [SILENT]
    const partial = { status: 'PARTIAL', message: MESSAGE }
    expect((await get(`v2/traces/${TRACE_IDS.dev}`)).json).toMatchObject(partial)
    expect((await get(RATE)).json).toMatchObject(partial)
    expect((await get(RATE.replace('query_range', 'query'))).json).toMatchObject(partial)
    expect((await get(`v2/traces/${TRACE_IDS.dev}`, 'application/protobuf')).text).toContain(MESSAGE)
  })

  it('are not by what is about times before the silence, or where nothing is silent', async () => {
    silences = [{ ...SILENT, sinceMs: NOW_MS }]
    expect((await get(`v2/traces/${TRACE_IDS.dev}`)).json).not.toHaveProperty('status')
    silences = []
    expect((await get(RATE)).json).not.toHaveProperty('status')
    expect((await get(`v2/traces/${TRACE_IDS.dev}`, 'application/protobuf')).text).not.toContain('its newest spans')
  })
})
