import type { Labels, Scope } from '../model/index.ts'
import { labelsKey, labelValue } from './labels.ts'
import type { LogBlock, LogSelectRequest, LogSource, NsRange, SelectedStream } from './log-source.ts'
import { compileMatchers } from './matchers.ts'
import { scopeAllows } from './memory-metrics.ts'

export interface MemoryLine {
  /** Nanoseconds since the epoch. */
  readonly timeNs: bigint
  readonly line: string
  readonly structuredMetadata: Labels
}

export interface MemoryLogStream {
  readonly labels: Labels
  readonly lines: readonly MemoryLine[]
}

/** So small that tests see several. */
const ROWS_OF_BLOCK = 7

/**
 * Streams in memory with the canonical labels `tenant_id` and `cluster`; it holds to the scope as the store does. It
 * excludes no line by a condition: what reads from it must do that itself.
 */
export function createMemoryLogs(all: readonly MemoryLogStream[]): LogSource {
  const inScope = (scope: Scope): MemoryLogStream[] => all.filter((stream) => scopeAllows(scope, stream.labels))
  return {
    select: (scope, request) => selectBlocks(inScope(scope), request),
    labelNames: (scope) =>
      Promise.resolve([...new Set(inScope(scope).flatMap(({ labels }) => Object.keys(labels)))].sort()),
    labelValues: (scope, label, { matchers }) => {
      const test = compileMatchers(matchers)
      const values = inScope(scope)
        .filter(({ labels }) => test(labels))
        .map(({ labels }) => labelValue(labels, label))
      return Promise.resolve([...new Set(values)].filter((value) => value !== '').sort())
    },
    streams: (scope, { matchers }) => {
      const test = compileMatchers(matchers)
      return Promise.resolve(
        inScope(scope)
          .map(({ labels }) => labels)
          .filter(test),
      )
    },
  }
}

interface Row {
  readonly stream: SelectedStream
  readonly line: MemoryLine
}

async function* selectBlocks(all: readonly MemoryLogStream[], request: LogSelectRequest): AsyncGenerator<LogBlock> {
  const test = compileMatchers(request.matchers)
  const streams = new Map<string, SelectedStream>()
  const rows: Row[] = []
  for (const { labels, lines } of all) {
    if (!test(labels)) continue
    const key = labelsKey(labels)
    const stream = streams.get(key) ?? { labels }
    streams.set(key, stream)
    for (const line of lines) if (isWithin(line.timeNs, request.range)) rows.push({ stream, line })
  }
  const sign = request.direction === 'forward' ? 1 : -1
  rows.sort((a, b) => (a.line.timeNs === b.line.timeNs ? 0 : a.line.timeNs < b.line.timeNs ? -sign : sign))
  for (let at = 0; at < rows.length; at += ROWS_OF_BLOCK) {
    yield await Promise.resolve(toBlock(rows.slice(at, at + ROWS_OF_BLOCK), request))
  }
}

function isWithin(timeNs: bigint, { startNs, endNs, ends }: NsRange): boolean {
  return ends === '[start, end)' ? timeNs >= startNs && timeNs < endNs : timeNs > startNs && timeNs <= endNs
}

/** Gives what was asked for and nothing else, so that a reader that asked for too little fails. */
function toBlock(rows: readonly Row[], { columns }: LogSelectRequest): LogBlock {
  const wanted = columns.metadata === 'all' ? undefined : new Set(columns.metadata)
  return {
    rows: rows.length,
    timesNs: BigInt64Array.from(rows.map(({ line }) => line.timeNs)),
    stream: (row) => rows[row]?.stream ?? { labels: {} },
    line: (row) => (columns.line === 'text' ? (rows[row]?.line.line ?? '') : ''),
    bytes: (row) => (columns.line === 'none' ? 0 : Buffer.byteLength(rows[row]?.line.line ?? '')),
    metadata: (row) =>
      Object.entries(rows[row]?.line.structuredMetadata ?? {})
        .filter(([name, value]) => value !== '' && wanted?.has(name) !== false)
        .flat(),
  }
}
