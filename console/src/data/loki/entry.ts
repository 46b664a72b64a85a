import { z } from 'zod'
import '../no-eval.ts'

type Labels = Readonly<Record<string, string>>

/** One log record as it is shown. */
export interface LogEntry {
  /** Unique among those of an answer and of those that follow it. */
  readonly key: string
  /** ns since the epoch, as text: numbers are not exact there. */
  readonly ns: string
  readonly ms: number
  readonly line: string
  /** The labels of its stream: what a selector can name. */
  readonly stream: Labels
  /** What came with the record, and what the query made of the line. */
  readonly fields: Labels
  readonly level: LogLevel
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'unknown'

export const LEVELS: readonly LogLevel[] = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'unknown']

const categorySchema = z.object({
  structuredMetadata: z.record(z.string(), z.string()).optional(),
  parsed: z.record(z.string(), z.string()).optional(),
})

/** Reads `[ns, line, labels?]`; undefined for anything else. */
export function readEntry(value: unknown, stream: Labels): LogEntry | undefined {
  if (!Array.isArray(value)) return undefined
  const [ns, line, categories] = value as unknown[]
  if (typeof ns !== 'string' || typeof line !== 'string') return undefined
  const parsed = categorySchema.safeParse(categories)
  const fields = parsed.success ? { ...parsed.data.structuredMetadata, ...parsed.data.parsed } : {}
  return {
    key: `${ns}|${keyOfStream(stream)}|${fields['span_id'] ?? ''}|${line.length}|${line.slice(0, 64)}`,
    ns,
    ms: Number(ns.slice(0, -6)),
    line,
    stream,
    fields,
    level: levelOf(fields, stream),
  }
}

/** What Grafana's data source, as we set it up, finds in lines, too. */
const IN_LINE = /\btrace_?id"?\s*[=:]\s*"?([0-9a-f]{32})\b/i
const TRACE_ID = /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/i

/** The trace that a record names, in its fields or in its line, and its span; a text that is no id leads nowhere. */
export function traceOf({
  fields,
  stream,
  line,
}: LogEntry): { readonly traceId: string; readonly spanId: string | undefined } | undefined {
  const traceId =
    fields['trace_id'] ?? fields['traceid'] ?? fields['traceID'] ?? stream['trace_id'] ?? IN_LINE.exec(line)?.[1]
  if (traceId === undefined || !TRACE_ID.test(traceId)) return undefined
  const spanId = fields['span_id'] ?? fields['spanid']
  return { traceId: traceId.toLowerCase(), spanId: spanId?.toLowerCase() }
}

const streamKeys = new WeakMap<Labels, string>()

function keyOfStream(stream: Labels): string {
  const known = streamKeys.get(stream)
  if (known !== undefined) return known
  const key = `${stream['cluster'] ?? ''}/${stream['service_name'] ?? ''}/${stream['k8s_pod_name'] ?? ''}`
  streamKeys.set(stream, key)
  return key
}

function levelOf(fields: Labels, stream: Labels): LogLevel {
  const word =
    fields['detected_level'] ??
    fields['level'] ??
    stream['detected_level'] ??
    stream['level'] ??
    fields['severity_text'] ??
    ''
  return toLevel(word)
}

/** The level that a word of somebody's logging library means. */
export function toLevel(word: string): LogLevel {
  const lower = word.toLowerCase()
  if (lower.startsWith('warn')) return 'warn'
  if (lower.startsWith('err')) return 'error'
  if (lower.startsWith('inf') || lower === 'notice') return 'info'
  if (lower.startsWith('deb')) return 'debug'
  if (lower.startsWith('trace')) return 'trace'
  if (['fatal', 'critical', 'crit', 'panic', 'alert', 'emerg', 'emergency'].includes(lower)) return 'fatal'
  return 'unknown'
}

/** Newest first; of the same time, in a fixed order. */
export function newestFirst(a: LogEntry, b: LogEntry): number {
  if (a.ns.length !== b.ns.length) return b.ns.length - a.ns.length
  return a.ns < b.ns ? 1 : a.ns > b.ns ? -1 : 0
}

/** Puts lists together in the order wanted and leaves out what is there twice. */
export function mergeEntries(lists: readonly (readonly LogEntry[])[], isNewestFirst: boolean): readonly LogEntry[] {
  const seen = new Map<string, LogEntry>()
  for (const list of lists) for (const entry of list) if (!seen.has(entry.key)) seen.set(entry.key, entry)
  const all = [...seen.values()].sort(newestFirst)
  return isNewestFirst ? all : all.reverse()
}
