import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedMaterial } from '../../core/testing/shared-material.ts'
import { runScript, type ScriptStore } from '../../query/index.ts'
import { noEngineReason, startTestEngine, type TestEngine } from '../../storage/testing/test-engine.ts'
import { createEngineScriptStore } from './engine-script-store.ts'
import { runConformance } from './index.ts'

const folder = sharedMaterial('conformance/promql')

/** Few, because each evaluation asks the engine; `npm run conformance -- promql` runs all. */
const FILES = ['collision.test', 'staleness.test', 'start_timestamps.test']

describe.skipIf(noEngineReason !== undefined)(`scripts through the store ${noEngineReason ?? ''}`, () => {
  let engine: TestEngine
  let store: ScriptStore
  const { signal } = new AbortController()
  beforeAll(async () => {
    engine = await startTestEngine()
    store = createEngineScriptStore(engine.client, signal)
  })
  afterAll(async () => {
    await engine.stop()
  })

  it('keeps floats, histograms, stale markers and hints', async () => {
    const script = `
load 1m
  m{k="a"} 1 {{schema:3 sum:5 count:9 z_bucket:1 z_bucket_w:0.001 buckets:[1 2] offset:-3 n_buckets:[3 0 2]}} stale NaN
  c {{schema:-53 sum:9 count:6 custom_values:[1 2] buckets:[1 2 3]}}+{{schema:-53 sum:1 count:1 custom_values:[1 2] buckets:[1]}}x3
  g {{schema:0 sum:1 count:1 buckets:[1] counter_reset_hint:gauge}}x3

eval range from 0 to 4m step 1m m
  m{k="a"} 1 {{schema:3 sum:5 count:9 z_bucket:1 z_bucket_w:0.001 buckets:[1 2] offset:-3 n_buckets:[3 0 2]}} _ NaN NaN

eval instant at 3m c
  c {{schema:-53 sum:12 count:9 counter_reset_hint:not_reset custom_values:[1 2] buckets:[4 2 3]}}

eval instant at 2m g
  g {{schema:0 sum:1 count:1 buckets:[1] counter_reset_hint:gauge}}

clear

# Another block is another tenant.
eval instant at 3m {__name__=~".+"}
`
    const cases = await runScript(script, store, signal)
    expect(cases).toHaveLength(4)
    expect(cases.filter(({ problem }) => problem !== '')).toEqual([])
  })

  it('answers from rollups as from samples', async () => {
    const rolled = createEngineScriptStore(engine.client, signal, { rollups: true })
    const script = `
load 1m
  heat_total 0+7x239

eval range from 1h to 4h step 1h count_over_time(heat_total[1h])
  {} 60 60 60 59

eval range from 1h to 4h step 1h heat_total
  heat_total 420 840 1260 1673
`
    const cases = await runScript(script, rolled, signal)
    expect(cases.filter(({ problem }) => problem !== '')).toEqual([])
    const request = { matchers: [], sizeMs: 3_600_000, range: { startMs: 0, endMs: 3_600_000 }, facts: [] } as const
    expect(await rolled.source.buckets?.(rolled.scope, request, signal)).toBeDefined()
  })

  it('lets the last write of a histogram win', async () => {
    const load = (count: number): string => `load 1m\n  h {{schema:0 sum:1 count:${String(count)} buckets:[1]}}\n`
    const cases = await runScript(
      `${load(3)}${load(2)}${load(5)}eval instant at 0 histogram_count(h)\n  {} 5`,
      store,
      signal,
    )
    expect(cases.filter(({ problem }) => problem !== '')).toEqual([])
  })

  it.skipIf(folder === undefined).each(FILES)("Prometheus' %s (skipped without shared/conformance)", async (file) => {
    const cases = await runScript(readFileSync(`${folder ?? ''}/${file}`, 'utf8'), store, signal)
    expect(cases.length).toBeGreaterThan(0)
    expect(cases.filter(({ problem }) => problem !== '')).toEqual([])
  })
})

describe('the command', () => {
  it.skipIf(folder === undefined)('counts the cases (skipped without shared/conformance)', async () => {
    const lines: string[] = []
    const write = (line: string): void => void lines.push(line)
    const { passed, failed } = await runConformance('promql', folder ?? '', { memory: true, write })
    expect(failed).toBe(0)
    expect(lines).toEqual([`${String(passed)} passed, 0 failed`])
    expect(passed).toBeGreaterThan(1000)
  })

  it('fails without any case, and for what there is not', async () => {
    await expect(runConformance('promql', import.meta.dirname, { memory: true })).rejects.toMatchObject({
      message: expect.stringContaining('no cases') as string,
    })
    await expect(runConformance('promql', '/nowhere', { memory: true })).rejects.toMatchObject({ code: 'invalid' })
    await expect(runConformance('openmetrics', '.', { memory: true })).rejects.toMatchObject({ code: 'invalid' })
  })
})
