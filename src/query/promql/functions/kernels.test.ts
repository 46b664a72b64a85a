import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../core/testing/random.ts'
import { createMemoryMetrics } from '../../memory-metrics.ts'
import type { SeriesSamples } from '../../metric-source.ts'
import { evaluateRange, type QueryResult } from '../eval.ts'
import { ALL_FEATURES } from '../features.ts'
import { parsePromql } from '../parse.ts'

const SAMPLES = 160
const random = createRandom(20_011)

/** What a series may be made of: kernels take short cuts with some of these. */
const KINDS: Readonly<Record<string, (i: number) => number>> = {
  counter: (i) => (i % 97) * 7,
  whole: () => Math.floor(random() * 2_000) - 1_000,
  gauge: () => random() * 200 - 100,
  flat: () => 4.25,
  rising: (i) => i * 0.1,
  falling: (i) => -i * 0.1,
  large: () => (random() < 0.5 ? 1e308 : -1e308),
  beyondExact: () => 2 ** 53 + Math.floor(random() * 3),
  special: () => [NaN, Infinity, -Infinity, 0, -0, 1, 1, 2][Math.floor(random() * 8)] ?? 0,
  mostlyNaN: () => (random() < 0.8 ? NaN : random()),
  zeros: () => (random() < 0.5 ? 0 : -0),
}

const CALLS = [
  ...['rate', 'increase', 'delta', 'irate', 'idelta', 'changes', 'resets', 'deriv'].map((one) => `${one}(x[W])`),
  ...['sum', 'avg', 'min', 'max', 'count', 'present', 'last', 'first', 'stddev', 'stdvar'].map(
    (one) => `${one}_over_time(x[W])`,
  ),
  ...['0', '0.3', '0.5', '0.99', '1', '2', '-1', 'NaN'].map((q) => `quantile_over_time(${q}, x[W])`),
  'predict_linear(x[W], 600)',
]

const WINDOWS: readonly (readonly [range: string, stepMs: number])[] = [
  ['1m', 7_000],
  ['5m', 60_000],
  ['40m', 37_000],
  ['5m', 1_200_000],
]

describe('a range function for plain floats', () => {
  it.each(CALLS)('gives what it gives for any window, bit for bit: %s', async (call) => {
    for (const [kind, valueOf] of Object.entries(KINDS)) {
      const plain = seriesOf(valueOf)
      // Whoever knows of starts, even that they are not known, is not taken for plain.
      const other = { ...plain, startsMs: new Float64Array(plain.timesMs.length) }
      for (const [window, stepMs] of WINDOWS) {
        const query = call.replace('W', window)
        const result = await answer(query, plain, stepMs)
        expect({ kind, query, stepMs, ...result }).toEqual({
          kind,
          query,
          stepMs,
          ...(await answer(query, other, stepMs)),
        })
      }
    }
  })
})

/** With jitter, and a gap now and then. */
function seriesOf(valueOf: (i: number) => number): SeriesSamples {
  let timeMs = 0
  const timesMs = Float64Array.from({ length: SAMPLES }, () => {
    timeMs += random() < 0.02 ? 400_000 : 14_000 + Math.floor(random() * 2_000)
    return timeMs
  })
  return {
    labels: { __name__: 'x', tenant_id: 'a' },
    timesMs,
    values: timesMs.map((_, i) => valueOf(i)),
  }
}

async function answer(
  query: string,
  series: SeriesSamples,
  stepMs: number,
): Promise<Omit<QueryResult, 'samples' | 'peak'>> {
  const { data, warnings, infos, rollups } = await evaluateRange(
    parsePromql(query, ALL_FEATURES),
    { startMs: 0, endMs: 5_000_000, stepMs },
    {
      source: createMemoryMetrics([series]),
      scope: { tenants: 'all' },
      signal: new AbortController().signal,
      startTimes: series.startsMs !== undefined,
      query,
    },
  )
  return { data, warnings, infos, rollups }
}
