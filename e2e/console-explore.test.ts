import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { type ConsoleSuite, describeConsole } from './testing/console-suite.ts'
import { eventually, type LocalFleet } from './testing/local-fleet.ts'
import { gaugeOf, hostileValues, logsOf, postOtlp, spansOf } from './testing/telemetry.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const HOSTILE = hostileValues(200)
const MINUTE_MS = 60_000

async function prepare({ fleet }: ConsoleSuite): Promise<void> {
  await sendTelemetry(fleet)
  await eventually(
    () => fleet.getJson<Series>(`/prometheus/api/v1/query?query=${encodeURIComponent('count(test_gauge)')}`),
    ({ data }) => data.result[0]?.value[1] === String(HOSTILE.length + 3),
    60_000,
  )
  await eventually(
    () => fleet.getJson<{ data: { result: unknown[] } }>(logsPath('{service_name="payments"}')),
    ({ data }) => data.result.length > 0,
    60_000,
  )
}

describeConsole('Explore in a browser', { prepare }, (suite) => {
  it('draws the series that the API answers, clusters by their names, and keeps all of it in the address', async () => {
    const query = 'sum by (cluster) (test_gauge{kind="plain"})'
    const page = await suite.pages.open(`/explore/metrics?q=${encodeURIComponent(query)}&from=now-30m`)
    const rows = page.locator('[data-series]')
    await rows.first().waitFor({ timeout: 30_000 })
    const answer = await suite.fleet.getJson<Series>(`/prometheus/api/v1/query?query=${encodeURIComponent(query)}`)
    const expected = answer.data.result.map(({ metric }) => metric['cluster']).sort()
    const shown = await rows.evaluateAll((all) => all.map((row) => row.querySelector('.cut')?.textContent))
    expect(shown.sort()).toEqual(expected)
    const last = await page.locator('[data-series*="prd-uaenorth"] td').last().innerText()
    expect(last).toBe('2')

    await page.getByRole('button', { name: 'Table' }).click()
    await page.locator('[data-panel]').first().waitFor({ state: 'detached' })
    expect(new URL(page.url()).searchParams.get('view')).toBe('table')
    await page.goBack()
    await page.locator('[data-panel]').first().waitFor()
  }, 90_000)

  it('runs what is typed, says where a query is wrong, and narrows down to clusters', async () => {
    const page = await suite.pages.open('/explore/metrics')
    await page.getByRole('textbox', { name: 'Query A' }).click()
    await page.keyboard.type('test_gauge +', { delay: 20 })
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+Enter')
    const alert = page.getByRole('alert').first()
    await alert.waitFor()
    expect(await alert.innerText()).toMatch(/parse error/)
    suite.pages.complaints = suite.pages.complaints.filter((text) => !text.startsWith('Failed to load resource'))

    await page.goto(
      `${suite.fleet.url}/explore/metrics?q=${encodeURIComponent('count by (cluster) (test_gauge)')}&env=stg`,
    )
    await page.locator('[data-series]').first().waitFor({ timeout: 30_000 })
    expect(await page.locator('[data-series]').count()).toBe(1)
    expect(await page.locator('[data-series]').innerText()).toContain('stg-uaenorth')
    suite.pages.complaints = suite.pages.complaints.filter((text) => !text.startsWith('Failed to load resource'))
  }, 90_000)

  it('shows log lines with their fields, filters by a click, and leads to the trace', async () => {
    const page = await suite.pages.open(
      `/explore/logs?q=${encodeURIComponent('{service_name="payments"}')}&from=now-30m`,
    )
    await page.getByText('payment declined by acquirer').first().waitFor({ timeout: 30_000 })
    await page.getByText('payment declined by acquirer').first().click()
    await page.getByRole('button', { name: 'Only order_id = ord_1' }).waitFor()
    await page.getByRole('link', { name: 'Open trace' }).click()
    await page.locator('[data-span]').first().waitFor({ timeout: 30_000 })
    expect(page.url()).toContain(TRACE)
    expect(await page.locator('[data-span]').count()).toBe(4)
    expect(await page.locator('.trace-head').innerText()).toContain('storefront: POST /checkout')
    await page.getByText('Clock skew corrected.').waitFor()
    await page.getByRole('button', { name: 'Flame' }).click()
    await page.locator('.flame canvas').waitFor()
    await page.getByRole('button', { name: 'Table' }).click()
    await page.getByText('On the critical path').waitFor()
  }, 120_000)

  it('finds traces, and opens one', async () => {
    const page = await suite.pages.open('/explore/traces?from=now-30m')
    const row = page.locator(`[data-trace="${TRACE}"]`)
    await row.waitFor({ timeout: 30_000 })
    expect((await row.innerText()).replaceAll(/\s+/g, ' ')).toContain('storefront POST /checkout')
    await row.getByRole('link').click()
    await page.locator('[data-span]').first().waitFor({ timeout: 30_000 })
    await page.keyboard.press('e')
    await page.getByRole('complementary', { name: /Span/ }).waitFor()
    expect(await page.getByRole('complementary').innerText()).toContain('lock wait timeout')
  }, 90_000)

  it('shows hostile values as text', async () => {
    const check = async (page: Page): Promise<void> => {
      expect(await page.evaluate(() => (window as { hacked?: number }).hacked)).toBeUndefined()
      expect(await page.locator('main img, main script, main style, main iframe').count()).toBe(0)
    }
    const metrics = await suite.pages.open(
      `/explore/metrics?q=${encodeURIComponent('test_gauge{kind="hostile"}')}&from=now-30m`,
    )
    await metrics.locator('[data-series]').first().waitFor({ timeout: 30_000 })
    expect(await metrics.locator('[data-series]').count()).toBe(HOSTILE.length)
    expect(await metrics.locator('.series-table').innerText()).toContain('<script>window.hacked=1</script> 1')
    await check(metrics)
    const logs = await suite.pages.open(
      `/explore/logs?q=${encodeURIComponent('{service_name="hostile"}')}&from=now-30m&wrap=1`,
    )
    await logs.locator('.log-row').first().waitFor({ timeout: 30_000 })
    await logs.locator('.log-row').first().click()
    await check(logs)
  }, 120_000)

  it('goes everywhere by the palette and by keys', async () => {
    const page = await suite.pages.open('/')
    await page.locator('[data-cluster]').first().waitFor({ timeout: 30_000 })
    await page.keyboard.press('Control+k')
    await page.keyboard.type('explore logs')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/explore\/logs/)
    await page.keyboard.press('g')
    await page.keyboard.press('f')
    await page.locator('[data-cluster="prd-uaenorth"]').waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/fleet\/prd-uaenorth/)
    await page.getByRole('region', { name: 'Edges' }).waitFor()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'All keys' }).waitFor()
  }, 90_000)
})

