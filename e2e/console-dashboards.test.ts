import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { describeConsole } from './testing/console-suite.ts'
import { eventually } from './testing/local-fleet.ts'

const SLOW = { timeout: 30_000 }

interface Listed {
  readonly dashboards: readonly { readonly uid: string; readonly title: string }[]
}

interface Kept {
  readonly version: number
  readonly panels: readonly { readonly title: string }[]
  readonly ours?: string
}

describeConsole('dashboards in a browser', {}, (suite) => {
  it('are listed as the API lists them, and each of those shipped opens', async () => {
    const { dashboards } = await suite.fleet.getJson<Listed>('/api/v1/dashboards')
    expect(dashboards.length).toBeGreaterThanOrEqual(15)
    const list = await suite.pages.open('/dashboards')
    for (const { title } of dashboards) await list.getByText(title, { exact: true }).first().waitFor(SLOW)
    for (const { uid, title } of dashboards) {
      const page = await suite.pages.open(`/dashboards/${uid}?from=now-5m`)
      await page.locator('.dashboard-panel').first().waitFor(SLOW)
      expect(await page.title()).toContain(title)
    }
  }, 200_000)

  it('show what the API answers', async () => {
    const query = encodeURIComponent('count(count by (cluster) (up))')
    const { data } = await eventually(
      () =>
        suite.fleet.getJson<{ data: { result: { value: [number, string] }[] } }>(
          `/prometheus/api/v1/query?query=${query}`,
        ),
      (answer) => answer.data.result[0]?.value[1] === '3',
      60_000,
    )
    const page = await suite.pages.open('/dashboards/fleetglass-multi-cluster?from=now-5m')
    const panel = page.getByRole('region', { name: 'Clusters with data' })
    await eventually(
      () => panel.innerText(),
      (text) => text.split('\n').includes(data.result[0]?.value[1] ?? ''),
      30_000,
    )
  }, 120_000)

  it('are edited and kept in the hub; what we do not know in them stays', async () => {
    const target = { refId: 'A', expr: 'sum by (cluster) (up)' }
    const gridPos = { x: 0, y: 0, w: 12, h: 8 }
    const dashboard = {
      title: 'Ours',
      ours: 'stays',
      schemaVersion: 39,
      panels: [{ id: 1, type: 'timeseries', title: 'Targets', gridPos, targets: [target] }],
    }
    const put = await fetch(`${suite.fleet.url}/api/v1/dashboards/ours`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ dashboard }),
    })
    expect(put.status).toBe(200)
    const page = await suite.pages.open('/dashboards/ours?from=now-5m')
    await page.getByRole('region', { name: 'Targets' }).waitFor(SLOW)
    await page.getByRole('button', { name: 'Edit' }).click()
    await page.locator('.panel-move').first().click()
    await page.getByRole('textbox', { name: 'Title' }).fill('Targets that answer')
    await page.getByRole('region', { name: 'Targets that answer' }).waitFor(SLOW)
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('button', { name: 'Save the dashboard' }).click()
    const kept = await eventually(
      () => suite.fleet.getJson<Kept>('/api/v1/dashboards/ours'),
      ({ version }) => version === 2,
      30_000,
    )
    expect(kept.panels[0]?.title).toBe('Targets that answer')
    expect(kept.ours).toBe('stays')
  }, 90_000)

  it.each(['hosts-grafana-7', 'ingress-grafana-8', 'virtual-machines-grafana-4', 'certificates-grafana-12'])(
    'takes dashboards of others whole: %s',
    async (name) => {
      const file = fileURLToPath(new URL(`../console/src/grafana/testdata/${name}.json`, import.meta.url))
      const put = await fetch(`${suite.fleet.url}/api/v1/dashboards/${name}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: `{"dashboard":${readFileSync(file, 'utf8')}}`,
      })
      expect(put.status).toBe(200)
      // Tall enough that every panel is in sight, and so is asked.
      const page = await suite.pages.open(`/dashboards/${name}`, { viewport: { width: 1440, height: 2400 } })
      await page.locator('.dashboard-panel').first().waitFor(SLOW)
      for (const row of await page.locator('.dashboard-row button[aria-expanded=false]').all()) await row.click()
      const blank = (): Promise<readonly string[]> =>
        page.locator('.dashboard-panel').evaluateAll((panels) =>
          panels
            .filter((panel) => {
              const body = panel.querySelector<HTMLElement>('.panel-body')
              if (body === null || panel.ariaBusy === 'true') return true
              return body.querySelector('canvas, table') === null && body.innerText.trim() === ''
            })
            .map((panel) => panel.ariaLabel ?? ''),
        )
      await eventually(blank, (left) => left.length === 0, 60_000)
    },
    90_000,
  )
})
