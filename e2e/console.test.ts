import type { BrowserContextOptions, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import type { FleetSnapshot } from '../src/contract/index.ts'
import { type ConsoleSuite, describeConsole } from './testing/console-suite.ts'
import { eventually, type LocalFleet } from './testing/local-fleet.ts'
import { postToEdge } from './testing/producer.ts'

/** What a click changes is on the page soon, not at once. */
const SOON = { timeout: 15_000 }
const CLUSTERS = ['prd-uaenorth', 'stg-uaenorth', 'dev-uaenorth']

const prepare = ({ fleet, atEnd }: ConsoleSuite): Promise<void> => {
  const traffic = new AbortController()
  atEnd(() => traffic.abort())
  void sendTraffic(fleet, traffic.signal)
  return Promise.resolve()
}

describeConsole('the Fleet page in a browser', { prepare }, (suite) => {
  const open = async (options: BrowserContextOptions = {}): Promise<Page> => {
    const page = await suite.pages.open('/', options)
    await page.locator('[data-cluster]').first().waitFor()
    return page
  }

  it('shows every cluster with its state, rates, lag, queue, rejects, ledger, certificate, edges and age', async () => {
    const page = await open()
    expect(
      await page.locator('[data-cluster]').evaluateAll((rows) => rows.map((row) => row.dataset['cluster'])),
    ).toEqual(CLUSTERS)
    for (const cluster of CLUSTERS) {
      const read = (): Promise<Record<string, string>> => readRow(page, cluster)
      const row = await eventually(
        read,
        ({ status, lag, logs, spans, edges }) =>
          status === 'Healthy' && lag !== 'no data' && logs !== '0' && spans !== '0' && edges === '1/1',
        60_000,
      )
      expect(row).toMatchObject({
        status: 'Healthy',
        cluster,
        metrics: expect.stringMatching(/^[\d.]+k?\/s$/) as string,
        logs: expect.stringMatching(/^[\d.]+k?\/s$/) as string,
        spans: expect.stringMatching(/^[\d.]+k?\/s$/) as string,
        lag: expect.stringMatching(/^[\d.]+ ?(ms|s)$/) as string,
        queue: expect.stringMatching(/^(0|[\d.]+[KM]?i?B)$/) as string,
        rejected: '0',
        books: 'balanced',
        certificate: expect.stringMatching(/^\d+(h|d)$/) as string,
        edges: '1/1',
        heard: expect.stringMatching(/^[\d.]+s$/) as string,
      })
    }
  }, 120_000)

  it('keeps itself up to date without being loaded again', async () => {
    const page = await open()
    await page.evaluate(() => Object.assign(window, { mark: 'first' }))
    const read = (): Promise<string | null> =>
      page.locator('[data-cluster="dev-uaenorth"] [data-column="ledger"] [role="img"]').getAttribute('aria-label')
    const before = await read()
    expect(before).toMatch(/stored/)
    await eventually(read, (label) => label !== before)
    expect(await page.evaluate(() => (window as { mark?: string }).mark)).toBe('first')
  }, 60_000)

  it('moves with J and K, closes with Escape, and gives the focus back', async () => {
    const page = await open()
    const drawer = page.locator('.drawer h2')
    for (const [key, expected] of [
      ['j', CLUSTERS[0]],
      ['j', CLUSTERS[1]],
      ['k', CLUSTERS[0]],
      ['ArrowDown', CLUSTERS[1]],
    ] as const) {
      await page.keyboard.press(key)
      expect(await drawer.textContent()).toBe(expected)
    }
    await page.keyboard.press('Escape')
    await drawer.waitFor({ state: 'detached' })

    await page.getByRole('button', { name: 'stg-uaenorth' }).press('Enter')
    expect(await drawer.textContent()).toBe('stg-uaenorth')
    await page.getByRole('button', { name: 'Close' }).press('Enter')
    await drawer.waitFor({ state: 'detached' })
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('stg-uaenorth')
  }, 60_000)

  it('tells in the drawer what is known of one cluster', async () => {
    const page = await open()
    await page.getByRole('button', { name: 'prd-uaenorth' }).click()
    const drawer = page.getByRole('complementary', { name: 'Details of prd-uaenorth' })
    const text = await drawer.innerText()
    for (const name of ['Status', 'Last error', 'Certificate', 'Queue', 'Tenant', 'Accepted', 'Stored', 'Queued']) {
      expect(text).toContain(name)
    }
    const { clusters } = await suite.fleet.getJson<FleetSnapshot>('/api/v1/fleet')
    const cluster = clusters.find((one) => one.cluster === 'prd-uaenorth')
    expect(text).toContain(cluster?.certificate?.serial)
    expect(text).toContain(cluster?.edges[0]?.edge)
    expect(text).toMatch(/connected, heard [\d.]+.s ago/)
  }, 60_000)

  it('narrows down to an environment or a status, and folds groups', async () => {
    const page = await open()
    const names = (): Promise<(string | undefined)[]> =>
      page.locator('[data-cluster]').evaluateAll((rows) => rows.map((row) => row.dataset['cluster']))
    await page.getByRole('button', { name: 'Environments' }).click()
    const environments = page.getByRole('dialog', { name: 'Environments' })
    await environments.getByText('stg').click()
    await expect.poll(names, SOON).toEqual(['stg-uaenorth'])
    await expect.poll(() => new URL(page.url()).searchParams.get('env'), SOON).toBe('stg')
    await environments.getByRole('button', { name: /All/ }).click()
    await page.keyboard.press('Escape')
    await environments.waitFor({ state: 'detached' })

    await page.getByRole('button', { name: /Production/ }).click()
    await expect.poll(names, SOON).toEqual(['stg-uaenorth', 'dev-uaenorth'])
    await page.getByRole('button', { name: /Production/ }).click()

    await page.locator('[data-status="healthy"]').click()
    await expect.poll(names, SOON).toEqual(CLUSTERS)
    await page.route('**/api/v1/fleet', async (route) => {
      const response = await route.fetch()
      const answer = (await response.json()) as FleetSnapshot
      const clusters = answer.clusters.map((cluster) => ({ ...cluster, status: 'silent' }))
      await route.fulfill({ response, json: { ...answer, clusters } })
    })
    await page.getByText('No cluster is healthy now').waitFor()
    await page.getByRole('button', { name: 'Show all clusters' }).click()
    await expect.poll(names, SOON).toEqual(CLUSTERS)
    await page.unrouteAll({ behavior: 'wait' })
  }, 60_000)

  it('has a light theme, that of the system or the chosen one, and remembers the choice', async () => {
    const page = await open({ colorScheme: 'light' })
    const background = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const light = await background()
    await page.getByRole('button', { name: 'Theme' }).click()
    const dark = await background()
    expect(brightness(light)).toBeGreaterThan(200)
    expect(brightness(dark)).toBeLessThan(60)
    await page.reload()
    await page.locator('[data-cluster]').first().waitFor()
    expect(await background()).toBe(dark)
  }, 60_000)

  it.each([1440, 1280, 1024])('does not scroll sideways at %d px, with and without the drawer', async (width) => {
    const page = await open({ viewport: { width, height: 800 } })
    expect(await findOverflow(page)).toEqual([])
    await page.keyboard.press('j')
    await page.locator('.drawer').waitFor()
    expect(await findOverflow(page)).toEqual([])
  })

  it('holds fifty clusters with long names, reasons and errors', async () => {
    const page = await open({ viewport: { width: 1024, height: 800 } })
    await page.route('**/api/v1/fleet', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, json: multiply((await response.json()) as FleetSnapshot, 50) })
    })
    await page.locator('[data-cluster$="-49"]').waitFor()
    expect(await findOverflow(page)).toEqual([])
    expect(await page.locator('[data-why]').first().innerText()).toContain('Last error')
    // The last row comes into sight when it is chosen.
    await page.keyboard.press('k')
    const last = page.locator('[data-cluster]').last()
    expect(await last.getAttribute('class')).toContain('selected')
    const box = await last.boundingBox()
    expect((box?.y ?? Infinity) + (box?.height ?? 0)).toBeLessThanOrEqual(800)
    expect(await findOverflow(page)).toEqual([])
    await page.unrouteAll({ behavior: 'wait' })
  }, 60_000)

  it('shows an edge that is stopped as away, then as silent with the reason, and its return', async () => {
    const page = await open()
    const pid = suite.fleet.pids()['edge dev-uaenorth']
    if (pid === undefined) throw new Error(`no edge in ${JSON.stringify(suite.fleet.pids())}`)
    const read = (): Promise<Record<string, string>> => readRow(page, 'dev-uaenorth')
    process.kill(pid, 'SIGSTOP')
    try {
      await eventually(read, ({ edges }) => edges === '0/1', 40_000)
      const row = await eventually(read, ({ status }) => status === 'Silent', 70_000)
      expect(row).toMatchObject({ metrics: 'no data', queue: 'unknown', rejected: 'n/a', books: 'open', edges: '0/1' })
      expect(await page.locator('[data-why="dev-uaenorth"]').innerText()).toMatch(/Not heard since \d\d:\d\d:\d\d/)
      expect(await page.locator('[data-status="silent"]').innerText()).toMatch(/^1\s*silent$/)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await eventually(read, ({ status, edges }) => status !== 'Silent' && edges === '1/1', 40_000)
  }, 180_000)

  it('says that the hub does not answer, keeps its last answer dimmed, and goes on when it is back', async () => {
    const page = await open()
    const pid = suite.fleet.pids()['hub']
    if (pid === undefined) throw new Error(`no hub in ${JSON.stringify(suite.fleet.pids())}`)
    const alert = page.getByRole('alert')
    // First it hangs, then it is gone.
    process.kill(pid, 'SIGSTOP')
    try {
      await alert.getByText('The hub does not answer within 5 s.').waitFor({ timeout: 20_000 })
      expect(await alert.innerText()).toMatch(/Shown: its last answer, of \d\d:\d\d:\d\d UTC/)
      expect(await page.locator('[data-cluster]').count()).toBe(3)
      expect(Number(await page.locator('.page').evaluate((element) => getComputedStyle(element).opacity))).toBeLessThan(
        1,
      )
    } finally {
      process.kill(pid, 'SIGKILL')
    }
    await alert.waitFor({ state: 'detached', timeout: 60_000 })
    expect(await page.locator('.page').evaluate((element) => getComputedStyle(element).opacity)).toBe('1')
    // The browser itself reports each failed request.
    suite.pages.complaints = suite.pages.complaints.filter((text) => !text.startsWith('Failed to load resource'))
  }, 120_000)

  it("shows an edge's last error, after the hub was away", async () => {
    const page = await open()
    // Whose request was under way when the hub went is luck.
    const failed = await eventually(
      async () => {
        const { clusters } = await suite.fleet.getJson<FleetSnapshot>('/api/v1/fleet')
        return clusters.find(({ lastError }) => lastError !== undefined)
      },
      (cluster) => cluster !== undefined,
      90_000,
    )
    const name = failed?.cluster ?? ''
    const row = await eventually(
      () => readRow(page, name),
      ({ error }) => error !== 'none',
    )
    expect(row['error']).toMatch(/^[\d.]+(s|min)$/)
    await page.getByRole('button', { name }).click()
    const drawer = page.locator('.drawer')
    await drawer.waitFor()
    const words = (text: string | undefined): string => (text ?? '').replaceAll(/\s+/g, ' ')
    expect(words(await drawer.innerText())).toContain(words(failed?.lastError?.message))
  }, 120_000)
})

