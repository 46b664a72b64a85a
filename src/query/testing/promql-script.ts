import { messageOf } from '../../core/index.ts'
import { type Labels, METRIC_NAME, STALE_NAN_HIGH, STALE_NAN_LOW } from '../../model/index.ts'
import { parsePromDuration } from '../duration.ts'
import { formatFloatFixed, parseGoFloat } from '../go-float.ts'
import { labelsKey, printLabels } from '../labels.ts'
import type { SeriesSamples } from '../metric-source.ts'
import {
  ALL_FEATURES,
  evaluateInstant,
  evaluateRange,
  parsePromql,
  parseSelector,
  type QueryData,
} from '../promql/index.ts'
import { createMemoryMetrics } from './memory-metrics.ts'

/**
 * Runs test scripts in Prometheus' notation:
 *
 *     load 5m
 *       name{label="x"} 0+10x3 _ stale
 *     eval instant at 50m QUERY
 *       expect fail
 *       {label="x"} 12
 *     eval range from 0 to 10m step 5m QUERY
 *       {label="x"} 1 _ 3
 *     clear
 *
 * What is not covered here (native histograms, expected annotations, ranges as results) is reported as skipped.
 */
export interface ScriptCase {
  readonly line: number
  readonly query: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly detail: string
}

interface Command {
  readonly line: number
  readonly head: string
  readonly body: readonly string[]
}

interface Expected {
  readonly labels: Labels
  readonly values: readonly (number | undefined)[]
}

const TOLERANCE = 1e-6

