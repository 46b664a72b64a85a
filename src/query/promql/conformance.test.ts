import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sharedMaterial } from '../../core/testing/shared-material.ts'
import { problemsOf, runScript } from '../testing/promql-script.ts'

const folder = sharedMaterial('conformance/promql')
const files = folder === undefined ? [] : readdirSync(folder).filter((name) => name.endsWith('.test'))

describe.skipIf(folder === undefined)("Prometheus' test scripts (shared/conformance/promql, skipped if absent)", () => {
  it.each(files)('%s', async (file) => {
    const cases = await runScript(readFileSync(join(folder ?? '', file), 'utf8'))
    expect(cases.length).toBeGreaterThan(0)
    expect(problemsOf(cases)).toEqual([])
  })
})