/** The texts of a row by column. */
function readRow(page: Page, cluster: string): Promise<Record<string, string>> {
  return page
    .locator(`[data-cluster="${cluster}"] [data-column]`)
    .evaluateAll((cells) =>
      Object.fromEntries(cells.map((cell) => [cell.dataset['column'] ?? '', cell.textContent.trim()])),
    )
}

/** What is wider than its place: the page itself, or an element that would scroll sideways. Cut names are meant. */
function findOverflow(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const found = [...document.querySelectorAll('*')].filter((element) => {
      const { overflowX, textOverflow, clipPath } = getComputedStyle(element)
      // Clipped is what only screen readers get.
      const isCut = textOverflow === 'ellipsis' || clipPath !== 'none'
      const isWide = element.scrollWidth > element.clientWidth && element.clientWidth > 0
      return isWide && overflowX !== 'visible' && !isCut
    })
    const page = document.documentElement
    return [
      ...(page.scrollWidth > window.innerWidth ? [`page: ${page.scrollWidth} px`] : []),
      ...found.map((element) => `${element.tagName}.${element.className}: ${element.scrollWidth} px`),
    ]
  })
}

/** The same answer with many clusters, all of them with much to say. */
function multiply(answer: FleetSnapshot, count: number): FleetSnapshot {
  const message = 'rpc error: code = Unavailable desc = connection refused by 10.128.64.32:4317 '.repeat(3)
  const clusters = Array.from({ length: count }, (_, i) => {
    const model = answer.clusters[i % answer.clusters.length]
    if (model === undefined) throw new Error('the fleet has no clusters')
    const cluster = `${model.environment}-southeastasia-with-a-very-long-name-that-somebody-chose-${i}`
    const trouble = {
      status: 'degraded' as const,
      reason: 'Lag p99 above 30 s since 02:41:10: 48 s from collected to stored. '.repeat(3),
      lastError: { atMs: answer.nowMs - 372_000, message },
    }
    const rates = { metrics: 61_200, logs: 999.6, traces: 0.04 }
    return { ...model, cluster, rates, ...(i % 3 === 0 ? trouble : {}) }
  })
  const events = clusters.map(({ cluster }, i) => ({
    atMs: answer.nowMs - i * 1_000,
    cluster,
    kind: 'status' as const,
    message: i % 2 === 0 ? 'degraded: it lags' : 'healthy',
  }))
  return { ...answer, clusters, events: events.reverse() }
}

