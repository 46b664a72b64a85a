import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runTraceScript, type TraceScriptStore } from '../../query/index.ts'
import { noEngineReason, startTestEngine, type TestEngine } from '../../storage/testing/test-engine.ts'
import { createEngineTraceStore } from './engine-trace-store.ts'
import { runConformance } from './index.ts'

const directory = path.resolve('src/query/traceql-script/cases')

describe.skipIf(noEngineReason !== undefined)(`TraceQL scripts through the store ${noEngineReason ?? ''}`, () => {
  let engine: TestEngine
  let store: TraceScriptStore
  beforeAll(async () => {
    engine = await startTestEngine()
    store = createEngineTraceStore(engine.client, new AbortController().signal)
  })
  afterAll(async () => {
    await engine.stop()
  })

  // One file, because each evaluation asks the engine; `npm run conformance -- traceql` runs all.
  it('metrics.test', { timeout: 60_000 }, async () => {
    const script = readFileSync(path.join(directory, 'metrics.test'), 'utf8')
    const cases = await runTraceScript(script, store, new AbortController().signal)
    expect(cases.length).toBeGreaterThan(0)
    expect(cases.filter(({ problem }) => problem !== '')).toEqual([])
  })
})

it('runs the scripts of a folder in memory', async () => {
  const lines: string[] = []
  const result = await runConformance('traceql', directory, { memory: true, write: (line) => lines.push(line) })
  expect(result.passed).toBeGreaterThan(500)
  expect(lines).toEqual([`${String(result.passed)} passed, 0 failed`])
})
