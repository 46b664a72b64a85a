import type { Browser, Page } from 'playwright-core'
import { findChromium, launchChromium } from '../e2e/testing/browser.ts'
import {
  CLUSTER_LINES,
  DASHBOARD,
  PODS,
  CLUSTERS,
  posterTo,
  sendLogs,
  sendMetrics,
  sendTrace,
  SPANS,
  TRACE,
} from './console/fill.ts'
import { type Frames, measureFrames } from './console/frames.ts'
import { HubUnderTest, sleep } from './load/hub-under-test.ts'

export const name = 'console'

interface Row {
  readonly what: string
  readonly value: number
  readonly unit: string
}

interface Options {
  /** Log lines to scroll through; 100,000 if not given. */
  readonly lines?: number
  /** A part by its name. */
  readonly only?: string
}

const DEFAULT_LINES = 100_000
const RUNS = 5
const WAIT_MS = 60_000
const STORED_TRIES = 600

interface Stage {
  readonly browser: Browser
  readonly url: string
  readonly lines: number
}

const PARTS: readonly (readonly [string, (stage: Stage) => Promise<readonly Row[]>])[] = [
  ['first page', firstPage],
  ['dashboard', dashboard],
  ['chart', chart],
  ['trace', trace],
  ['logs', logs],
]

/**
 * The console in a browser without a window (CHROMIUM_PATH, else the usual names), on a hub with ten clusters: from the
 * address being entered to what one came for being drawn, and how many frames a second are drawn while it is moved.
 */
export async function run({ lines = DEFAULT_LINES, only = '' }: Options = {}): Promise<readonly Row[]> {
  const executable = findChromium()
  if (executable === undefined) throw new Error('no Chromium found: install one or set CHROMIUM_PATH')
  const hub = await HubUnderTest.start('', '', CLUSTER_LINES)
  const browser = await launchChromium(executable)
  try {
    const parts = PARTS.filter(([part]) => part.includes(only))
    const post = posterTo(hub)
    const endMs = Math.floor(Date.now() / 15_000) * 15_000
    const points = await sendMetrics(post, endMs)
    await sendTrace(post, endMs)
    if (parts.some(([part]) => part === 'logs')) await sendLogs(post, endMs, lines)
    await stored(hub, 'samples', points)
    await stored(hub, 'spans', SPANS)
    if (parts.some(([part]) => part === 'dashboard')) await hub.packed()
    const stage = { browser, url: `http://127.0.0.1:${hub.ports.web}`, lines }
    const rows: Row[] = []
    for (const [, part] of parts) rows.push(...(await part(stage)))
    return rows
  } finally {
    await browser.close()
    await hub.stop()
  }
}

async function stored(hub: HubUnderTest, table: 'samples' | 'spans', count: number): Promise<void> {
  for (let tries = 0; tries < STORED_TRIES; tries++) {
    const [row] = await hub.sql<{ n: string }>(`SELECT toString(count()) AS n FROM ${table}`)
    if (Number(row?.n ?? 0) >= count) return
    await sleep(100)
  }
  throw new Error(`not all ${table} are stored after a minute`)
}

/** A page of a new profile: nothing of the console is in its cache. */
async function newPage({ browser }: Stage): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  return context.newPage()
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

async function firstPage(stage: Stage): Promise<readonly Row[]> {
  const times: number[] = []
  for (let i = 0; i < RUNS; i++) {
    const page = await newPage(stage)
    times.push(
      await timed(async () => {
        await page.goto(stage.url)
        await page.locator(`[data-cluster="${CLUSTERS[0] ?? ''}"]`).waitFor({ timeout: WAIT_MS })
      }),
    )
    await page.context().close()
  }
  return [{ what: `first page, ${CLUSTERS.length} clusters`, value: median(times), unit: 'ms' }]
}

