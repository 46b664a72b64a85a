import { messageOf } from '../../core/index.ts'
import type { Scope } from '../../model/index.ts'
import type { Span, TraceSource } from '../trace-source.ts'
import { intervalsOf } from '../traceql/grid.ts'
import { evaluateTraceMetrics, parseTraceql, printTraceql, searchTraces } from '../traceql/index.ts'
import { compareSeries, compareTraces } from './compare.ts'
import { type MetricsCommand, parseTraceScript, type SearchCommand, type TraceCommand } from './script.ts'

/** Where a script's spans go, and from where its queries read them. */
export interface TraceScriptStore {
  load(spans: readonly Span[]): Promise<void>
  clear(): Promise<void>
  readonly source: TraceSource
  readonly scope: Scope
}

export interface TraceScriptCase {
  readonly line: number
  readonly query: string
  /** '' when it holds. */
  readonly problem: string
}

/** Runs a script. Throws AppError `invalid` for one that cannot be read. */
export async function runTraceScript(
  text: string,
  store: TraceScriptStore,
  signal: AbortSignal,
): Promise<TraceScriptCase[]> {
  await store.clear()
  const cases: TraceScriptCase[] = []
  let loaded: Span[] = []
  for (const command of parseTraceScript(text)) {
    if (command.kind === 'load') {
      await store.load(command.spans)
      loaded = [...loaded, ...command.spans]
    } else if (command.kind === 'clear') {
      await store.clear()
      loaded = []
    } else {
      const problem = await problemOf(command, store, rangeOf(loaded), signal)
      cases.push({ line: command.line, query: command.query, problem })
    }
  }
  return cases
}

interface Range {
  readonly startMs: number
  readonly endMs: number
}

/** From the first start of a span to the last. */
function rangeOf(spans: readonly Span[]): Range {
  const starts = spans.map(({ startNs }) => Number(startNs / 1_000_000n))
  return { startMs: Math.min(...starts), endMs: Math.max(...starts) + 1 }
}

async function problemOf(
  command: Exclude<TraceCommand, { readonly kind: 'load' | 'clear' }>,
  store: TraceScriptStore,
  range: Range,
  signal: AbortSignal,
): Promise<string> {
  try {
    switch (command.kind) {
      case 'valid':
        return problemOfPrint(command.query, command.printed[0])
      case 'invalid':
        return problemOfError(command.query, command.messages)
      case 'search':
        return await problemOfSearch(command, store, range, signal)
      case 'metrics':
        return await problemOfMetrics(command, store, signal)
    }
  } catch (reason) {
    return messageOf(reason)
  }
}

/** Printing must have an end: what is printed prints the same. */
function problemOfPrint(query: string, expected: string | undefined): string {
  const printed = printTraceql(parseTraceql(query))
  const again = printTraceql(parseTraceql(printed))
  if (again !== printed) return `printed ${printed}, then ${again}`
  return expected === undefined || expected === printed ? '' : `printed ${printed}`
}

function problemOfError(query: string, messages: readonly string[]): string {
  try {
    parseTraceql(query)
  } catch (reason) {
    const message = messageOf(reason)
    return messages.every((part) => message.includes(part)) ? '' : `refused with: ${message}`
  }
  return 'it is accepted'
}

async function problemOfSearch(
  { query, limit, spansPerSpanset, rows }: SearchCommand,
  store: TraceScriptStore,
  range: Range,
  signal: AbortSignal,
): Promise<string> {
  const { traces } = await searchTraces(
    parseTraceql(query),
    { ...range, limit, spansPerSpanset },
    { source: store.source, scope: store.scope, signal },
  )
  return compareTraces(traces, rows)
}

/** Counted by the source and span by span: both must be right. */
async function problemOfMetrics(
  { query, startNs, endNs, stepNs, rows }: MetricsCommand,
  { source, scope }: TraceScriptStore,
  signal: AbortSignal,
): Promise<string> {
  const grid = { startNs, endNs, ...(stepNs === undefined ? {} : { stepNs }) }
  const intervals = intervalsOf(grid, 1_000)
  const timesMs = Array.from({ length: intervals.count }, (_, i) => intervals.timeMsOf(i))
  for (const countInSource of [true, false]) {
    const { series } = await evaluateTraceMetrics(parseTraceql(query), grid, { source, scope, countInSource, signal })
    const problem = compareSeries(series, rows, timesMs)
    if (problem !== '') return countInSource ? problem : `span by span: ${problem}`
  }
  return ''
}
