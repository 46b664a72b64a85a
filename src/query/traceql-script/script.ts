import { AppError, messageOf } from '../../core/index.ts'
import type { Span } from '../trace-source.ts'
import { durationOf, parseTraces, SCRIPT_START_NS } from './trace-lines.ts'

interface Place {
  /** Of the script, from 1. */
  readonly line: number
}

export type TraceCommand = Place &
  (
    | { readonly kind: 'load'; readonly spans: readonly Span[] }
    | { readonly kind: 'clear' }
    | { readonly kind: 'valid'; readonly query: string; readonly printed: readonly string[] }
    | { readonly kind: 'invalid'; readonly query: string; readonly messages: readonly string[] }
    | SearchCommand
    | MetricsCommand
  )

export interface SearchCommand extends Place {
  readonly kind: 'search'
  readonly query: string
  readonly limit: number
  readonly spansPerSpanset: number
  readonly rows: readonly string[]
}

export interface MetricsCommand extends Place {
  readonly kind: 'metrics'
  readonly query: string
  readonly startNs: bigint
  readonly endNs: bigint
  readonly stepNs?: bigint
  readonly rows: readonly string[]
}

const COMMAND = /^(load|clear|valid|invalid|search|metrics)(?=\s|$)/
const METRICS = /^metrics\s+from\s+(\S+)\s+to\s+(\S+)\s+(?:step\s+(\S+)|instant)\s+(.*)$/s
const LIMIT = /^limit\s+(\d+)(?:\s+spans\s+(\d+))?$/

/** Reads a script. Throws AppError `invalid` with the line that cannot be read. */
export function parseTraceScript(text: string): TraceCommand[] {
  const raw: { readonly line: number; readonly head: string; readonly body: string[] }[] = []
  text.split('\n').forEach((line, i) => {
    if (line.trim() === '' || line.trim().startsWith('#')) return
    if (COMMAND.test(line)) raw.push({ line: i + 1, head: line.trim(), body: [] })
    else raw.at(-1)?.body.push(line)
  })
  return raw.map(({ line, head, body }) => {
    try {
      return parseCommand(line, head, body)
    } catch (reason) {
      throw new AppError('invalid', `line ${String(line)}: ${messageOf(reason)}`, { cause: reason })
    }
  })
}

function parseCommand(line: number, head: string, body: readonly string[]): TraceCommand {
  const kind = COMMAND.exec(head)?.[1]
  const query = head.slice(kind?.length).trim()
  const rows = body.map((row) => row.trim())
  switch (kind) {
    case 'load':
      return { kind, line, spans: parseTraces(body) }
    case 'clear':
      return { kind, line }
    case 'valid':
      return { kind, line, query, printed: rows }
    case 'invalid':
      return { kind, line, query, messages: rows }
    case 'search':
      return parseSearch(line, query, rows)
    default:
      return parseMetrics(line, head, rows)
  }
}

function parseSearch(line: number, query: string, rows: readonly string[]): SearchCommand {
  const limits = LIMIT.exec(rows[0] ?? '')
  return {
    kind: 'search',
    line,
    query,
    limit: Number(limits?.[1] ?? 1_000),
    spansPerSpanset: Number(limits?.[2] ?? 0),
    rows: limits === null ? rows : rows.slice(1),
  }
}

function parseMetrics(line: number, head: string, rows: readonly string[]): MetricsCommand {
  const match = METRICS.exec(head)
  if (match === null)
    throw new AppError('invalid', 'expected metrics from … to … step … QUERY, or instant for the step')
  const [, from = '', to = '', step, query = ''] = match
  return {
    kind: 'metrics',
    line,
    query,
    startNs: SCRIPT_START_NS + durationOf(from),
    endNs: SCRIPT_START_NS + durationOf(to),
    ...(step === undefined ? {} : { stepNs: durationOf(step) }),
    rows,
  }
}
