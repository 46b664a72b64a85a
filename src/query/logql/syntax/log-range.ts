import { CONVERSIONS, type LabelFilter, type LogRange, type LogSelector, type Stage, type Unwrap } from '../ast.ts'
import { parseLabelFilter } from './label-filter.ts'
import { parseMatchers } from './selector.ts'
import { parseStages } from './stages.ts'
import type { TokenStream } from './token-stream.ts'

interface Pipeline {
  readonly stages: readonly Stage[]
  readonly unwrap?: Unwrap
}

const NO_PIPELINE: Pipeline = { stages: [] }

/** Reads a selector with its pipeline, as a log query. */
export function parseLogSelector(tokens: TokenStream): LogSelector {
  const { start } = tokens.token
  const matchers = parseMatchers(tokens)
  const { stages, unwrapPipe } = parseStages(tokens)
  if (unwrapPipe !== undefined) throw tokens.unexpected()
  return { kind: 'logs', start, end: tokens.lastEnd, matchers, stages }
}

/**
 * Reads lines with their range: it stands behind the pipeline or before it, the offset behind it; parentheses may stand
 * around the whole or around what is before the range.
 */
export function parseLogRange(tokens: TokenStream): LogRange {
  return tokens.nested(() => {
    if (!tokens.is('{', '(')) throw tokens.unexpected('{', '(')
    return tokens.is('(') ? parseInParens(tokens) : parseBare(tokens)
  })
}

function parseBare(tokens: TokenStream): LogRange {
  const { start } = tokens.token
  const matchers = parseMatchers(tokens)
  if (tokens.is('RANGE')) {
    const range = parseRange(tokens)
    return finish(tokens, start, matchers, parsePipeline(tokens), range)
  }
  const pipeline = parsePipeline(tokens)
  return finish(tokens, start, matchers, pipeline, parseRange(tokens, pipeline))
}

function parseInParens(tokens: TokenStream): LogRange {
  const { start } = tokens.take()
  if (tokens.is('(')) {
    const inner = parseLogRange(tokens)
    tokens.expect(')')
    return inner
  }
  const { start: selectorStart } = tokens.token
  if (!tokens.is('{')) throw tokens.unexpected('{', '(')
  const matchers = parseMatchers(tokens)
  const ranged = tokens.is('RANGE') ? parseRange(tokens) : undefined
  const pipeline = parsePipeline(tokens)
  if (ranged !== undefined || tokens.is('RANGE')) {
    const inner = finish(tokens, selectorStart, matchers, pipeline, ranged ?? parseRange(tokens))
    tokens.expect(')')
    return inner
  }
  tokens.demand(')')
  const range = parseRange(tokens)
  const bare = pipeline.stages.length === 0 && pipeline.unwrap === undefined
  return finish(tokens, start, matchers, bare && tokens.is('|') ? parseUnwrapOnly(tokens) : pipeline, range)
}

function finish(
  tokens: TokenStream,
  start: number,
  matchers: LogSelector['matchers'],
  { stages, unwrap }: Pipeline,
  range: Pick<LogRange, 'rangeNs' | 'offsetNs'>,
): LogRange {
  const { lastEnd: end } = tokens
  const selector: LogSelector = { kind: 'logs', start, end, matchers, stages }
  return { start, end, selector, ...(unwrap === undefined ? {} : { unwrap }), ...range }
}

function parseRange(tokens: TokenStream, before: Pipeline = NO_PIPELINE): Pick<LogRange, 'rangeNs' | 'offsetNs'> {
  const wanted = before.unwrap === undefined ? [] : ['RANGE', '|']
  if (!tokens.is('RANGE')) throw tokens.unexpected(...wanted)
  const rangeNs = tokens.take().size ?? 0
  if (tokens.accept('offset') === undefined) return { rangeNs, offsetNs: 0 }
  return { rangeNs, offsetNs: tokens.expect('DURATION').size ?? 0 }
}

function parsePipeline(tokens: TokenStream): Pipeline {
  const { stages, unwrapPipe } = parseStages(tokens)
  return unwrapPipe === undefined ? { stages } : { stages, unwrap: parseUnwrap(tokens, unwrapPipe.start) }
}

function parseUnwrapOnly(tokens: TokenStream): Pipeline {
  const { start } = tokens.take()
  if (!tokens.is('unwrap')) throw tokens.unexpected('unwrap')
  return { stages: [], unwrap: parseUnwrap(tokens, start) }
}

const CONVERSION_KINDS = ['BYTES_CONV', 'DURATION_CONV', 'DURATION_SECONDS_CONV']

/** Reads `unwrap bytes(size) | size > 0`; only filters may follow. */
function parseUnwrap(tokens: TokenStream, start: number): Unwrap {
  tokens.take()
  const { kind } = tokens.token
  const conversion = CONVERSIONS[CONVERSION_KINDS.indexOf(kind)]
  let label: string
  if (conversion === undefined) {
    label = tokens.expect('IDENTIFIER', ...CONVERSION_KINDS).text
  } else {
    tokens.take()
    tokens.expect('(')
    label = tokens.expect('IDENTIFIER').text
    tokens.expect(')')
  }
  const filters: LabelFilter[] = []
  while (tokens.accept('|') !== undefined) {
    if (!tokens.is('IDENTIFIER', '(')) throw tokens.unexpected('IDENTIFIER', '(')
    filters.push(parseLabelFilter(tokens))
  }
  return { start, end: tokens.lastEnd, label, ...(conversion === undefined ? {} : { conversion }), filters }
}