export async function runScript(text: string): Promise<ScriptCase[]> {
  const cases: ScriptCase[] = []
  let series: SeriesSamples[] = []
  let histograms = false
  for (const command of commandsOf(text)) {
    if (command.head === 'clear') {
      series = []
      histograms = false
    } else if (command.head.startsWith('load')) {
      histograms ||= /\{\{/.test(command.body.join()) || command.head.startsWith('load_with_nhcb')
      series = series.concat(loadSeries(command))
    } else {
      cases.push(await runCase(command, series, histograms))
    }
  }
  return cases
}

function commandsOf(text: string): Command[] {
  const commands: { line: number; head: string; body: string[] }[] = []
  text.split('\n').forEach((raw, i) => {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) return
    if (/^(load|eval|clear|load_with_nhcb|eval_fail)\b/.test(line)) {
      commands.push({ line: i + 1, head: line, body: [] })
    } else {
      commands.at(-1)?.body.push(line)
    }
  })
  return commands
}

function loadSeries({ head, body }: Command): SeriesSamples[] {
  const stepMs = parseTime(head.split(/\s+/)[1] ?? '')
  return body
    .filter((line) => !line.includes('{{'))
    .map((line) => {
      const { labels, rest } = splitSeries(line)
      const values = expand(rest)
      const times: number[] = []
      const kept: (number | 'stale')[] = []
      values.forEach((value, i) => {
        if (value === undefined) return
        times.push(i * stepMs)
        kept.push(value)
      })
      return { labels, timesMs: Float64Array.from(times), values: withStaleMarkers(kept) }
    })
}

function withStaleMarkers(values: readonly (number | 'stale')[]): Float64Array {
  const floats = new Float64Array(values.length)
  const words = new Uint32Array(floats.buffer)
  values.forEach((value, i) => {
    if (value !== 'stale') {
      floats[i] = value
      return
    }
    words[2 * i] = STALE_NAN_LOW
    words[2 * i + 1] = STALE_NAN_HIGH
  })
  return floats
}

/** The labels at the start of a line and what follows them. */
function splitSeries(line: string): { labels: Labels; rest: string } {
  const brace = /^[^\s{]*\{(?:[^"'}]|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')*\}/.exec(line)?.[0]
  const head = brace ?? /^\S+/.exec(line)?.[0] ?? ''
  if (/^[-+.\d]|^(nan|inf)/i.test(head)) return { labels: {}, rest: line }
  const name = head.split('{')[0] ?? ''
  const pairs = brace === undefined ? [] : parseSelector(`x${brace.slice(name.length)}`)
  const entries = pairs.slice(0, -1).map((matcher) => [matcher.name, matcher.value] as const)
  if (name !== '') entries.push([METRIC_NAME, name])
  return { labels: Object.fromEntries(entries), rest: line.slice(head.length) }
}

/** Values in the expanding notation: `1`, `_`, `_x3`, `1x3`, `1+2x3`, `1-2x3`, `stale`. */
function expand(text: string): (number | 'stale' | undefined)[] {
  return text
    .trim()
    .split(/\s+/)
    .filter((item) => item !== '')
    .flatMap((item): (number | 'stale' | undefined)[] => {
      if (item === 'stale') return ['stale']
      const gap = /^_(?:x(\d+))?$/.exec(item)
      if (gap !== null) return Array.from({ length: Number(gap[1] ?? 1) }, () => undefined)
      const match = /^([-+]?(?:[\d.]+(?:e[-+]?\d+)?|inf|nan))(?:([-+][\d.]+(?:e[-+]?\d+)?)?x(\d+))?$/i.exec(item)
      if (match === null) throw new Error(`cannot read value ${item}`)
      const start = parseGoFloat(match[1] ?? '') ?? NaN
      const step = Number(match[2] ?? 0)
      const values: number[] = []
      for (let i = 0, value = start; i <= Number(match[3] ?? 0); i++, value += step) values.push(value)
      return values
    })
}

const INSTANT = /^eval(_fail)?\s+instant\s+at\s+(\S+)\s+(.*)$/s
const RANGE = /^eval(_fail)?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.*)$/s

async function runCase(
  { line, head, body }: Command,
  series: readonly SeriesSamples[],
  histograms: boolean,
): Promise<ScriptCase> {
  const instant = INSTANT.exec(head)
  const range = RANGE.exec(head)
  const query = instant?.[3] ?? range?.[5] ?? head
  const report = (outcome: ScriptCase['outcome'], detail = ''): ScriptCase => ({ line, query, outcome, detail })
  if (body.some((row) => row.includes('{{') || row.startsWith('expect range vector'))) {
    return report('skipped', 'native histograms or ranges as results')
  }
  // Histograms were not loaded, so a case over them may differ; one that holds all the same counts.
  const differs = histograms ? 'skipped' : 'failed'
  const failing = (instant?.[1] ?? range?.[1]) !== undefined || body.some((row) => row.startsWith('expect fail'))
  const message = /^expect fail msg:\s*(.*)$/.exec(body.find((row) => row.startsWith('expect fail msg')) ?? '')?.[1]
  const expected = body.filter((row) => !row.startsWith('expect')).map(expectedOf)
  const options = {
    source: createMemoryMetrics(series),
    scope: { tenants: 'all' as const },
    signal: new AbortController().signal,
  }
  const runs: (() => Promise<string>)[] = []
  if (instant !== null) {
    const time = parseTime(instant[2] ?? '')
    runs.push(async () =>
      compare(
        await evaluateInstant(parsePromql(query, ALL_FEATURES), time, options).then((r) => r.data),
        expected,
        undefined,
      ),
    )
    runs.push(async () => compareStep(query, time, expected, options))
  } else if (range !== null) {
    const [startMs, endMs, stepMs] = [range[2], range[3], range[4]].map((text) => parseTime(text ?? ''))
    const times = { startMs: startMs ?? 0, endMs: endMs ?? 0, stepMs: stepMs ?? 1 }
    runs.push(async () =>
      compare((await evaluateRange(parsePromql(query, ALL_FEATURES), times, options)).data, expected, times),
    )
  }
  for (const run of runs) {
    try {
      const problem = await run()
      if (failing) return report(differs, 'expected a failure')
      if (problem !== '') return report(differs, problem)
    } catch (reason) {
      if (!failing) return report(differs, messageOf(reason))
      if (message !== undefined && !messageOf(reason).includes(message)) return report(differs, messageOf(reason))
    }
  }
  return report('passed')
}

/** An instant case must also hold as one step of a range. */
async function compareStep(
  query: string,
  timeMs: number,
  expected: readonly Expected[],
  options: Parameters<typeof evaluateRange>[2],
): Promise<string> {
  const expr = parsePromql(query, ALL_FEATURES)
  if (expr.type !== 'scalar' && expr.type !== 'vector') return ''
  const range = { startMs: timeMs - 60_000, endMs: timeMs + 60_000, stepMs: 60_000 }
  const { data } = await evaluateRange(expr, range, options)
  if (data.type !== 'matrix') return `a ${data.type} instead of a matrix`
  const samples = data.series.flatMap(({ labels, timesMs, values }) => {
    const at = timesMs.indexOf(timeMs)
    return at === -1 ? [] : [{ labels, value: values[at] ?? NaN }]
  })
  const problem = compare({ type: 'vector', timeMs, samples }, expected, undefined)
  return problem === '' ? '' : `as a step of a range: ${problem}`
}

function expectedOf(row: string): Expected {
  const { labels, rest } = splitSeries(row)
  return { labels, values: expand(rest).map((value) => (value === 'stale' ? NaN : value)) }
}

function compare(
  data: QueryData,
  expected: readonly Expected[],
  range: { startMs: number; stepMs: number; endMs: number } | undefined,
): string {
  const rows = new Map<string, (number | undefined)[]>()
  const steps = range === undefined ? 1 : Math.floor((range.endMs - range.startMs) / range.stepMs) + 1
  if (data.type === 'scalar') rows.set('', [data.value])
  if (data.type === 'vector') for (const { labels, value } of data.samples) rows.set(labelsKey(labels), [value])
  if (data.type === 'matrix') {
    for (const { labels, timesMs, values } of data.series) {
      const row = Array.from({ length: steps }, () => undefined as number | undefined)
      timesMs.forEach((time, i) => (row[Math.round((time - (range?.startMs ?? 0)) / (range?.stepMs ?? 1))] = values[i]))
      rows.set(labelsKey(labels), row)
    }
  }
  const wanted = new Map(expected.map(({ labels, values }) => [labelsKey(labels), { labels, values }]))
  for (const [key, { labels, values }] of wanted) {
    const got = rows.get(key)
    if (got === undefined) return `missing ${printLabels(labels)}`
    for (let i = 0; i < steps; i++) {
      if (!near(got[i], values[i]))
        return `${printLabels(labels)} at step ${String(i)}: ${show(got[i])}, not ${show(values[i])}`
    }
  }
  const extra = [...rows.keys()].find((key) => !wanted.has(key))
  return extra === undefined ? '' : `not expected: ${JSON.stringify(extra)}`
}

function near(got: number | undefined, wanted: number | undefined): boolean {
  if (got === undefined || wanted === undefined) return got === wanted
  if (Number.isNaN(got) || Number.isNaN(wanted)) return Number.isNaN(got) && Number.isNaN(wanted)
  if (got === wanted) return true
  return Math.abs(got - wanted) <= TOLERANCE * Math.max(Math.abs(got), Math.abs(wanted))
}

function show(value: number | undefined): string {
  return value === undefined ? 'nothing' : formatFloatFixed(value)
}

function parseTime(text: string): number {
  const duration = parsePromDuration(text.replace(/^-/, ''))
  const ms = typeof duration === 'number' ? duration : Number(text.replace(/^-/, '')) * 1000
  return text.startsWith('-') ? -ms : ms
}
