import { type Labels, type Scope } from '../../model/index.ts'
import { labelsKey, labelValue } from '../labels.ts'
import type { LineFilter, LogLine, LogSource, LogStream } from '../log-source.ts'
import { compileMatchers } from '../matchers.ts'
import { compileRegexp } from '../regexp.ts'
import { scopeAllows } from './memory-metrics.ts'

/** Streams in memory with the canonical labels `tenant_id` and `cluster`; it holds to the scope as the store does. */
export function createMemoryLogs(all: readonly LogStream[]): LogSource {
  const inScope = (scope: Scope): LogStream[] => all.filter((stream) => scopeAllows(scope, stream.labels))
  return {
    select: (scope, request) => {
      const test = compileMatchers(request.matchers)
      const filters = request.filters.map(compileFilter)
      const wanted = ({ timeNs, line }: LogLine): boolean =>
        timeNs >= request.startNs && timeNs < request.endNs && filters.every((filter) => filter(line))
      const found = inScope(scope)
        .filter((stream) => test(stream.labels))
        .flatMap(({ labels, lines }) => lines.filter(wanted).map((line) => ({ labels, line })))
      const sign = request.direction === 'forward' ? 1 : -1
      found.sort((a, b) => sign * Number(a.line.timeNs - b.line.timeNs))
      return Promise.resolve(toStreams(found.slice(0, request.limit)))
    },
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

function compileFilter({ operator, value }: LineFilter): (line: string) => boolean {
  if (operator === '|=') return (line) => line.includes(value)
  if (operator === '!=') return (line) => !line.includes(value)
  const regexp = compileRegexp(value, { dotMatchesNewline: false })
  return operator === '|~' ? (line) => regexp.matchesPart(line) : (line) => !regexp.matchesPart(line)
}

function toStreams(found: readonly { readonly labels: Labels; readonly line: LogLine }[]): LogStream[] {
  const streams = new Map<string, { labels: Labels; lines: LogLine[] }>()
  for (const { labels, line } of found) {
    const key = labelsKey(labels)
    const stream = streams.get(key) ?? { labels, lines: [] }
    streams.set(key, stream)
    stream.lines.push(line)
  }
  return [...streams.values()]
}
