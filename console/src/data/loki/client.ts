import { ask, check } from '../ask.ts'
import type { Caller } from '../prometheus/client.ts'
import { type Grid, placeOnGrid, type Series } from '../prometheus/matrix.ts'
import type { Interval } from '../time-range.ts'
import { type LogEntry, readEntry } from './entry.ts'
import { answerSchema, listSchema, type streamSchema, tailSchema } from './schema.ts'
import type { z } from 'zod'

const BASE = '/loki/api/v1'
/** Says of each label whether it is of the stream, of the record, or made by the query. */
const HEADERS = { 'x-loki-response-encoding-flags': 'categorize-labels' }

export interface LogsAnswer {
  readonly entries: readonly LogEntry[]
  readonly elapsedMs: number
  readonly warnings: readonly string[]
  readonly raw: unknown
}

/** Log records of `[fromNs, toNs)`, at most `limit` of them, from the end that `direction` names. */
export async function queryLogs(
  question: {
    readonly query: string
    readonly fromNs: string
    readonly toNs: string
    readonly direction: 'forward' | 'backward'
    readonly limit: number
  },
  caller: Caller,
): Promise<LogsAnswer> {
  const { query, fromNs, toNs, direction, limit } = question
  const params = { query, start: fromNs, end: toNs, direction, limit }
  const { body, elapsedMs } = await ask({ path: `${BASE}/query_range`, params, headers: HEADERS, ...caller })
  const { data, warnings = [] } = check(answerSchema, body)
  return { entries: data.resultType === 'streams' ? readStreams(data.result) : [], elapsedMs, warnings, raw: body }
}

function readStreams(streams: readonly z.infer<typeof streamSchema>[]): readonly LogEntry[] {
  return streams.flatMap(({ stream, values }) =>
    values.flatMap((value) => {
      const entry = readEntry(value, stream)
      return entry === undefined ? [] : [entry]
    }),
  )
}

export interface LogMatrix {
  readonly grid: Grid
  readonly series: readonly Series[]
  readonly elapsedMs: number
  readonly warnings: readonly string[]
}

/** A metric query over logs. */
export async function queryLogMetric(query: string, grid: Grid, caller: Caller): Promise<LogMatrix> {
  const params = { query, start: grid.startS, end: grid.endS, step: grid.stepS }
  const { body, elapsedMs } = await ask({ path: `${BASE}/query_range`, params, ...caller })
  const { data, warnings = [] } = check(answerSchema, body)
  const result = data.resultType === 'matrix' ? data.result : []
  return {
    grid,
    series: result.map(({ metric, values }) => ({ labels: metric, values: placeOnGrid(values, grid) })),
    elapsedMs,
    warnings,
  }
}

export interface CountByLabels {
  readonly labels: Readonly<Record<string, string>>
  readonly count: number
}

/** A metric query at one time. */
export async function queryLogInstant(query: string, atS: number, caller: Caller): Promise<readonly CountByLabels[]> {
  const { body } = await ask({ path: `${BASE}/query`, params: { query, time: atS }, ...caller })
  const { data } = check(answerSchema, body)
  if (data.resultType !== 'vector') return []
  return data.result.map(({ metric, value }) => ({ labels: metric, count: Number(value[1]) }))
}

export async function fetchLogLabels(within: Interval, caller: Caller): Promise<readonly string[]> {
  const { body } = await ask({ path: `${BASE}/labels`, params: endsOf(within), ...caller })
  return check(listSchema, body).data ?? []
}

export async function fetchLogLabelValues(
  label: string,
  query: string | undefined,
  within: Interval,
  caller: Caller,
): Promise<readonly string[]> {
  const path = `${BASE}/label/${encodeURIComponent(label)}/values`
  const { body } = await ask({ path, params: { query, ...endsOf(within) }, ...caller })
  return check(listSchema, body).data ?? []
}

function endsOf({ fromMs, toMs }: Interval): { readonly start: string; readonly end: string } {
  return { start: nsOf(Math.floor(fromMs / 60_000) * 60_000), end: nsOf(Math.ceil(toMs / 60_000) * 60_000) }
}

export function nsOf(ms: number): string {
  return `${Math.round(ms)}000000`
}

/** What a message of the live tail brings. */
export function readTailMessage(text: string): { readonly entries: readonly LogEntry[]; readonly dropped: number } {
  const message = check(tailSchema, JSON.parse(text) as unknown)
  return { entries: readStreams(message.streams ?? []), dropped: message.dropped_entries?.length ?? 0 }
}
