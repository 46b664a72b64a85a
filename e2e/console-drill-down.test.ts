import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { type ConsoleSuite, describeConsole } from './testing/console-suite.ts'
import { eventually, type LocalFleet } from './testing/local-fleet.ts'

const CLUSTER = 'prd-uaenorth'
const SLOW = { timeout: 30_000 }
const GRAPH =
  'sum by (client, client_cluster, server, server_cluster, connection_type) (rate(traces_service_graph_request_total[5m])) > 0'
const FAILING = `sum by (service) (traces_spanmetrics_calls_total{cluster="${CLUSTER}", status_code="STATUS_CODE_ERROR"}) > 0`

interface Vector {
  readonly data: { readonly result: readonly { readonly metric: Readonly<Record<string, string>> }[] }
}

/** The demo's services fail now and then; all of their calls have been seen. */
async function waitForCalls({ fleet }: ConsoleSuite): Promise<void> {
  await eventually(
    () => askVector(fleet, FAILING),
    (found) => found.length > 0,
    150_000,
  )
  await eventually(
    () => askVector(fleet, GRAPH),
    (found) => found.length >= 9,
    120_000,
  )
}

async function askVector(fleet: LocalFleet, query: string): Promise<Vector['data']['result']> {
  return (await fleet.getJson<Vector>(`/prometheus/api/v1/query?query=${encodeURIComponent(query)}`)).data.result
}

const OPTIONS = { demo: true, prepare: waitForCalls, prepareMs: 400_000 } as const

