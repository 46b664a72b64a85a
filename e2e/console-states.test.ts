import type { Page, Route } from 'playwright-core'
import { expect, it } from 'vitest'
import { type FleetSnapshot, fleetSnapshotSchema } from '../src/contract/index.ts'
import { describeConsole } from './testing/console-suite.ts'
import { eventually, type LocalFleet } from './testing/local-fleet.ts'
import { hostileValues, logsOf, postOtlp, spansOf } from './testing/telemetry.ts'

const HOSTILE = hostileValues(200)
const SLOW = { timeout: 30_000 }
const SIDES = 'side=cluster:dev-uaenorth&side=cluster:prd-uaenorth'

/** Every view that asks for data, with a question in its address. */
const VIEWS = [
  '/explore/metrics?q=up',
  '/explore/logs',
  '/explore/traces',
  '/explore/traces/4bf92f3577b34da6a3ce929d0e0e4736',
  '/map',
  `/compare?q=up&${SIDES}`,
]
const APIS = /\/(prometheus|loki|tempo)\//

/** What the tests let fail, the browser tells of. */
const expects = (complaint: string): boolean => complaint.startsWith('Failed to load resource')

describeConsole('states of every view, and hostile text', { expects }, (suite) => {
  /** Opens a page whose questions are answered by the test. */
  const openWith = async (address: string, answer: (route: Route) => Promise<void>): Promise<Page> => {
    const page = await suite.pages.open('/dashboards')
    await page.route(APIS, answer)
    await page.goto(suite.fleet.url + address)
    return page
  }

  it.each(VIEWS)(
    '%s says that it loads, then why there is nothing and what next',
    async (address) => {
      let release = (): void => undefined
      const held = new Promise<void>((resolve) => {
        release = resolve
      })
      const page = await openWith(address, async (route) => {
        await held
        await route.continue()
      })
      await page.locator('main [aria-busy="true"], main :text("asking")').first().waitFor(SLOW)
      release()
      // An hour before anything was sent.
      const state = page.locator('main .state, main [data-series], main [data-drift], main .chart-panel')
      await state.first().waitFor(SLOW)
    },
    60_000,
  )

  it.each(VIEWS)(
    '%s says who gives access, and what failed',
    async (address) => {
      let status = 403
      const page = await openWith(address, (route) =>
        route.fulfill({
          status,
          contentType: 'application/json',
          body: JSON.stringify({
            status: 'error',
            errorType: 'forbidden',
            error: `no access to <b>this</b> ${status}`,
          }),
        }),
      )
      const alert = page.locator('main .state[role="alert"]').first()
      await alert.waitFor(SLOW)
      expect(await alert.innerText()).toContain('You may not read this')
      expect(await alert.innerText()).toContain('no access to <b>this</b>')
      for (const [next, words] of [
        [401, 'You may not read this'],
        [429, 'The hub has too much to do'],
        [500, 'The hub failed'],
      ] as const) {
        status = next
        await page.getByRole('button', { name: 'Refresh', exact: true }).click()
        await alert.getByText(words).waitFor(SLOW)
      }
      expect(await alert.getByRole('button', { name: 'Try again' }).count()).toBe(1)
    },
    90_000,
  )

  it.each(['/', '/fleet/dev-uaenorth'])(
    '%s says that it may not be read',
    async (address) => {
      const page = await suite.pages.open('/dashboards')
      await page.route('**/api/v1/fleet', (route) => route.fulfill({ status: 403, body: '{}' }))
      await page.goto(suite.fleet.url + address)
      await page.getByText('You may not read this fleet').waitFor(SLOW)
    },
    60_000,
  )

  it.each(VIEWS.filter((address) => !/traces\/./.test(address)))(
    '%s names the cluster that is missing',
    async (address) => {
      const page = await suite.pages.open('/dashboards')
      const snapshot = fleetSnapshotSchema.parse(await suite.fleet.getJson<unknown>('/api/v1/fleet'))
      await page.route('**/api/v1/fleet', (route) => route.fulfill({ json: withSilent(snapshot, 'prd-uaenorth') }))
      await page.goto(suite.fleet.url + address)
      const note = page.locator('[data-partial]')
      await note.waitFor(SLOW)
      expect(await note.innerText()).toMatch(/partial: prd-uaenorth is silent since/)
      if (address.includes('side=')) return
      // A scope without it lacks nothing.
      await page.goto(`${suite.fleet.url}${address}${address.includes('?') ? '&' : '?'}cluster=dev-uaenorth`)
      await page.locator('main .toolbar, main .log-query').first().waitFor(SLOW)
      expect(await page.locator('[data-partial]').count()).toBe(0)
    },
    60_000,
  )

  it('shows 200 hostile names as text on the map, in its drawer, in traces, logs, tables and comparison', async () => {
    await sendHostile(suite.fleet)
    const query = 'count(sum by (server) (traces_service_graph_request_total{client="front"}))'
    const wanted = new Set(HOSTILE).size
    await eventually(
      () => suite.fleet.getJson<Vector>(`/prometheus/api/v1/query?query=${encodeURIComponent(query)}`),
      ({ data }) => Number(data.result[0]?.value[1] ?? 0) >= wanted - 1,
      120_000,
    )
    const map = await suite.pages.open('/map?from=now-30m')
    await eventually(
      () => map.locator('[data-node]').count(),
      (count) => count >= wanted,
      60_000,
    )
    await expectHarmless(map)
    expect(await map.locator('.map-svg').textContent()).toContain('<script>window.hacked=1</script>')
    await map.locator('[data-node*="<img"]').first().click()
    await map.getByRole('complementary', { name: /^Service / }).waitFor(SLOW)
    await expectHarmless(map)
    await map.getByRole('complementary').locator('.neighbour').first().click()
    await map.getByRole('complementary', { name: /^Call of / }).waitFor(SLOW)
    await expectHarmless(map)

    for (const [address, seen] of [
      ['/fleet/dev-uaenorth?from=now-30m', '[data-service]'],
      ['/explore/traces?from=now-30m', '[data-trace]'],
      ['/explore/logs?from=now-30m&cols=value&wrap=1', '.log-row'],
      [
        `/compare?from=now-30m&${SIDES}&q=${encodeURIComponent('sum by (server) (traces_service_graph_request_total)')}`,
        '[data-drift]',
      ],
      [
        `/explore/metrics?from=now-30m&view=table&q=${encodeURIComponent('sum by (server) (traces_service_graph_request_total)')}`,
        '[data-series]',
      ],
    ] as const) {
      const page = await suite.pages.open(address)
      await page.locator(seen).first().waitFor(SLOW)
      await expectHarmless(page)
    }
    // A hostile address is text, too.
    const page = await suite.pages.open(`/map?node=${encodeURIComponent('"><img src=x onerror=window.hacked=1>')}`)
    await page.getByText('Not in this range').waitFor(SLOW)
    await expectHarmless(page)
  }, 300_000)
})

