import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noEngineReason, startTestEngine, type TestEngine } from '../../storage/testing/test-engine.ts'
import { runDifferential } from './testing/differential/differential.ts'
import { prometheusVersion } from './testing/differential/prometheus-server.ts'

const noPrometheus = prometheusVersion('prometheus') === undefined ? '(Prometheus is not installed)' : undefined
const why = noEngineReason ?? noPrometheus

describe.skipIf(why !== undefined)(`random queries beside Prometheus ${why ?? ''}`, () => {
  let engine: TestEngine
  beforeAll(async () => {
    engine = await startTestEngine()
  })
  afterAll(async () => {
    await engine.stop()
  })

  it('have the same answers', async () => {
    const lines: string[] = []
    const options = { prometheus: 'prometheus', queries: 100, seed: 1, write: (line: string) => lines.push(line) }
    const { compared } = await runDifferential({ client: engine.client, ...options })
    expect(lines).toEqual([])
    expect(compared).toBe(100)
  }, 60_000)
})