describeConsole('from the fleet down to a span, and across', OPTIONS, (suite) => {
  const ask = (query: string): Promise<Vector['data']['result']> => askVector(suite.fleet, query)

  it('cluster, failing service, its logs, the trace, the logs of the span, staging beside it: one click each', async () => {
    const page = await suite.pages.open('/?from=now-30m')
    await page.locator(`[data-cluster="${CLUSTER}"]`).waitFor(SLOW)

    await page.locator(`[data-cluster="${CLUSTER}"]`).click()
    const services = page.locator('.drawer [data-service]')
    await services.first().waitFor(SLOW)
    const service = (await services.first().getAttribute('data-service')) ?? ''
    // What fails stands first and has its mark.
    expect((await ask(FAILING)).map(({ metric }) => metric['service'])).toContain(service)
    await services.first().locator('.error-mark').waitFor(SLOW)

    await services.first().getByRole('link').click()
    await page.waitForURL(/\/map\?/)
    const drawer = page.getByRole('complementary', { name: `Service ${service}` })
    await drawer.waitFor(SLOW)
    expect(await drawer.innerText()).toContain(CLUSTER)

    await drawer.getByRole('link', { name: 'Logs' }).click()
    await page.waitForURL(/\/explore\/logs/)
    const traced = page.locator('.log-row', { has: page.locator('.log-trace') }).first()
    await traced.waitFor(SLOW)
    expect(await traced.innerText()).toContain(service)
    expect(await traced.innerText()).toContain(CLUSTER)

    await traced.locator('.log-trace a').click()
    await page.waitForURL(/\/explore\/traces\/[0-9a-f]{32}\?.*span=/)
    const span = page.getByRole('complementary', { name: /^Span / })
    await span.waitFor(SLOW)

    await span.getByRole('tab', { name: /Logs/ }).click()
    await span.locator('.span-logs li').first().waitFor(SLOW)

    await span.getByRole('link', { name: 'Compare with stg' }).click()
    await page.waitForURL(/\/compare\?/)
    expect(new URL(page.url()).searchParams.getAll('side')).toEqual([`cluster:${CLUSTER}`, 'cluster:stg-uaenorth'])
    await page.locator('[data-side="A"]').waitFor(SLOW)
    await page.locator('[data-side="B"]').waitFor()
    await page.locator('[data-difference]').waitFor()
    // The range has come along all the way.
    expect(new URL(page.url()).searchParams.get('from')).toBe('now-30m')
  }, 240_000)

  it('the map shows who calls whom as the API says it, and leads from a call to its traces', async () => {
    const page = await suite.pages.open('/map?from=now-5m')
    await page.locator('[data-edge]').first().waitFor(SLOW)
    const calls = (await ask(GRAPH)).map(({ metric }) => idsOf(metric))
    const expected = new Set(calls.map((ends) => ends.join(' → ')))
    await eventually(
      async () => new Set(await attributes(page, '[data-edge]', 'data-edge')),
      (shown) => [...expected].every((id) => shown.has(id)),
    )
    const nodes = new Set(await attributes(page, '[data-node]', 'data-node'))
    expect([...new Set(calls.flat())].filter((id) => !nodes.has(id))).toEqual([])

    // By keyboard: into the map, to the neighbour, open it, close it.
    await page.locator('[data-node][tabindex="0"]').focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    const node = page.getByRole('complementary', { name: /^Service / })
    await node.waitFor()
    await page.keyboard.press('Escape')
    await node.waitFor({ state: 'detached' })

    await page.locator(`[data-call*="/storefront → "]`).first().click()
    const drawer = page.getByRole('complementary', { name: /^Call of / })
    await drawer.locator('.trace-behind').first().waitFor(SLOW)
    expect(await drawer.locator('.duration-bars li').count()).toBeGreaterThan(0)
    await drawer.getByRole('link', { name: 'Traces', exact: true }).click()
    await page.waitForURL(/\/explore\/traces\?/)
    await page.locator('[data-trace]').first().waitFor(SLOW)
  }, 120_000)

  it('the map narrows down to a cluster, to words, and keeps both in the address', async () => {
    const page = await suite.pages.open(`/map?from=now-5m&cluster=${CLUSTER}`)
    await page.locator('[data-edge]').first().waitFor(SLOW)
    for (const id of await attributes(page, '[data-edge]', 'data-edge')) expect(id).toContain(CLUSTER)
    await page.getByRole('textbox', { name: 'Find a service or a cluster' }).fill('no such service')
    await page.getByText('No call has these words in its ends').waitFor()
    expect(new URL(page.url()).searchParams.get('find')).toBe('no such service')
    await page.getByRole('button', { name: 'Show all' }).click()
    await page.locator('[data-edge]').first().waitFor()
  }, 90_000)

  it('compares by value: what only one side has, what is far apart; the address holds all of it', async () => {
    // Each cluster scrapes its own edge; only one scrapes the hub.
    const query = 'sum by (job) (up)'
    const sides = 'side=cluster:dev-uaenorth&side=cluster:stg-uaenorth'
    const page = await suite.pages.open(`/compare?from=now-5m&q=${encodeURIComponent(query)}&${sides}`)
    const rows = page.locator('[data-drift]')
    await rows.first().waitFor(SLOW)
    const jobs = async (cluster: string): Promise<Set<string | undefined>> =>
      new Set((await ask(`sum by (job) (up{cluster="${cluster}"})`)).map(({ metric }) => metric['job']))
    const [dev, stg] = [await jobs('dev-uaenorth'), await jobs('stg-uaenorth')]
    const only = [...dev].filter((job) => !stg.has(job)).map((job) => `{job="${job ?? ''}"}`)
    expect(only).toEqual(['{job="hub"}'])
    expect(await attributes(page, '[data-kind="missing"]', 'data-drift')).toEqual(only)

    await page.getByRole('button', { name: /^Missing/ }).click()
    await eventually(
      () => rows.count(),
      (count) => count === 1,
    )
    await page.getByRole('button', { name: '%' }).click()
    await page.getByRole('button', { name: 'Exchange A and B' }).click()
    await page.waitForURL(/side=cluster:stg-uaenorth&side=cluster:dev-uaenorth/)
    const again = await suite.pages.open(new URL(page.url()).pathname + new URL(page.url()).search)
    await again.locator('[data-kind="missing"]').waitFor(SLOW)
    expect(await again.locator('[data-drift]').count()).toBe(1)
    expect(await again.getByRole('button', { name: '%' }).getAttribute('aria-pressed')).toBe('true')
    expect(await again.locator('.drift-group').innerText()).toContain('Only in B dev-uaenorth')
  }, 120_000)

  it('compares three environments, and metrics of logs', async () => {
    const query = encodeURIComponent('sum by (service_name) (rate({service_name=~".+"}[5m]))')
    const page = await suite.pages.open(
      `/compare?from=now-5m&lang=logql&q=${query}&side=env:prd&side=env:stg&side=env:dev`,
    )
    await page.locator('[data-drift]').first().waitFor(SLOW)
    expect(await page.locator('[data-side]').count()).toBe(3)
    const keys = await attributes(page, '[data-drift]', 'data-drift')
    expect(keys.some((key) => key.includes('storefront'))).toBe(true)
  }, 90_000)

  it('compares the operations of a service, and what is to be ignored is', async () => {
    const query = encodeURIComponent('sum by (job, instance) (up)')
    const sides = 'side=cluster:dev-uaenorth&side=cluster:stg-uaenorth'
    const page = await suite.pages.open(`/compare?from=now-5m&q=${query}&${sides}`)
    await page.locator('[data-operation]').first().waitFor(SLOW)
    const served = `count by (span_name) (traces_spanmetrics_calls_total{cluster=~"dev-uaenorth|stg-uaenorth", span_kind="SPAN_KIND_SERVER"})`
    const expected = new Set((await ask(served)).map(({ metric }) => metric['span_name']))
    const shown = await attributes(page, '[data-operation]', 'data-operation')
    expect(shown.length).toBeGreaterThan(0)
    for (const name of shown) expect(expected).toContain(name)

    // Ports differ everywhere, so everything is missing somewhere until their label is ignored.
    await page.locator('[data-kind="missing"]').first().waitFor(SLOW)
    await page.getByRole('button', { name: 'Edit ignore list' }).click()
    const editor = page.getByRole('dialog', { name: 'Edit ignore list' })
    await editor.getByRole('checkbox', { name: 'instance' }).check()
    await page.locator('[data-drift="{job=\\"edge\\"}"]').waitFor(SLOW)
    await editor.getByRole('textbox').fill('hub\nstore*')
    await editor.getByRole('textbox').blur()
    await page.getByText('Ignored: labels instance; 2 series').waitFor(SLOW)
    expect(await attributes(page, '[data-drift]', 'data-drift')).not.toContain('{job="hub"}')
    expect(new URL(page.url()).searchParams.get('skip')).toBe('hub,store*')
  }, 90_000)

  it('names versions that differ, and what runs on one side only', async () => {
    const page = await suite.pages.open('/dashboards')
    await page.route('**/prometheus/api/v1/query', async (route) => {
      const question = new URLSearchParams(route.request().postData() ?? '').get('query') ?? ''
      if (!question.includes('service_version')) return route.continue()
      const isDev = question.includes('dev-uaenorth')
      const of = (job: string, version: string): object => ({
        metric: { job, service_version: version },
        value: [1, '1'],
      })
      const result = isDev ? [of('pay', '1.9.4'), of('loyalty', '1')] : [of('pay', '2.0.0-rc1')]
      return route.fulfill({ json: { status: 'success', data: { resultType: 'vector', result } } })
    })
    const sides = 'side=cluster:dev-uaenorth&side=cluster:stg-uaenorth'
    await page.goto(`${suite.fleet.url}/compare?from=now-5m&q=up&${sides}&show=versions`)
    const row = page.locator('[data-version="pay"]')
    await row.waitFor(SLOW)
    expect((await row.innerText()).replaceAll(/\s+/g, ' ')).toBe('pay service 1.9.4 2.0.0-rc1 differs')
    expect(await page.locator('[data-version="loyalty"]').getAttribute('data-state')).toBe('missing')
  }, 90_000)

  it('says how calls were answered, and leads from an answer to its traces', async () => {
    const page = await suite.pages.open('/map?from=now-15m')
    await page.locator(`[data-call*="/storefront → "]`).first().click()
    const answers = page.locator('[data-answer]')
    await answers.first().waitFor(SLOW)
    const codes = await attributes(page, '[data-answer]', 'data-answer')
    expect(codes.some((code) => /^[2-5]\d\d$/.test(code))).toBe(true)
    await answers.first().getByRole('link').click()
    await page.waitForURL(/\/explore\/traces\?/)
    expect(new URL(page.url()).searchParams.get('q')).toMatch(/status_code = \d+/)
    await page.locator('[data-trace]').first().waitFor(SLOW)
  }, 90_000)

  it('chooses tenants where there are several', async () => {
    const page = await suite.pages.open('/explore/metrics?from=now-5m&q=count%20by%20(cluster)%20(up)')
    await page.locator('[data-series]').nth(2).waitFor(SLOW)
    await page.getByRole('button', { name: 'Tenants' }).click()
    await page.getByRole('dialog', { name: 'Tenants' }).getByText('stg', { exact: true }).click()
    await eventually(
      () => page.locator('[data-series]').count(),
      (count) => count === 1,
    )
    expect(await page.locator('[data-series]').innerText()).toContain('stg-uaenorth')
    expect(new URL(page.url()).searchParams.get('tenant')).toBe('stg')
  }, 90_000)
})

function attributes(page: Page, selector: string, name: string): Promise<readonly string[]> {
  return page
    .locator(selector)
    .evaluateAll((all, attribute) => all.map((one) => one.getAttribute(attribute) ?? ''), name)
}

/** The ends of a call as the map names them. */
function idsOf(labels: Readonly<Record<string, string>>): readonly [string, string] {
  const { client = '', client_cluster: from = '', server = '', server_cluster: to = '' } = labels
  return [`${from}/${client}`, `${to}/${server}`]
}
