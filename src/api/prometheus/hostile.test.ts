import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestHub, NOW_MS, type TestHub } from '../testing/test-hub.ts'

let hub: TestHub
let url = ''
beforeAll(async () => {
  hub = await createTestHub()
  url = await hub.app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await hub.app.close()
})

const END = NOW_MS / 1000
const YEAR = 31_536_000
const repeat = (text: string, times: number): string => text.repeat(times)

/** Queries that would cost a server much, or that another language would understand. */
const HOSTILE: Readonly<Record<string, string>> = {
  '100,000 letters': repeat('a', 100_000),
  '100,000 parentheses': repeat('(', 100_000),
  'a text of 60,000 characters': `{job="${repeat('x', 60_000)}"}`,
  'operators without end': repeat('up+', 20_000) + 'up',
  'unions without end': repeat('up or ', 1_900) + 'up',
  '1,000 parentheses': `${repeat('(', 1_000)}up${repeat(')', 1_000)}`,
  '60,000 open parentheses': repeat('(', 60_000),
  '10,000 functions': `${repeat('abs(', 10_000)}up${repeat(')', 10_000)}`,
  '30,000 signs': `${repeat('-', 30_000)}1`,
  '1,000 powers': `${repeat('2^', 1_000)}2`,
  '900 subqueries': `up${repeat('[1m:1s]', 900)}`,
  'nested subqueries': `${repeat('max_over_time(', 20)}up${repeat('[1y:1ms])', 20)}`,
  'everything over a year by the second': 'max_over_time({__name__=~".+"}[1y:1s])',
  'nothing over a year by the millisecond': 'max_over_time(vector(1)[1y:1ms])',
  'products of everything': '{__name__=~".+"} * on () group_left () {__name__=~".+"}',
  'a nested regular expression': `{__name__=~"(a+)+${repeat('(a+)+', 500)}b"}`,
  'a counted regular expression': '{__name__=~"((a{0,1000}){0,1000}){0,1000}"}',
  'a long counted regular expression': `{__name__=~"${repeat('(x{1000})', 1_000)}"}`,
  'options without end': `{__name__=~"${repeat('a|', 20_000)}a"}`,
  'a broken regular expression': `{__name__=~"${repeat('[', 1_000)}"}`,
  'a backtracking regular expression in a label': `label_replace(up, "x", "$1", "job", "${repeat('(.*)', 200)}z")`,
  'a replacement without end': `label_replace(up, "x", "${repeat('$1', 20_000)}", "job", "(.*)")`,
  'labels joined without end': `label_join(up, "x", ",", ${repeat('"job", ', 5_000)}"job")`,
  SQL: `{job="x' OR '1'='1"}`,
  'a second statement': `{job="x'); DROP TABLE samples; --"}`,
  'a second statement as a name': `{"x'; DROP TABLE samples; --"="y"}`,
  'a parameter of the store': '{job="{p0:String}"}',
  'a backslash at the end': String.raw`{job="\\"}`,
  'a zero byte': String.raw`{job="\x00"}`,
  'half a character': String.raw`{job="\ud800"}`,
  'bytes that are no text': String.raw`{job="\xff\xfe"}`,
  'the prototype': '{__proto__="x",constructor=~".*",toString!=""}',
  'the prototype as a label': 'label_replace(up, "__proto__", "x", "", "")',
  'a label for each value': 'count_values("__proto__", up)',
  'the most of everything': 'topk(1e18, {__name__=~".+"})',
  'a time before time': 'up @ -1e18',
  'a time after time': 'up @ 1e18',
  'an offset of centuries': 'up offset 292y',
  'a range of centuries': 'count_over_time(up[292y])',
  'a line through nothing': 'predict_linear(up[5m], 1e308)',
  'a date without end': 'year(vector(1e300)) + minute(vector(-Inf))',
}

const TIMES: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['query', { time: String(END) }],
  ['query_range', { start: String(END - 600), end: String(END), step: '60' }],
  ['query_range', { start: String(END - YEAR), end: String(END), step: '1' }],
  ['query_range', { start: '-1e300', end: '1e300', step: '1e-9' }],
  ['series', { start: '-1e18', end: '1e18' }],
  ['parse_query', {}],
  ['format_query', {}],
]

async function ask(caller: 'dev' | 'prd', path: string, form: Readonly<Record<string, string>>): Promise<Response> {
  return await fetch(`${url}/prometheus/api/v1/${path}`, {
    method: 'POST',
    headers: { ...hub.headers(caller), 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form),
  })
}

/** The other tenant gets its own data, whatever the first has asked for. */
async function othersAreServed(): Promise<void> {
  const answer = await ask('prd', 'query', { query: 'count({__name__=~".+"})', time: String(END) })
  expect(answer.status).toBe(200)
  expect(await answer.json()).toMatchObject({ data: { result: [{ value: [END, '5'] }] } })
}

describe('hostile queries', () => {
  for (const [name, query] of Object.entries(HOSTILE)) {
    it(`get an answer or an error within the limits: ${name}`, async () => {
      const asked = TIMES.map(async ([path, times]) => {
        if (path === 'parse_query' || path === 'format_query') {
          return await fetch(`${url}/prometheus/api/v1/${path}`, {
            method: 'POST',
            headers: { ...hub.headers('dev'), 'content-type': 'application/x-www-form-urlencoded' },
            body: new URLSearchParams({ query }),
          })
        }
        return await ask(
          'dev',
          path,
          path === 'series' ? { 'match[]': query, ...times } : { query, timeout: '10s', ...times },
        )
      })
      const answers = await Promise.all([...asked, othersAreServed().then(() => undefined)])
      for (const answer of answers) {
        if (answer === undefined) continue
        expect([200, 400, 413, 422, 503]).toContain(answer.status)
        const text = await answer.text()
        expect(text).not.toContain('canary-prd')
        expect(['success', 'error']).toContain((JSON.parse(text) as { status: string }).status)
        expect(text).not.toMatch(/"errorType":"internal"/)
      }
    }, 30_000)
  }

  it('leave nothing behind', async () => {
    await othersAreServed()
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })
})
