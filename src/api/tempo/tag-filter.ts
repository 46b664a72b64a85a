import { needOfSpan, parseTraceql, type SpanNeed, type TraceqlQuery } from '../../query/index.ts'

const ALL: SpanNeed = { kind: 'all' }

/**
 * What spans must be to count for a list of tags or values. The query is what somebody is in the middle of typing, so
 * it never fails: of a text that can not be parsed the conditions between `&&` that can be count, else none.
 */
export function needOfTyped(q: string): SpanNeed {
  const whole = filterOf(q)
  if (whole !== undefined) return needOfSpan(whole).need
  const inside = /^\s*\{(.*?)\}?\s*$/s.exec(q)?.[1]
  if (inside === undefined || inside.includes('||')) return ALL
  const needs = inside.split('&&').flatMap((condition) => {
    const expr = condition.trim() === '' ? undefined : filterOf(`{${condition}}`)
    return expr === undefined ? [] : [needOfSpan(expr).need]
  })
  return needs.length === 0 ? ALL : { kind: 'and', of: needs }
}

/** The condition of a query that is one `{ … }`. */
function filterOf(q: string): Parameters<typeof needOfSpan>[0] | undefined {
  const query = tryParse(q)
  if (query?.kind !== 'spans') return undefined
  const [first, second] = query.pipeline.stages
  return first?.kind === 'filter' && second === undefined ? first.expr : undefined
}

function tryParse(q: string): TraceqlQuery | undefined {
  try {
    return parseTraceql(q)
  } catch {
    return undefined
  }
}
