import { parser } from '@prometheus-io/lezer-promql'
import type { Expr, VectorSelector } from '../ast.ts'
import { printExpr } from '../print.ts'

/** What our parser made of a query: a tree, or why it is none. */
export type Verdict = { readonly expr: Expr } | { readonly message: string }

/**
 * Compares with the grammar of Prometheus' own editor. That one knows the syntax and nothing of what it means; where
 * it differs from Prometheus' server for known reasons, nothing is said. Answers undefined or what differs.
 */
export function disagreement(query: string, verdict: Verdict): string | undefined {
  if ('expr' in verdict) {
    if (editorAccepts(query) || editorAccepts(printExpr(withoutNarrowness(verdict.expr)))) return undefined
    return 'accepted here, refused by the editor'
  }
  if (!isAboutSyntax(verdict.message) || !editorAccepts(query)) return undefined
  const known = WIDER.find(({ message }) => message.test(verdict.message))
  return known === undefined ? `refused here, accepted by the editor: ${verdict.message}` : undefined
}

/** Whether the editor reads it without an error; it always makes a tree, with errors in it where it must. */
function editorAccepts(query: string): boolean {
  let accepts = true
  parser.parse(query).iterate({
    enter: ({ type }) => {
      if (type.isError) accepts = false
    },
  })
  return accepts
}

/** Where the editor takes more than the server. The editor's errors would be in the way of typing there. */
const WIDER: readonly { readonly message: RegExp; readonly why: string }[] = [
  { message: /unterminated|escape sequence|code point|UTF-8 rune/, why: 'it does not look into strings' },
  { message: /bad number or duration/, why: 'for it a number ends where a letter comes: 1.5offset' },
  { message: /unexpected character[^:]*: '(?:\\[vf]|\\u[0-9a-f]{4}|\s)'/, why: 'to it more is white space' },
  { message: /unexpected <op:atan2>/i, why: 'to it atan2 is a name, too' },
  { message: /unexpected number .* in grouping opts/, why: 'to it inf and nan are labels, too' },
  { message: /in duration expression: '[INin]'|: '[INin]', expected ':'/, why: 'to it inf and nan are durations, too' },
  {
    message: /in offset, expected/,
    why: 'to it an offset ends with its parentheses, where the server goes on calculating',
  },
  { message: /in duration expression: '#'/, why: 'it takes comments before the first number in brackets' },
  { message: /unexpected <without> in grouping opts/i, why: 'the server takes every word but this as a label' },
  { message: /colon before duration/, why: 'it lets a calculated range without numbers stand before a colon' },
]

/** What only the meaning forbids is no business of a grammar. */
function isAboutSyntax(message: string): boolean {
  return /parse error: (?:unexpected|unclosed|unterminated|bad number|unknown escape|illegal|escape|invalid UTF)/.test(
    message,
  )
}

/**
 * The expression without what the editor does not know: metrics called `offset`, `min_of` and `max_of` outside
 * durations, and calculations that go on behind the parentheses of an offset. Printing it takes away the rest: `3.`, `0X1`, `0x_1` and words of durations in capitals.
 */
function withoutNarrowness(expr: Expr): Expr {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return expr
    case 'vector-selector':
      return renamed(expr)
    case 'matrix-selector':
      return { ...expr, selector: renamed(expr.selector) }
    case 'subquery':
    case 'paren':
    case 'unary':
      return { ...expr, expr: withoutNarrowness(expr.expr) }
    case 'binary':
      return { ...expr, left: withoutNarrowness(expr.left), right: withoutNarrowness(expr.right) }
    case 'aggregation': {
      const inner = withoutNarrowness(expr.expr)
      return expr.parameter === undefined
        ? { ...expr, expr: inner }
        : { ...expr, expr: inner, parameter: withoutNarrowness(expr.parameter) }
    }
    case 'call': {
      const name = /^(?:min|max)_of$/.test(expr.name) ? 'vector' : expr.name
      return { ...expr, name, args: expr.args.map(withoutNarrowness) }
    }
  }
}

function renamed(selector: VectorSelector): VectorSelector {
  const { offsetExpr, ...rest } = selector
  const plain = offsetExpr?.left === undefined ? selector : rest
  return /^offset$/i.test(plain.name) ? { ...plain, name: 'up', matchers: [] } : plain
}
