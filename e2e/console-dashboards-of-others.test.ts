import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { describeConsole } from './testing/console-suite.ts'
import { eventually } from './testing/local-fleet.ts'

const SLOW = { timeout: 30_000 }

describeConsole('dashboards of others in a browser', {}, (suite) => {
  it.each(['hosts-grafana-7', 'ingress-grafana-8', 'virtual-machines-grafana-4', 'certificates-grafana-12'])(
    'are taken whole: %s',
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
