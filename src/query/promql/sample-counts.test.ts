import { beforeAll, describe, expect, it } from 'vitest'
import type { MetricSource } from '../metric-source.ts'
import { createMemoryScriptStore, runScript } from '../promql-script/index.ts'
import { inPieces } from '../testing/in-pieces.ts'
import { evaluateRange } from './eval.ts'
import { parsePromql } from './parse.ts'

const { signal } = new AbortController()

/** Counts of Prometheus 3.15 for the same samples and queries, at 0, 60, 120 and 180 s. */
const COUNTED: Readonly<Record<string, readonly number[]>> = {
  one: [1, 1, 1, 1],
  '{__name__=~"one|gap"}': [2, 2, 1, 2],
  'sum(one) + sum(one)': [2, 2, 2, 2],
  'rate(one[1m])': [1, 4, 4, 4],
  'max_over_time(one[90s:30s])': [1, 3, 3, 3],
  'one @ 60': [1, 1, 1, 1],
  'absent_over_time(one[30s])': [1, 2, 2, 2],
  'timestamp(one)': [1, 1, 1, 1],
  'vector(1)': [0, 0, 0, 0],
}

describe('samples that steps look at', () => {
  let source: MetricSource
  beforeAll(async () => {
    const store = createMemoryScriptStore()
    await runScript('load 15s\n  one 0+1x20\n  gap 1 1 1 1 1 stale _ _ _ 1 1 1 1\n', store, signal)
    source = store.source
  })

  it.each(Object.entries(COUNTED))('are counted as Prometheus does: %s', async (query, expected) => {
    for (const of of [source, inPieces(source, 1)]) {
      const range = { startMs: 0, endMs: 180_000, stepMs: 60_000 }
      const options = { source: of, scope: { tenants: 'all' as const }, signal, counted: true }
      const { counts } = await evaluateRange(parsePromql(query), range, options)
      expect(Array.from(counts?.perStep ?? [])).toEqual(expected)
    }
  })
})
