import type { Expr } from '../ast.ts'
import { printExpr } from '../print.ts'

/** Printing and parsing again must give the same tree and the same text. Answers undefined or what differs. */
export function roundTripProblem(expr: Expr, parse: (query: string) => Expr): string | undefined {
  const printed = printExpr(expr)
  const again = parse(printed)
  if (printExpr(again) !== printed) return `prints as ${printed}, and that as ${printExpr(again)}`
  return meaningOf(again) === meaningOf(expr) ? undefined : `is something else when printed: ${printed}`
}

/** The tree as text, without places; matchers in the order of their text, because they are printed so. */
function meaningOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(meaningOf).join()}]`
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value !== 'object' || value === null) return String(value)
  const fields = Object.entries(value)
    .filter(([key]) => key !== 'start' && key !== 'end' && key !== 'operatorRange')
    .map(([key, field]) => `${key}:${key === 'matchers' ? sorted(field) : meaningOf(field)}`)
  return `{${fields.sort().join()}}`
}

function sorted(matchers: unknown): string {
  return Array.isArray(matchers) ? matchers.map(meaningOf).sort().join() : ''
}