async function dashboard(stage: Stage): Promise<readonly Row[]> {
  const put = await fetch(`${stage.url}/api/v1/dashboards/${DASHBOARD.uid}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ dashboard: DASHBOARD }),
  })
  if (!put.ok) throw new Error(`the dashboard was not taken: ${put.status} ${await put.text()}`)
  const page = await newPage(stage)
  await page.setViewportSize({ width: 1440, height: 1_400 })
  const open = async (): Promise<void> => {
    await page.goto(`${stage.url}/dashboards/${DASHBOARD.uid}`)
    for (let drawn = 0; drawn < DASHBOARD.panels.length; ) {
      drawn = await page.locator('.dashboard-panel .uplot').count()
    }
  }
  const cold = await timed(open)
  const warm: number[] = []
  for (let i = 0; i < RUNS; i++) warm.push(await timed(open))
  // All panels share the crosshair.
  const box = await page.locator('.uplot').first().boundingBox()
  if (box === null) throw new Error('the chart has no place')
  const frames = await measureFrames(page, () => sweep(page, box))
  await page.context().close()
  const what = `dashboard of ${DASHBOARD.panels.length} panels over ${CLUSTERS.length} clusters`
  return [
    { what: `${what}, cold`, value: cold, unit: 'ms' },
    { what: `${what}, warm`, value: median(warm), unit: 'ms' },
    ...rowsOf(`${what}, the pointer moving`, frames),
  ]
}

async function chart(stage: Stage): Promise<readonly Row[]> {
  const page = await newPage(stage)
  let points = 0
  page.on('response', (response) => {
    if (!response.url().includes('/query_range')) return
    void response.json().then(
      (answer: { data: { result: { values: unknown[] }[] } }) => {
        for (const { values } of answer.data.result) points += values.length
      },
      () => undefined,
    )
  })
  const query = encodeURIComponent('rate(bench_requests_total{group=~"g[01]"}[1m])')
  const time = await timed(async () => {
    await page.goto(`${stage.url}/explore/metrics?q=${query}&from=now-1h`)
    await page.locator('.uplot').first().waitFor({ timeout: WAIT_MS })
  })
  const box = await page.locator('.uplot').first().boundingBox()
  if (box === null) throw new Error('the chart has no place')
  const frames = await measureFrames(page, () => sweep(page, box))
  await page.context().close()
  const what = `chart of ${2 * PODS * CLUSTERS.length} series`
  return [
    { what: `${what}: points`, value: points, unit: 'points' },
    { what: `${what}: drawn`, value: time, unit: 'ms' },
    ...rowsOf(`${what}, the pointer moving`, frames),
  ]
}

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Moves the pointer from side to side, for some seconds. */
async function sweep(page: Page, { x, y, width, height }: Box): Promise<void> {
  const moves = 150
  for (let i = 0; i < moves; i++) {
    await page.mouse.move(x + width * (0.1 + (0.8 * i) / moves), y + height * (0.3 + 0.4 * Math.abs(Math.sin(i / 9))))
    await sleep(16)
  }
}

async function wheel(page: Page, selector: string): Promise<void> {
  await page.locator(selector).first().hover()
  for (let i = 0; i < 150; i++) {
    await page.mouse.wheel(0, i < 100 ? 400 : -600)
    await sleep(16)
  }
}

async function trace(stage: Stage): Promise<readonly Row[]> {
  const times: number[] = []
  let frames: Frames | undefined
  for (let i = 0; i < RUNS; i++) {
    const page = await newPage(stage)
    times.push(
      await timed(async () => {
        await page.goto(`${stage.url}/explore/traces/${TRACE}`)
        await page.locator('[data-span]').first().waitFor({ timeout: WAIT_MS })
      }),
    )
    frames ??= await measureFrames(page, () => wheel(page, '.waterfall'))
    await page.context().close()
  }
  const what = `trace of ${SPANS.toLocaleString('en')} spans`
  return [
    { what: `${what}: drawn`, value: median(times), unit: 'ms' },
    ...(frames === undefined ? [] : rowsOf(`${what}, scrolled`, frames)),
  ]
}

async function logs(stage: Stage): Promise<readonly Row[]> {
  const page = await newPage(stage)
  const query = encodeURIComponent('{service_name="orders"}')
  const first = await timed(async () => {
    await page.goto(`${stage.url}/explore/logs?q=${query}&from=now-2h`)
    await page.locator('.log-row').first().waitFor({ timeout: WAIT_MS })
  })
  // To the end again and again: each time the list asks for what comes next.
  const toEnd = `(() => { const list = document.querySelector('.log-list'); list.scrollTop = list.scrollHeight
    return list.scrollHeight / 20 })()`
  const loading = await timed(async () => {
    for (let rows = 0; rows < stage.lines; ) {
      rows = await page.evaluate<number>(toEnd)
      await sleep(20)
    }
  })
  await page.evaluate(`document.querySelector('.log-list').scrollTop /= 2`)
  const frames = await measureFrames(page, () => wheel(page, '.log-list'))
  await page.context().close()
  const what = `${stage.lines.toLocaleString('en')} log lines`
  return [
    { what: `${what}: the first on the page`, value: first, unit: 'ms' },
    { what: `${what}: all loaded`, value: loading, unit: 'ms' },
    ...rowsOf(`${what}, scrolled`, frames),
  ]
}

function rowsOf(what: string, { perSecond, p95Ms }: Frames): readonly Row[] {
  return [
    { what, value: perSecond, unit: 'frames/s' },
    { what: `${what}: frame, p95`, value: p95Ms, unit: 'ms' },
  ]
}
