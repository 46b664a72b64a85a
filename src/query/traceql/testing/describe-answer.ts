import { evaluateTraceMetrics, formatValue, parseTraceql, searchTraces } from '../index.ts'
import type { TraceSource } from '../../trace-source.ts'

const EVERYTHING = { tenants: 'all' } as const

/** What a search answers, as a text that is the same for the same answer. */
export async function describeSearch(
  query: string,
  source: TraceSource,
  startNs: bigint,
  scope = EVERYTHING as Parameters<typeof searchTraces>[2]['scope'],
): Promise<string> {
  const startMs = Number(startNs / 1_000_000n)
  const request = { startMs, endMs: startMs + 60_000, limit: 1_000, spansPerSpanset: 0 }
  const { traces } = await searchTraces(parseTraceql(query), request, {
    source,
    scope,
    signal: new AbortController().signal,
  })
  return traces
    .map(({ traceId, spansets }) => {
      const texts = spansets.map(({ spans, attributes }) => {
        const ids = spans.map(({ span }) => span.spanId.slice(-2)).sort()
        return `${ids.join(',')} ${attributes.map(({ name, value }) => `${name}=${formatValue(value)}`).join(';')}`
      })
      return `${traceId.slice(-3)}: ${texts.sort().join(' / ')}`
    })
    .sort()
    .join('\n')
}

/** What a metrics query answers. Floats are rounded: sums may be made in another order. */
export async function describeMetrics(
  query: string,
  source: TraceSource,
  startNs: bigint,
  options: { readonly countInSource?: boolean; readonly scope?: Parameters<typeof searchTraces>[2]['scope'] } = {},
): Promise<string> {
  const grid = { startNs, endNs: startNs + 10_000_000_000n, stepNs: 1_000_000_000n }
  const { countInSource = true, scope = EVERYTHING } = options
  const { series } = await evaluateTraceMetrics(parseTraceql(query), grid, {
    source,
    scope,
    countInSource,
    signal: new AbortController().signal,
  })
  return series
    .map(({ labels, samples }) => {
      const names = labels.map(({ name, value }) => `${name}=${value.type}:${formatValue(value)}`).join(',')
      return `{${names}} ${samples.map(({ timeMs, value }) => `${String(timeMs)}:${value.toPrecision(9)}`).join(' ')}`
    })
    .sort()
    .join('\n')
}
