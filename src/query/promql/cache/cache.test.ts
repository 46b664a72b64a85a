import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../core/testing/random.ts'
import type { Scope } from '../../../model/index.ts'
import type { LateArrival } from '../../late-samples.ts'
import { createMemoryMetrics, seriesOf } from '../../testing/memory-metrics.ts'
import { ALL_FEATURES, evaluateRange, parsePromql, type QueryResult } from '../index.ts'
import { createQueryGenerator } from '../testing/generate.ts'
import { PROMETHEUS_FUNCTIONS } from '../testing/prometheus-functions.ts'
import type { Vocabulary } from '../testing/vocabulary.ts'
import { evaluateRangeCached } from './cached-range.ts'
import { ResultsCache } from './results-cache.ts'

const MINUTE = 60_000
const HOUR = 3_600_000
const NOW = Date.UTC(2026, 0, 5, 12)
const DEV: Scope = { tenants: ['dev'] }
const PRD: Scope = { tenants: ['prd'] }

/** Series of two tenants, whose samples can be added to, and a cache over it. */
function rig(maxBytes = 1_000_000): {
  add: (tenant: string, timeMs: number, value: number) => void
  arrive: (arrival: LateArrival) => void
  loseTouch: () => void
  run: (query: string, from: number, to: number, options?: Partial<RunOptions>) => Promise<QueryResult>
  cache: ResultsCache
  selects: () => readonly (readonly [startMs: number, endMs: number])[]
  setNow: (ms: number) => void
} {
  const samples = new Map<string, [number, number][]>()
  for (const tenant of ['dev', 'prd']) {
    const list: [number, number][] = []
    for (let at = NOW - 2 * HOUR; at <= NOW; at += MINUTE) list.push([at, (at - NOW) / 1000])
    samples.set(tenant, list)
  }
  let now = NOW
  let isReachable = true
  let arrivals: LateArrival[] = []
  let selected: [number, number][] = []
  const source = () =>
    createMemoryMetrics(
      [...samples].map(([tenant, list]) =>
        seriesOf(
          'm',
          { tenant_id: tenant, cluster: 'c' },
          [...list].sort(([a], [b]) => a - b),
        ),
      ),
    )
  const late = {
    next: () => {
      if (!isReachable) return Promise.reject(new Error('away'))
      const told = arrivals
      arrivals = []
      return Promise.resolve(told)
    },
  }
  const cache = new ResultsCache({ maxBytes, clock: { now: () => now, sleep: () => Promise.resolve() }, late })
  return {
    cache,
    add: (tenant, timeMs, value) => samples.get(tenant)?.push([timeMs, value]),
    arrive: (arrival) => arrivals.push(arrival),
    loseTouch: () => {
      isReachable = false
    },
    setNow: (ms) => {
      now = ms
    },
    selects: () => {
      const told = selected
      selected = []
      return told
    },
    run: async (query, startMs, endMs, { scope = DEV, stepMs = MINUTE, lookbackMs = 5 * MINUTE } = {}) => {
      const from = source()
      const options = {
        source: {
          ...from,
          select: (...args: Parameters<typeof from.select>) => {
            selected.push([args[1].range.startMs, args[1].range.endMs])
            return from.select(...args)
          },
        },
        scope,
        signal: new AbortController().signal,
        query,
        lookbackMs,
      }
      const expr = parsePromql(query, ALL_FEATURES)
      const cached = await evaluateRangeCached(expr, { startMs, endMs, stepMs }, options, cache)
      const plain = await evaluateRange(expr, { startMs, endMs, stepMs }, { ...options, source: from })
      const used = { samples: 0, peak: 0 }
      expect({ query, ...cached, ...used }).toEqual({ query, ...plain, ...used })
      return cached
    },
  }
}

const VOCABULARY: Vocabulary = {
  metrics: ['m'],
  labels: { cluster: ['c', 'd'], tenant_id: ['dev'] },
  regexps: ['.*', 'c|d'],
  durations: ['1m', '5m', '150s', '10m'],
  times: ['0', String(NOW / 1000 - 1800)],
}