interface Series {
  readonly data: {
    readonly result: readonly { readonly metric: Record<string, string>; readonly value: [number, string] }[]
  }
}

function logsPath(query: string): string {
  return `/loki/api/v1/query_range?query=${encodeURIComponent(query)}`
}

/** Gauges, lines and one trace through three services in two clusters, one of whose clocks runs ahead. */
async function sendTelemetry(fleet: LocalFleet): Promise<void> {
  const now = Date.now() - MINUTE_MS
  const port = (cluster: string): number => {
    const listen = fleet.edges.get(cluster)
    if (listen === undefined) throw new Error(`no edge of ${cluster}`)
    return listen.otlpHttp
  }
  const [prd, stg, dev] = ['prd-uaenorth', 'stg-uaenorth', 'dev-uaenorth'].map(port) as [number, number, number]
  for (const [index, edge] of [dev, prd, stg].entries()) {
    // Not of this moment: charts end at the last whole step.
    const point = { atMs: now, value: index + 1, attributes: { kind: 'plain' } }
    await postOtlp(edge, 'metrics', gaugeOf('payments', 'test_gauge', [point]))
  }
  const hostile = HOSTILE.map((value, index) => ({
    atMs: Date.now(),
    value: index,
    attributes: { kind: 'hostile', value },
  }))
  await postOtlp(dev, 'metrics', gaugeOf('hostile', 'test_gauge', hostile))
  await postOtlp(
    dev,
    'logs',
    logsOf(
      'hostile',
      HOSTILE.map((body, index) => ({ atMs: now + index, body, level: 'info', attributes: { value: body } })),
    ),
  )

  const span = (id: string, name: string, startMs: number, endMs: number, parent?: string, isError = false) => ({
    traceId: TRACE,
    spanId: id.repeat(16),
    name,
    startMs: now + startMs,
    endMs: now + endMs,
    kind: parent === undefined ? 3 : 2,
    isError,
    ...(parent === undefined ? {} : { parentSpanId: parent.repeat(16) }),
  })
  await postOtlp(prd, 'traces', spansOf('storefront', [span('1', 'POST /checkout', 0, 1_000)]))
  await postOtlp(prd, 'traces', spansOf('orders', [span('2', 'POST /v1/orders', 10, 990, '1')]))
  // Its clock runs a second ahead: without a correction it would begin after the end of its caller.
  await postOtlp(
    stg,
    'traces',
    spansOf('payments', [
      span('3', 'POST /v1/charges', 1_100, 1_900, '2'),
      span('4', 'SELECT accounts', 1_200, 1_700, '3', true),
    ]),
  )
  await postOtlp(
    stg,
    'logs',
    logsOf('payments', [
      {
        atMs: now + 1_300,
        body: 'payment declined by acquirer',
        level: 'error',
        attributes: { order_id: 'ord_1' },
        traceId: TRACE,
        spanId: '4'.repeat(16),
      },
    ]),
  )
}
