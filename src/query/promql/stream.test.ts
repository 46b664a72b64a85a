import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { AppError, messageOf } from '../../core/index.ts'
import { createRandom } from '../../core/testing/random.ts'
import { sharedMaterial } from '../../core/testing/shared-material.ts'
import type { MetricSource, SeriesSamples } from '../metric-source.ts'
import { createMemoryScriptStore, runScript, type ScriptStore } from '../promql-script/index.ts'
import { inPieces } from '../testing/in-pieces.ts'
import { problemsOf } from '../testing/promql-script.ts'
import { type EvalOptions, evaluateInstant, evaluateRange, type QueryResult } from './eval.ts'
import { ALL_FEATURES } from './features.ts'
import { listFunctions } from './functions/index.ts'
import { parsePromql } from './parse.ts'
import { createQueryGenerator } from './testing/generate.ts'

const { signal } = new AbortController()
const folder = sharedMaterial('conformance/promql')
const files = folder === undefined ? [] : readdirSync(folder).filter((name) => name.endsWith('.test'))

describe.skipIf(folder === undefined)('scripts (shared/conformance/promql, skipped if absent) over pieces', () => {
  const store = createMemoryScriptStore()
  const pieces: ScriptStore = {
    load: (series) => store.load(series),
    clear: () => store.clear(),
    get source() {
      return inPieces(store.source, 2)
    },
    scope: store.scope,
  }
  it.each(files)('%s', async (file) => {
    const cases = await runScript(readFileSync(join(folder ?? '', file), 'utf8'), pieces, signal)
    expect(problemsOf(cases)).toEqual([])
  })
})

const DATA = `
load 15s
  requests_total{job="api",pod="1",code="200"} 0+5x80
  requests_total{job="api",pod="2",code="200"} 0+5x20 3+2x40
  requests_total{job="api",pod="2",code="500"} 0+1x10 _x10 11+1x20 stale _x10 0+3x20
  requests_total{job="web",pod="1",code="200"} 1e9+7x80
  requests_total{job="web",pod="3",code="404"} _x40 0+0.1x40
  temperature{job="web",pod="1"} 20-0.25x40 NaN Inf -Inf 5+1x30
  temperature{job="api",pod="2"} -3+0.5x80
  latency_bucket{job="api",le="0.1"} 0+1x80
  latency_bucket{job="api",le="1"} 0+3x80
  latency_bucket{job="api",le="+Inf"} 0+4x80
  sizes{job="api"} {{schema:0 sum:5 count:4 buckets:[1 2 1]}}+{{schema:0 sum:1 count:1 buckets:[0 1]}}x80
  sizes{job="web"} 1 {{schema:1 sum:5 count:4 buckets:[1 2 1]}}x40 7x20 {{schema:-53 sum:9 count:6 custom_values:[1 2] buckets:[1 2 3]}}x10
`
const VOCABULARY = {
  metrics: ['requests_total', 'temperature', 'latency_bucket', 'sizes'],
  labels: { job: ['api', 'web'], pod: ['1', '2', '3'], code: ['200', '500', ''], le: ['0.1', '1', '+Inf'] },
  regexps: ['.*', '.+', 'api|web', '[12]', '200'],
  durations: ['15s', '1m', '5m', '90', '20m'],
  times: ['0', '300', '601.5'],
}
const MINUTES = { startMs: 60_000, endMs: 20 * 60_000, stepMs: 60_000 }

type Outcome = Omit<QueryResult, 'samples' | 'peak' | 'rollups'> | { readonly failure: string }

async function outcomeOf(
  query: string,
  options: Omit<EvalOptions, 'scope' | 'signal'>,
  range = true,
): Promise<Outcome> {
  try {
    const expr = parsePromql(query, ALL_FEATURES)
    const full: EvalOptions = { ...options, query, scope: { tenants: 'all' }, signal }
    const isRange = range && (expr.type === 'vector' || expr.type === 'scalar')
    const { data, warnings, infos } = await (isRange
      ? evaluateRange(expr, MINUTES, full)
      : evaluateInstant(expr, 600_000, full))
    return { data, warnings, infos }
  } catch (reason) {
    return { failure: messageOf(reason) }
  }
}

