import { appendFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, LocalFleet } from './testing/local-fleet.ts'

const CLUSTER = 'dev-uaenorth'
const EMAIL = 'planted.person@example.com'
const SSN = '219-09-9999'
const CARD = '4111 1111 1111 1111'

interface Streams {
  readonly data: { readonly result: readonly { readonly values: readonly (readonly [string, string])[] }[] }
}

/** What the bytes of all files under the directory hold, one text a file. */
function contentsOf(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'latin1'))
}

describe('personal data in the local fleet', () => {
  let fleet: LocalFleet

  beforeAll(async () => {
    fleet = await LocalFleet.create({ demo: false })
    await fleet.up()
  }, 120_000)

  afterAll(async () => {
    await fleet.dispose()
  })

  it('reaches neither the disk of the edge, nor that of the hub, nor the store', async () => {
    const edge = fleet.edges.get(CLUSTER)
    const attributes = [{ key: 'contact', value: { stringValue: EMAIL } }]
    const logs = {
      resourceLogs: [
        {
          scopeLogs: [
            {
              logRecords: [
                {
                  timeUnixNano: `${String(Date.now())}000000`,
                  body: { stringValue: `by-otlp ${EMAIL} paid with ${CARD}` },
                  attributes,
                },
              ],
            },
          ],
        },
      ],
    }
    const response = await fetch(`http://127.0.0.1:${String(edge?.otlpHttp)}/v1/logs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(logs),
    })
    expect(response.status).toBe(200)

    const pod = path.join(fleet.state, 'logs', CLUSTER, 'pods', 'shop_checkout_1', 'app')
    mkdirSync(pod, { recursive: true })
    const line = JSON.stringify({ msg: 'by-file', customer: { mail: EMAIL, ssn: SSN } })
    appendFileSync(path.join(pod, '0.log'), `${new Date().toISOString()} stdout F ${line}\n`)

    const find = async (text: string): Promise<readonly string[]> => {
      const query = new URLSearchParams({ query: `{cluster="${CLUSTER}"} |= "${text}"`, limit: '10' })
      const { data } = await fleet.getJson<Streams>(`/loki/api/v1/query_range?${query.toString()}`)
      return data.result.flatMap(({ values }) => values.map(([, value]) => value))
    }
    const found = await eventually(
      async () => [...(await find('by-otlp')), ...(await find('by-file'))],
      (lines) => lines.length === 2,
    )
    expect(found).toEqual([
      'by-otlp [email] paid with [credit-card]',
      '{"msg":"by-file","customer":{"mail":"[email]","ssn":"[us-ssn]"}}',
    ])
    for (const value of [EMAIL, SSN, CARD]) expect(await find(value)).toEqual([])

    for (const dir of [path.join(fleet.state, 'edges', CLUSTER, 'log'), path.join(fleet.state, 'hub', 'log')]) {
      const contents = contentsOf(dir)
      expect(contents.some((content) => content.includes('by-otlp'))).toBe(true)
      expect(contents.some((content) => content.includes('by-file'))).toBe(true)
      for (const value of [EMAIL, SSN, CARD]) expect(contents.some((content) => content.includes(value))).toBe(false)
    }

    const metrics = await (await fetch(`http://127.0.0.1:${String(edge?.http)}/metrics`)).text()
    expect(metrics).toContain('fleetglass_scrub_matches_total{rule="email",action="redact",signal="logs"} 3')
    expect(metrics).not.toContain(EMAIL)
  }, 90_000)
})
