import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { readDashboard } from './dashboard.ts'
import { examine } from './doctor/doctor.ts'
import { sectionsOf, writeSections } from './edit/sections.ts'
import { layOut } from './layout.ts'

/** Read-only material beside the repository; the tests are skipped where it is absent. */
const DIR = fileURLToPath(new URL('../../../../shared/data/dashboards/', import.meta.url))
const files = existsSync(DIR) ? readdirSync(DIR).filter((name) => name.endsWith('.json')) : []

describe.skipIf(files.length === 0)('dashboards of the community (needs the shared material)', () => {
  it.each(files)('%s is read, laid out, examined and written back', (name) => {
    const document: unknown = JSON.parse(readFileSync(`${DIR}${name}`, 'utf8'))
    const dashboard = readDashboard(document)
    const panels = dashboard.rows.flatMap((row) => row.panels)
    expect(panels.length).toBeGreaterThan(3)
    expect(panels.filter(({ kind }) => kind === undefined).map(({ type }) => type)).toEqual([])
    expect(layOut(dashboard, new Map()).flatMap((row) => row.panels)).toHaveLength(panels.length)
    expect(examine(dashboard.json).mended['title']).toBe(dashboard.title)
    const again = readDashboard(writeSections(dashboard.json, sectionsOf(dashboard)))
    expect(again.rows.flatMap((row) => row.panels.map(({ title, type }) => [title, type]))).toEqual(
      panels.map(({ title, type }) => [title, type]),
    )
  })
})