function brightness(colour: string): number {
  const parts = [...colour.matchAll(/\d+/g)].slice(0, 3).map(([part]) => Number(part))
  return parts.reduce((sum, part) => sum + part, 0) / 3
}

/** Logs and spans at each edge, a few a second, until the signal. */
async function sendTraffic(fleet: LocalFleet, signal: AbortSignal): Promise<void> {
  const ports = [...fleet.edges.values()].map(({ otlpHttp }) => otlpHttp)
  while (!signal.aborted) {
    // An edge may be stopped, or not back yet: then there is nothing to send to it.
    await Promise.allSettled(ports.flatMap((port) => [postToEdge(port)(renderLogs()), postSpans(port, signal)]))
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'console-test' } }] }

function renderLogs(): string {
  const logRecords = [{ timeUnixNano: nowNs(), body: { stringValue: 'hello' } }]
  return JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] })
}

async function postSpans(port: number, signal: AbortSignal): Promise<void> {
  const id = (digits: number): string =>
    Array.from({ length: digits }, () => Math.floor(Math.random() * 16).toString(16)).join('')
  const at = nowNs()
  const spans = [{ traceId: id(32), spanId: id(16), name: 'GET /', startTimeUnixNano: at, endTimeUnixNano: at }]
  await fetch(`http://127.0.0.1:${port}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]),
  })
}

function nowNs(): string {
  return `${Date.now()}000000`
}