interface RunOptions {
  readonly scope: Scope
  readonly stepMs: number
  readonly lookbackMs: number
}

describe('the results cache', () => {
  it('reads only the steps that it does not have, on both sides, and nothing that is still coming in', async () => {
    const { run, selects, cache } = rig()
    await run('m', NOW - HOUR, NOW)
    expect(selects()).toEqual([[NOW - HOUR - 5 * MINUTE, NOW]])
    await run('m', NOW - HOUR, NOW)
    expect(selects()).toEqual([[NOW - 14 * MINUTE, NOW]])
    await run('m', NOW - HOUR - 3 * MINUTE, NOW - 30 * MINUTE)
    expect(selects()).toEqual([[NOW - HOUR - 8 * MINUTE, NOW - HOUR - MINUTE]])
    await run('m', NOW - HOUR - 3 * MINUTE, NOW - 20 * MINUTE)
    expect(selects()).toEqual([])
    expect(cache.counts).toMatchObject({ hits: 3, misses: 1, entries: 1 })
  })

  it('shows what came late, at once and from its own time on', async () => {
    const { run, add, arrive, selects, cache } = rig()
    await run('sum_over_time(m[2m])', NOW - HOUR, NOW)
    selects()
    add('dev', NOW - 30 * MINUTE + 1, 1e9)
    arrive({ tenant: 'dev', firstMs: NOW - 30 * MINUTE + 1 })
    const { data } = await run('sum_over_time(m[2m])', NOW - HOUR, NOW)
    expect(JSON.stringify(data)).toContain('99999')
    expect(selects()).toEqual([[NOW - 31 * MINUTE, NOW]])
    expect(cache.counts.invalidated).toBe(1)
  })

  it('keeps nothing of an evaluation that something came in too late for', async () => {
    const { run, arrive, selects } = rig()
    const first = run('m', NOW - HOUR, NOW)
    arrive({ tenant: 'dev', firstMs: NOW - 30 * MINUTE })
    const second = run('m + 0', NOW - HOUR, NOW)
    await Promise.all([first, second])
    selects()
    await run('m', NOW - HOUR, NOW)
    const [[startMs] = [0]] = selects()
    expect(startMs).toBeLessThanOrEqual(NOW - 30 * MINUTE)
  })

  it('learns beside an evaluation what came late, and keeps nothing of that then', async () => {
    const { run, arrive, selects, cache } = rig()
    await run('m', NOW - HOUR, NOW)
    arrive({ tenant: 'dev', firstMs: NOW - 30 * MINUTE })
    await run('m + 1', NOW - HOUR, NOW)
    expect(cache.counts).toMatchObject({ entries: 1, invalidated: 1 })
    selects()
    await run('m + 1', NOW - HOUR, NOW)
    expect(selects()).toEqual([[NOW - HOUR - 5 * MINUTE, NOW]])
    expect(cache.counts).toMatchObject({ entries: 2 })
  })

  it('never gives one scope what is of another', async () => {
    const { run, add, cache } = rig()
    add('prd', NOW - 40 * MINUTE + 1, 5)
    await run('max(m)', NOW - HOUR, NOW)
    await run('max(m)', NOW - HOUR, NOW, { scope: PRD })
    await run('max(m)', NOW - HOUR, NOW, { scope: { tenants: 'all' } })
    await run('max(m)', NOW - HOUR, NOW, { scope: { tenants: ['dev'], clusters: [] } })
    await run('max(m)', NOW - HOUR, NOW, { scope: { tenants: ['dev'], clusters: ['c'] } })
    expect(cache.counts).toMatchObject({ hits: 0, misses: 5 })
  })

  it('keeps apart what has another step, place within the step or look-back', async () => {
    const { run, cache } = rig()
    await run('m', NOW - HOUR, NOW)
    await run('m', NOW - HOUR + 1, NOW)
    await run('m', NOW - HOUR, NOW, { stepMs: 2 * MINUTE })
    await run('m', NOW - HOUR, NOW, { lookbackMs: 1 })
    expect(cache.counts).toMatchObject({ hits: 0, misses: 4, entries: 4 })
  })

  it('leaves queries alone whose steps depend on more than themselves', async () => {
    const { run, cache } = rig()
    for (const query of [
      'm @ start()',
      'm @ 1767600000',
      'sum_over_time(m[5m:1m] @ end())',
      'm + start()',
      'm + range()',
      'm offset (range() / 60)',
      'm smoothed',
      'rate(m[5m] anchored)',
      'info(m)',
    ]) {
      await run(query, NOW - HOUR, NOW)
      await run(query, NOW - HOUR + 10 * MINUTE, NOW)
    }
    expect(cache.counts).toMatchObject({ hits: 0, misses: 0, entries: 0 })
  })

  it('looks as far ahead as the query does', async () => {
    const { run, add, arrive } = rig()
    const query = 'sum_over_time(m[10m:1m] offset -20m) + max_over_time(m[5m] offset 1h)'
    await run(query, NOW - HOUR, NOW)
    add('dev', NOW - 25 * MINUTE + 1, 1e9)
    arrive({ tenant: 'dev', firstMs: NOW - 25 * MINUTE + 1 })
    await run(query, NOW - HOUR, NOW)
    // What is 20 minutes ahead is still coming in for the last half hour.
    add('dev', NOW - 8 * MINUTE + 1, 1e9)
    await run(query, NOW - HOUR, NOW)
  })

  it('forgets after a while, so that what was deleted is gone', async () => {
    const { run, setNow, selects } = rig()
    await run('m', NOW - HOUR, NOW - 30 * MINUTE)
    setNow(NOW + 16 * MINUTE)
    selects()
    await run('m', NOW - HOUR, NOW - 30 * MINUTE)
    expect(selects()).toHaveLength(1)
  })

  it('stays out of the way while nobody can tell what came late', async () => {
    const { run, loseTouch, selects } = rig()
    await run('m', NOW - HOUR, NOW)
    loseTouch()
    selects()
    await run('m', NOW - HOUR, NOW)
    expect(selects()).toEqual([[NOW - HOUR - 5 * MINUTE, NOW]])
  })

  it('gives no annotations to steps that they are not of', async () => {
    const { run, cache } = rig()
    const { infos } = await run('rate(m[5m])', NOW - HOUR, NOW)
    expect(infos).toHaveLength(1)
    expect(cache.counts.entries).toBe(0)
  })

  it('stays within its bytes', async () => {
    const { run, cache } = rig(20_000)
    for (let i = 0; i < 50; i++) await run(`m + ${String(i)}`, NOW - 30 * MINUTE, NOW)
    const { entries, bytes, evicted } = cache.counts
    expect(bytes).toBeLessThanOrEqual(20_000)
    expect([entries > 3, evicted > 20]).toEqual([true, true])
  })

  it('answers generated queries as if it were not there', async () => {
    const { run, cache } = rig()
    const generator = createQueryGenerator({
      random: createRandom(7),
      vocabulary: VOCABULARY,
      features: ALL_FEATURES,
      functions: new Map(Object.entries(PROMETHEUS_FUNCTIONS)),
      depth: 2,
    })
    let compared = 0
    for (let i = 0; i < 300; i++) {
      const query = generator.ofType('vector')
      for (const [from, to] of [
        [60, 20],
        [50, 0],
        [70, 30],
      ] as const) {
        try {
          await run(query, NOW - from * MINUTE, NOW - to * MINUTE)
          compared += 1
        } catch (reason) {
          if (reason instanceof Error && reason.name === 'AssertionError') throw reason
        }
      }
    }
    expect([compared > 100, cache.counts.hits > 20]).toEqual([true, true])
  })
})
