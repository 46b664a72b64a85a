// `npm run screenshots -- [FOLDER] [--url http://127.0.0.1:8080]`: pictures of every page of the console in the dark and
// the light theme, of a hub that runs (`npm start`). Needs a Chromium (CHROMIUM_PATH, else the usual names).
import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { url: { type: 'string', default: 'http://127.0.0.1:8080' } },
})
const folder = positionals[0] ?? 'screenshots'
const url = values.url.replace(/\/$/, '')
const SETTLE_MS = 3_000

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const found = (process.env.PATH ?? '')
  .split(path.delimiter)
  .flatMap((dir) => names.map((name) => path.join(dir, name)))
  .find((file) => existsSync(file))
const executablePath = process.env.CHROMIUM_PATH || found
if (executablePath === undefined) {
  process.stderr.write('no Chromium found; set CHROMIUM_PATH\n')
  process.exit(1)
}

const getJson = async (address) => {
  const response = await fetch(url + address).catch(() => undefined)
  if (response?.ok !== true) {
    process.stderr.write(`${url} does not answer: start it with \`npm start\`, or name it with --url\n`)
    process.exit(1)
  }
  return response.json()
}
const fleet = await getJson('/api/v1/fleet')
const { traces = [] } = await getJson('/tempo/api/search?q=%7B%7D&limit=50')
const longest = [...traces].sort((a, b) => (b.durationMs ?? 0) - (a.durationMs ?? 0))[0]
const cluster = fleet.clusters[0]?.cluster ?? ''
const query = encodeURIComponent('sum by (cluster) (rate(scrape_samples_scraped[5m]))')
const up = encodeURIComponent('sum by (cluster) (up)')

const pages = [
  { name: 'fleet', path: '/' },
  { name: 'cluster', path: `/fleet/${encodeURIComponent(cluster)}` },
  { name: 'metrics', path: `/explore/metrics?q=${query}&q=${up}&from=now-30m` },
  { name: 'metrics-time-range', path: `/explore/metrics?q=${query}&from=now-30m`, keys: ['r'] },
  { name: 'logs', path: '/explore/logs?from=now-30m', click: '.log-row' },
  { name: 'traces', path: '/explore/traces?from=now-30m' },
  ...(longest === undefined
    ? []
    : [
        { name: 'trace', path: `/explore/traces/${longest.traceID}`, click: '[data-span] >> nth=2' },
        { name: 'trace-flame', path: `/explore/traces/${longest.traceID}?view=flame` },
      ]),
  { name: 'map', path: '/map?from=now-30m', click: '[data-call]' },
  {
    name: 'compare',
    path: `/compare?from=now-30m&q=${encodeURIComponent('histogram_quantile(0.95, sum by (le, service) (rate(traces_spanmetrics_latency_bucket[5m])))')}`,
  },
  { name: 'dashboards', path: '/dashboards' },
  { name: 'dashboard', path: '/dashboards/fleetglass-operations?from=now-30m' },
  { name: 'dashboard-panel', path: '/dashboards/fleetglass-multi-cluster?from=now-30m', click: '.panel-menu >> nth=0' },
  { name: 'palette', path: '/', keys: ['Control+k'] },
]

mkdirSync(folder, { recursive: true })
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
for (const theme of ['dark', 'light']) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: theme })
  for (const { name, path: address, keys = [], click } of pages) {
    const page = await context.newPage()
    await page.goto(url + address)
    await page.waitForLoadState('networkidle', { timeout: 20_000 }).catch(() => undefined)
    await page.waitForTimeout(SETTLE_MS)
    if (click !== undefined)
      await page
        .locator(click)
        .first()
        .click({ timeout: 5_000 })
        .catch(() => undefined)
    for (const key of keys) await page.keyboard.press(key)
    await page.waitForTimeout(500)
    const file = path.join(folder, `${theme === 'dark' ? '' : 'light-'}${name}.png`)
    await page.screenshot({ path: file })
    process.stdout.write(`${file}\n`)
    await page.close()
  }
  await context.close()
}
await browser.close()