interface Vector {
  readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] }
}

function withSilent(snapshot: FleetSnapshot, name: string): FleetSnapshot {
  return {
    ...snapshot,
    clusters: snapshot.clusters.map((one) =>
      one.cluster === name
        ? { ...one, status: 'silent', sinceMs: snapshot.nowMs - 120_000, heardAtMs: snapshot.nowMs - 120_000 }
        : one,
    ),
  }
}

/** Nothing of telemetry has become an element, ran, or leads anywhere but to pages of the console. */
async function expectHarmless(page: Page): Promise<void> {
  expect(await page.evaluate(() => (window as { hacked?: number }).hacked)).toBeUndefined()
  expect(await page.locator('main img, main script, main style, main iframe, main object').count()).toBe(0)
  const links = await page
    .locator('a')
    .evaluateAll((all) =>
      all.flatMap((link) => (link instanceof HTMLAnchorElement ? [new URL(link.href).protocol] : [])),
    )
  expect(links.filter((protocol) => protocol !== 'http:' && protocol !== 'https:')).toEqual([])
  expect(await page.evaluate(() => document.querySelectorAll('[onerror], [onload]').length)).toBe(0)
}

/** A front that calls 200 services of hostile names, with hostile operations, and lines that say the same. */
async function sendHostile(fleet: LocalFleet): Promise<void> {
  const edge = fleet.edges.get('dev-uaenorth')?.otlpHttp
  if (edge === undefined) throw new Error('no edge of dev-uaenorth')
  const now = Date.now()
  const id = (index: number, length: number, letter: string): string => String(index).padStart(length, letter)
  const span = (index: number, isClient: boolean) => ({
    traceId: id(index, 32, 'a'),
    spanId: id(index, 16, isClient ? 'c' : 'd'),
    ...(isClient ? {} : { parentSpanId: id(index, 16, 'c') }),
    name: HOSTILE[index] ?? '',
    startMs: now - 1_000,
    endMs: now - 500,
    kind: isClient ? 3 : 2,
    isError: index % 2 === 0,
    attributes: { value: HOSTILE[index] ?? '' },
  })
  const every = HOSTILE.map((_, index) => index)
  await postOtlp(
    edge,
    'traces',
    spansOf(
      'front',
      every.map((index) => span(index, true)),
    ),
  )
  for (const index of every) await postOtlp(edge, 'traces', spansOf(HOSTILE[index] ?? '', [span(index, false)]))
  await postOtlp(
    edge,
    'logs',
    logsOf(
      'front',
      HOSTILE.map((body, index) => ({
        atMs: now - index,
        body,
        level: 'error',
        attributes: { value: body, url: 'javascript:window.hacked=1' },
        traceId: id(index, 32, 'a'),
        spanId: id(index, 16, 'c'),
      })),
    ),
  )
}
