import type { Labels } from '../../model/index.ts'
import { evaluateLogs, parseLogql, parseStreamSelector } from '../../query/index.ts'
import { AppError } from '../../core/index.ts'
import type { HandlerContext } from '../handlers/handler.ts'
import type { NsRange } from './params.ts'

export interface SampledLine {
  readonly timeNs: bigint
  readonly line: string
  readonly stream: Labels
  readonly metadata: Labels
}

/** The newest lines of a query in a range, `limit` at most. */
export async function sampleLines(
  query: string,
  range: NsRange,
  limit: number,
  { sources, scope, signal }: HandlerContext,
): Promise<readonly SampledLine[]> {
  const expr = parseLogql(query)
  if (expr.kind !== 'logs') throw new AppError('invalid', 'only log queries are supported')
  const request = { ...range, limit, direction: 'backward' } as const
  const { streams } = await evaluateLogs(expr, request, { source: sources.logs, scope, signal })
  return streams.flatMap(({ stream, structuredMetadata: metadata, lines }) =>
    lines.map(({ timeNs, line }) => ({ timeNs, line, stream, metadata })),
  )
}

/** The matchers of a query that may be empty: then all streams are meant. */
export function matchersOf(query: string): ReturnType<typeof parseStreamSelector> {
  return query.replaceAll(/\s/g, '') === '' || query.replaceAll(/\s/g, '') === '{}' ? [] : parseStreamSelector(query)
}
