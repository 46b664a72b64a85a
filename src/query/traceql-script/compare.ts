import { formatGoDuration, formatValue, type TraceqlValue } from '../traceql/value.ts'
import type { FoundSpan, FoundSpanset, FoundTrace, NamedValue } from '../traceql/search.ts'
import type { TraceqlSeries } from '../traceql/metrics.ts'
import { scriptName } from './trace-lines.ts'

const RELATIVE_ERROR = 1e-9

/** What is wrong with the traces that were found; '' if nothing. Rows stand in the order of the traces. */
export function compareTraces(found: readonly FoundTrace[], rows: readonly string[]): string {
  const actual = found.flatMap((trace) =>
    trace.spansets.map((spanset) => `${scriptName(trace.traceId)}: ${rowOf(spanset, rows)}`).sort(),
  )
  const expected = rows.map(normalizeRow)
  if (actual.join('\n') === sortedByTrace(expected).join('\n')) return ''
  return `found ${actual.length === 0 ? 'nothing' : actual.join(' / ')}`
}

/** Spansets of one trace have no order. */
function sortedByTrace(rows: readonly string[]): string[] {
  const groups: string[][] = []
  let last: string | undefined
  for (const row of rows) {
    const trace = row.slice(0, row.indexOf(':'))
    if (trace === last) groups.at(-1)?.push(row)
    else groups.push([row])
    last = trace
  }
  return groups.flatMap((group) => group.sort())
}

/** The spans sorted by name, then what was found of them together. Attributes show only where the row has them. */
function rowOf(spanset: FoundSpanset, rows: readonly string[]): string {
  const showsAttributes = rows.some((row) => row.includes('['))
  const spans = spanset.spans.map((span) => spanText(span, showsAttributes)).sort()
  const attributes = spanset.attributes.map(({ name, value }) => `${name}=${formatValue(value)}`).sort()
  const matched = spanset.matched === spanset.spans.length ? '' : ` matched ${String(spanset.matched)}`
  return `${spans.join(' ')}${attributes.length === 0 ? '' : ` {${attributes.join('; ')}}`}${matched}`
}

function spanText({ span, attributes }: FoundSpan, showsAttributes: boolean): string {
  const shown = attributes.map(({ name, value }) => `${name}=${formatValue(value)}`).sort()
  return scriptName(span.spanId) + (showsAttributes && shown.length > 0 ? `[${shown.join(',')}]` : '')
}

function normalizeRow(row: string): string {
  const [, trace = '', spans = '', attributes, matched = ''] =
    /^(\S+):\s*([^{]*?)\s*(?:\{(.*)\})?\s*(matched \d+)?$/.exec(row) ?? []
  const sortedSpans = spans
    .replace(/ matched \d+$/, '')
    .split(/\s+/)
    .sort()
    .join(' ')
  const found = attributes === undefined ? '' : ` {${attributes.split(/;\s*/).sort().join('; ')}}`
  return `${trace}: ${sortedSpans}${found}${matched === '' ? '' : ` ${matched}`}`
}

/** What is wrong with the series; '' if nothing. Series have no order, a row has a value for each interval. */
export function compareSeries(
  series: readonly TraceqlSeries[],
  rows: readonly string[],
  timesMs: readonly number[],
): string {
  const actual = new Map(series.map((one) => [labelsText(one.labels), valuesOf(one, timesMs)]))
  const expected = new Map(rows.map(parseRow))
  const problems: string[] = []
  for (const [labels, values] of expected) {
    const found = actual.get(labels)
    if (found === undefined) problems.push(`no series ${labels}`)
    else if (!areClose(found, values)) problems.push(`${labels} is ${found.map(showNumber).join(' ')}`)
  }
  for (const [labels, values] of actual) {
    if (!expected.has(labels)) problems.push(`unexpected ${labels} ${values.map(showNumber).join(' ')}`)
  }
  return problems.join(' / ')
}

function valuesOf({ samples }: TraceqlSeries, timesMs: readonly number[]): number[] {
  const byTime = new Map(samples.map(({ timeMs, value }) => [timeMs, value]))
  return timesMs.map((timeMs) => byTime.get(timeMs) ?? NaN)
}

function labelsText(labels: readonly NamedValue[]): string {
  return `{${labels
    .map(({ name, value }) => `${name}=${literal(value)}`)
    .sort()
    .join(', ')}}`
}

function literal(value: TraceqlValue): string {
  if (value.type === 'string') return JSON.stringify(value.value)
  return value.type === 'duration' ? formatGoDuration(value.value) : formatValue(value)
}

function parseRow(row: string): [string, number[]] {
  const end = row.lastIndexOf('}')
  const labels = row.slice(1, end).match(/(?:"(?:\\.|[^"\\])*"|[^,"])+/g) ?? []
  const text = `{${labels
    .map((label) => label.trim())
    .sort()
    .join(', ')}}`
  const values = row
    .slice(end + 1)
    .trim()
    .split(/\s+/)
    .filter((token) => token !== '')
    .flatMap((token) => {
      const [value = '', times = '1'] = token.split('*')
      return Array<number>(Number(times)).fill(value === '_' ? NaN : Number(value))
    })
  return [text, values]
}

function areClose(actual: readonly number[], expected: readonly number[]): boolean {
  return (
    actual.length === expected.length &&
    actual.every((value, i) => {
      const wanted = expected[i] ?? NaN
      if (Number.isNaN(value) || Number.isNaN(wanted)) return Number.isNaN(value) && Number.isNaN(wanted)
      return Math.abs(value - wanted) <= RELATIVE_ERROR * Math.max(Math.abs(value), Math.abs(wanted))
    })
  )
}

function showNumber(value: number): string {
  return Number.isNaN(value) ? '_' : String(value)
}
