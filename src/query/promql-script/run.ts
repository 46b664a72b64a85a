import { AppError, messageOf } from '../../core/index.ts'
import type { Scope } from '../../model/index.ts'
import type { MetricSource } from '../metric-source.ts'
import {
  ALL_FEATURES,
  evaluateInstant,
  evaluateRange,
  parsePromql,
  type QueryPlan,
  type QueryResult,
} from '../promql/index.ts'
import { compareInstant, compareMatrix } from './compare.ts'
import { customBucketSeries } from './custom-bucket-series.ts'
import { atLine, type EvalCommand, type Expectation, parseScript, type RangeTimes } from './script.ts'
import { loadSeries, type ScriptSeries } from './script-series.ts'

/** Where a script puts its series and its queries read. */
export interface ScriptStore {
  /** Adds to what was loaded since it was cleared. */
  load(series: readonly ScriptSeries[]): Promise<void>
  clear(): Promise<void>
  readonly source: MetricSource
  /** May change when the store is cleared. */
  readonly scope: Scope
  /** How queries are to be evaluated; the results must be the same. */
  readonly plan?: QueryPlan
}

/** One evaluation of a script; `problem` is '' when all was as expected. */
export interface ScriptCase {
  readonly line: number
  readonly query: string
  readonly problem: string
}

/**
 * Runs a test script in Prometheus' notation:
 *
 *     load 5m
 *       name{label="x"} 0+10x3 _ stale {{schema:0 sum:1 count:1 buckets:[1]}}
 *     eval instant at 50m QUERY
 *       expect warn msg: PromQL warning: …
 *       {label="x"} 12
 *     eval range from 0 to 10m step 5m QUERY
 *       {label="x"} 1 _ 3
 *     clear
 *
 * Every instant case must also hold as one step of a range. Throws AppError `invalid` when the script cannot be read.
 */
export async function runScript(text: string, store: ScriptStore, signal: AbortSignal): Promise<ScriptCase[]> {
  const cases: ScriptCase[] = []
  await store.clear()
  for (const command of parseScript(text)) {
    if (signal.aborted) throw AppError.from(signal.reason, 'cancelled')
    switch (command.kind) {
      case 'clear':
        await store.clear()
        break
      case 'load': {
        const series = atLine(command.line, () => loadSeries(command.stepMs, command.lines))
        await store.load(command.withCustomBuckets ? [...series, ...customBucketSeries(series)] : series)
        break
      }
      case 'eval': {
        const { line, query } = command
        cases.push({ line, query, problem: await problemOf(command, store, signal) })
      }
    }
  }
  return cases
}

type Outcome = { readonly result: QueryResult } | { readonly failure: string }

async function problemOf(command: EvalCommand, store: ScriptStore, signal: AbortSignal): Promise<string> {
  const outcome = await evaluate(command, command.when, store, signal)
  const failing = textsOf(command.expectations, 'fail')
  if ('failure' in outcome) {
    if (failing.length === 0) return outcome.failure
    const missed = failing.find((one) => !one.matches(outcome.failure))
    return missed === undefined ? '' : `failed with "${outcome.failure}", not ${missed.shown}`
  }
  if (failing.length > 0) return 'expected a failure'
  const { result } = outcome
  return (
    annotationProblem(command.expectations, 'warn', result.warnings) ||
    annotationProblem(command.expectations, 'info', result.infos) ||
    dataProblem(command, result) ||
    (await stepProblem(command, result, store, signal))
  )
}

async function evaluate(
  { query }: EvalCommand,
  when: EvalCommand['when'],
  store: ScriptStore,
  signal: AbortSignal,
): Promise<Outcome> {
  const { source, scope, plan } = store
  const options = { source, scope, signal, query, startTimes: true, ...(plan === undefined ? {} : { plan }) }
  try {
    const expr = parsePromql(query, ALL_FEATURES)
    const run = 'timeMs' in when ? evaluateInstant(expr, when.timeMs, options) : evaluateRange(expr, when, options)
    return { result: await run }
  } catch (reason) {
    return { failure: messageOf(reason) }
  }
}

function annotationProblem(
  expectations: readonly Expectation[],
  kind: 'warn' | 'info',
  actual: readonly string[],
): string {
  if (expectations.some(({ what }) => what === `no_${kind}`) && actual.length > 0) {
    return `unexpected ${kind}: ${actual.join('; ')}`
  }
  const wanted = textsOf(expectations, kind)
  if (wanted.length === 0) return ''
  const missed = wanted.find(({ matches }) => !actual.some(matches))
  if (missed !== undefined) return `no ${kind} ${missed.shown}, but ${actual.join('; ') || 'none'}`
  const extra = actual.find((text) => !wanted.some(({ matches }) => matches(text)))
  return extra === undefined ? '' : `unexpected ${kind}: ${extra}`
}

type TextExpectation = Extract<Expectation, { readonly what: 'fail' | 'warn' | 'info' }>

function textsOf(expectations: readonly Expectation[], what: TextExpectation['what']): TextExpectation[] {
  return expectations.flatMap((one) => (one.what === what ? [one] : []))
}

function dataProblem({ when, expectations, rows }: EvalCommand, { data }: QueryResult): string {
  for (const expectation of expectations) {
    if (expectation.what === 'range vector') return compareMatrix(data, rows, expectation.times)
    if (expectation.what !== 'string') continue
    return data.type === 'string' && data.value === expectation.text ? '' : 'another string'
  }
  if (!('timeMs' in when)) return compareMatrix(data, rows, when)
  return compareInstant(
    data,
    rows,
    expectations.some(({ what }) => what === 'ordered'),
  )
}

/** What such a query answers depends on the range that it is asked for. */
const OF_THE_RANGE = /\b(start|end|step|range)\s*\(\s*\)/i

/** An instant case must also hold as one step of a range. */
async function stepProblem(
  command: EvalCommand,
  { data }: QueryResult,
  store: ScriptStore,
  signal: AbortSignal,
): Promise<string> {
  const { when, query, rows } = command
  if (!('timeMs' in when) || OF_THE_RANGE.test(query)) return ''
  if (data.type !== 'scalar' && data.type !== 'vector') return ''
  const { timeMs } = when
  const range: RangeTimes = { startMs: timeMs - 60_000, endMs: timeMs + 60_000, stepMs: 60_000 }
  const outcome = await evaluate(command, range, store, signal)
  const problem = 'failure' in outcome ? outcome.failure : compareInstant(stepOf(outcome.result, timeMs), rows, false)
  return problem === '' ? '' : `as a step of a range: ${problem}`
}

/** The values at one time. A scalar is a row without labels, which compares with a bare number, too. */
function stepOf({ data }: QueryResult, timeMs: number): QueryResult['data'] {
  if (data.type !== 'matrix') return data
  const samples = data.series.flatMap(({ labels, timesMs, values, histograms }) => {
    const at = timesMs.indexOf(timeMs)
    if (at !== -1) return [{ labels, value: values[at] ?? NaN }]
    const histogram = histograms?.values[histograms.timesMs.indexOf(timeMs)]
    return histogram === undefined ? [] : [{ labels, value: NaN, histogram }]
  })
  return { type: 'vector', timeMs, samples }
}