describe('a query by pieces', () => {
  let source: MetricSource
  beforeAll(async () => {
    const store = createMemoryScriptStore()
    await runScript(DATA, store, signal)
    source = store.source
  })

  it('gives what it gives when each step has all before it, for any query', async () => {
    const random = createRandom(4_711)
    const functions = new Map(listFunctions())
    const generator = createQueryGenerator({
      random,
      vocabulary: VOCABULARY,
      features: ALL_FEATURES,
      functions,
      depth: 3,
    })
    let answered = 0
    for (let i = 0; i < 150; i++) {
      const query = generator.query()
      const range = i % 2 === 0
      const naive = await outcomeOf(query, { source, plan: 'naive', maxSamples: 300_000 }, range)
      const streamed = await outcomeOf(query, { source: inPieces(source, (i % 3) + 1), maxSamples: 300_000 }, range)
      // The limit on samples is on what is held at once, which is less by pieces.
      if ('failure' in naive && naive.failure.includes('too many samples')) continue
      expect({ query, ...streamed }).toEqual({ query, ...naive })
      if (!('failure' in naive)) answered += 1
    }
    expect(answered).toBeGreaterThan(50)
  }, 60_000)

  it.each(['sum', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar', 'quantile'])(
    'aggregates by pieces as in one: %s',
    async (operator) => {
      for (const operand of [
        'requests_total',
        'rate(requests_total[5m])',
        'sizes',
        '-temperature',
        '2 * temperature > 3',
      ]) {
        for (const grouping of ['', 'by (job)', 'by (job, nowhere)', 'without (pod)', 'by (__name__)']) {
          const query = `${operator} ${grouping} (${operator === 'quantile' ? '0.7, ' : ''}${operand})`
          const whole = await outcomeOf(query, { source })
          expect({ query, ...whole }).toEqual({ query, ...(await outcomeOf(query, { source, plan: 'naive' })) })
          for (const size of [1, 2, 3]) {
            expect({ query, ...(await outcomeOf(query, { source: inPieces(source, size) })) }).toEqual({
              query,
              ...whole,
            })
          }
        }
      }
    },
  )

  it('answers later by as much as the samples are later', async () => {
    const shiftMs = 7 * 86_400_000
    const later: MetricSource = {
      ...source,
      select: async (scope, { range, ...request }, abort) => {
        const moved = { startMs: range.startMs - shiftMs, endMs: range.endMs - shiftMs }
        return (await source.select(scope, { ...request, range: moved }, abort)).map((one) => shifted(one, shiftMs))
      },
    }
    for (const query of ['sum by (job) (rate(requests_total[5m]))', 'max_over_time(temperature[10m:1m])', 'sizes']) {
      const options = { source, scope: { tenants: 'all' as const }, signal }
      const expr = parsePromql(query)
      const { data } = await evaluateRange(expr, MINUTES, options)
      const range = { startMs: MINUTES.startMs + shiftMs, endMs: MINUTES.endMs + shiftMs, stepMs: MINUTES.stepMs }
      const moved = await evaluateRange(expr, range, { ...options, source: later })
      expect(pointsOf(moved.data)).toEqual(
        pointsOf(data).map(({ timeMs, ...point }) => ({ timeMs: timeMs + shiftMs, ...point })),
      )
    }
  })

  it('reads a leaf once that stands in the query twice', async () => {
    const queries: readonly (readonly [query: string, reads: number])[] = [
      ['sum(requests_total) / count(requests_total)', 1],
      ['rate(requests_total[5m]) / on (job, pod, code) increase(requests_total[5m])', 1],
      ['requests_total > 5 and requests_total < 1000', 1],
      ['rate(requests_total[5m]) / rate(requests_total[10m])', 2],
      ['requests_total - requests_total offset 1m', 2],
      ['requests_total - temperature', 2],
    ]
    for (const [query, reads] of queries) {
      let asked = 0
      const counting: MetricSource = {
        ...source,
        select: (scope, request, abort) => {
          asked += 1
          return source.select(scope, request, abort)
        },
      }
      const once = await outcomeOf(query, { source: inPieces(counting, 2) })
      expect([query, asked]).toEqual([query, reads])
      expect({ query, ...once }).toEqual({ query, ...(await outcomeOf(query, { source, plan: 'naive' })) })
    }
  })

  it('holds one piece at a time', async () => {
    const query = 'sum(rate(requests_total[5m]))'
    const needed = async (of: MetricSource): Promise<number> => {
      for (let maxSamples = 20; ; maxSamples += 20) {
        const outcome = await outcomeOf(query, { source: of, maxSamples })
        if (!('failure' in outcome)) return maxSamples
        expect(outcome.failure).toBe('query processing would load too many samples into memory in query execution')
      }
    }
    expect(await needed(inPieces(source, 1))).toBeLessThan((await needed(source)) / 2)
  })

  it('stops in the middle of one series with many steps and long windows', async () => {
    const controller = new AbortController()
    const slow = parsePromql('quantile_over_time(0.5, requests_total{pod="1",job="api"}[20m])[30d:1s]')
    const options = { source, scope: { tenants: 'all' as const }, signal: controller.signal }
    const run = evaluateInstant(slow, 1_200_000, options)
    setTimeout(() => {
      controller.abort(new AppError('cancelled', 'enough'))
    }, 50)
    await expect(run).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('stops what is under way for one side when the other fails', async () => {
    let stopped = false
    const waiting: MetricSource = {
      ...source,
      select: async (scope, request, abort) => {
        if (request.matchers.some(({ value }) => value === 'sizes')) throw new AppError('invalid', 'no sizes today')
        await new Promise((_, reject) => {
          abort.addEventListener('abort', () => {
            stopped = true
            reject(new Error('stopped'))
          })
        })
        return []
      },
    }
    const outcome = await outcomeOf('sum(temperature) + sum(sizes)', { source: waiting })
    expect(outcome).toEqual({ failure: 'no sizes today' })
    expect(stopped).toBe(true)
  })
})

function shifted(series: SeriesSamples, byMs: number): SeriesSamples {
  const { histograms } = series
  const moved = { ...series, timesMs: series.timesMs.map((time) => time + byMs) }
  if (histograms === undefined) return moved
  return { ...moved, histograms: { ...histograms, timesMs: histograms.timesMs.map((time) => time + byMs) } }
}

function pointsOf(data: QueryResult['data']): { timeMs: number; labels: unknown; value: unknown }[] {
  if (data.type !== 'matrix') throw new Error(`a ${data.type}`)
  return data.series.flatMap(({ labels, timesMs, values, histograms }) => [
    ...Array.from(timesMs, (timeMs, i) => ({ timeMs, labels, value: values[i] })),
    ...Array.from(histograms?.timesMs ?? [], (timeMs, i) => ({ timeMs, labels, value: histograms?.values[i] })),
  ])
}
