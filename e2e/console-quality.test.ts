import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { type ConsoleSuite, describeConsole } from './testing/console-suite.ts'
import { eventually } from './testing/local-fleet.ts'
import { findBarriers, readShifts, watchShifts } from './testing/page-audit.ts'

const SLOW = { timeout: 30_000 }
const RANGE = 'from=now-15m'
const P95 = encodeURIComponent(
  'histogram_quantile(0.95, sum by (le, service) (rate(traces_spanmetrics_latency_bucket[5m])))',
)

interface View {
  readonly name: string
  /** `TRACE` stands for the id of a trace that there is. */
  readonly address: string
  /** There when the view shows what it is for. */
  readonly shown: string
  /** Opened by a click on this, the view has another part. */
  readonly open?: readonly [click: string, shown: string]
}

const VIEWS: readonly View[] = [
  { name: 'fleet', address: '/', shown: '[data-cluster]', open: ['[data-cluster]', '.drawer [data-service]'] },
  { name: 'cluster', address: '/fleet/prd-uaenorth', shown: '[data-service]' },
  {
    name: 'metrics',
    address: `/explore/metrics?${RANGE}&q=${P95}`,
    shown: '[data-series]',
    open: ['button[title="Time range"]', '.popover'],
  },
  { name: 'metrics as a table', address: `/explore/metrics?${RANGE}&view=table&q=up`, shown: '[data-series]' },
  { name: 'logs', address: `/explore/logs?${RANGE}`, shown: '.facet', open: ['.log-row', '.log-details'] },
  { name: 'traces', address: `/explore/traces?${RANGE}`, shown: '[data-trace]' },
  {
    name: 'trace',
    address: '/explore/traces/TRACE',
    shown: '[data-span]',
    open: ['[data-span] >> nth=1', '.drawer [role="tab"]'],
  },
  { name: 'flame graph', address: '/explore/traces/TRACE?view=flame', shown: '.flame canvas' },
  { name: 'map', address: `/map?${RANGE}`, shown: '[data-node]', open: ['[data-call]', '[data-answer]'] },
  { name: 'compare, empty', address: '/compare', shown: '.examples' },
  {
    name: 'compare',
    address: `/compare?${RANGE}&q=${P95}`,
    shown: '[data-operation]',
    open: ['.drift-foot button', '.ignore-editor'],
  },
  { name: 'dashboards', address: '/dashboards', shown: 'tbody tr' },
  { name: 'dashboard', address: `/dashboards/fleetglass-operations?${RANGE}`, shown: '.dashboard-panel' },
  { name: 'no page', address: '/nothing', shown: '.state' },
]

/** Of the view. Digits of live figures that change their width move by less. */
const STILL = 0.002

/**
 * What is meant so: titles of a dashboard's panels are its author's, and two may be the same; a service on the map is
 * called by its name and by its figures in words.
 */
const MEANT = [/^landmark-unique /, /^label-content-name-mismatch .* × (g\[transform=|\.map-node)/]

async function barriersOf(page: Page): Promise<readonly string[]> {
  return (await findBarriers(page)).filter((found) => !MEANT.some((one) => one.test(found)))
}

async function waitForData({ fleet }: ConsoleSuite): Promise<void> {
  const graph = encodeURIComponent('count(traces_service_graph_request_total)')
  await eventually(
    () => fleet.getJson<{ data: { result: unknown[] } }>(`/prometheus/api/v1/query?query=${graph}`),
    ({ data }) => data.result.length > 0,
    120_000,
  )
}

describeConsole('every view', { demo: true, prepare: waitForData, prepareMs: 300_000 }, (suite) => {
  const addressOf = async ({ address }: View): Promise<string> => {
    if (!address.includes('TRACE')) return address
    const search = '/tempo/api/search?q=%7B%7D&limit=20'
    const { traces } = await suite.fleet.getJson<{ traces: readonly { traceID: string }[] }>(search)
    return address.replace('TRACE', traces[0]?.traceID ?? '')
  }

  it.each(VIEWS)(
    'moves nothing by itself, and is open to everybody in both themes: $name',
    async (view) => {
      const page = await suite.pages.open('/nothing')
      await watchShifts(page)
      await page.goto(suite.fleet.url + (await addressOf(view)))
      await page.locator(view.shown).first().waitFor(SLOW)
      await page.waitForLoadState('networkidle').catch(() => undefined)
      const shifts = await readShifts(page)
      const moved = shifts.reduce((sum, { value }) => sum + value, 0)
      expect(moved, shifts.map(({ words }) => words).join('; ')).toBeLessThan(STILL)

      expect(await barriersOf(page)).toEqual([])
      if (view.open !== undefined) {
        await page.locator(view.open[0]).first().click()
        await page.locator(view.open[1]).first().waitFor(SLOW)
        expect(await barriersOf(page)).toEqual([])
      }
      await page.evaluate(async () => {
        document.documentElement.dataset['theme'] = 'light'
        // Colours that pass into others have begun to when a frame was drawn.
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
        for (const one of document.getAnimations()) if (one instanceof CSSTransition) one.finish()
      })
      expect(await barriersOf(page)).toEqual([])
    },
    120_000,
  )

  it('shows where the focus is, and reaches the content by one skip', async () => {
    const page = await suite.pages.open('/explore/logs')
    await page.locator('.log-row').first().waitFor(SLOW)
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the content')
    for (let stop = 0; stop < 25; stop++) {
      await page.keyboard.press('Tab')
      const ring = await page.evaluate(() => {
        const shown = (element: Element): boolean => {
          const { outlineStyle, outlineWidth, boxShadow, borderBottomColor } = getComputedStyle(element)
          const accent = getComputedStyle(document.documentElement).getPropertyValue('--focus-ring').trim()
          return (
            (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none' || borderBottomColor === accent
          )
        }
        const focused = document.activeElement
        if (focused === null || focused === document.body) return 'nothing has it'
        // A field shows it on the frame around it.
        const around = [focused, focused.parentElement, focused.nextElementSibling].filter((one) => one !== null)
        return around.some(shown) ? '' : focused.outerHTML.slice(0, 200)
      })
      expect(ring).toBe('')
    }
  }, 60_000)
})
