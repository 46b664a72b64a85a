import { createRandom } from '../../../core/testing/random.ts'
import { ParseError } from '../../parse-error.ts'
import type { Expr } from '../ast.ts'
import { checkExpr } from '../check.ts'
import { ALL_FEATURES } from '../features.ts'
import { readQuery } from '../syntax/index.ts'
import { createQueryGenerator, type QueryGenerator } from './generate.ts'
import { disagreement, type Verdict } from './lezer-agreement.ts'
import { mutateQuery } from './mutate.ts'
import { PROMETHEUS_FUNCTIONS } from './prometheus-functions.ts'
import { roundTripProblem } from './round-trip.ts'
import { AWKWARD_VOCABULARY } from './vocabulary.ts'

/** A query that the parser treats wrongly, and how. */
export interface Finding {
  readonly query: string
  readonly problem: string
}

const FUNCTIONS = new Map(Object.entries(PROMETHEUS_FUNCTIONS))
const LANGUAGE = { features: ALL_FEATURES, findFunction: (name: string) => FUNCTIONS.get(name) }
const MOST_FINDINGS = 20

/** Random queries with hard names and values and everything switched on. */
export function createAwkwardGenerator(random: () => number, depth = 3): QueryGenerator {
  return createQueryGenerator({
    random,
    vocabulary: AWKWARD_VOCABULARY,
    features: ALL_FEATURES,
    functions: FUNCTIONS,
    depth,
  })
}

/** Parses with every function of Prometheus, whether it can be evaluated or not. Throws ParseError. */
export function readAnyQuery(query: string): Expr {
  return readQuery(query, LANGUAGE)
}

/**
 * Tries the parser with random queries, every second of them broken: whole ones must parse and type-check, and nothing
 * must be wrong with any as `problemOf` says. Stops at the 20th finding.
 */
export function fuzzParser({ executions, seed }: { readonly executions: number; readonly seed: number }): Finding[] {
  const random = createRandom(seed)
  const generator = createAwkwardGenerator(random)
  const findings: Finding[] = []
  for (let i = 0; i < executions && findings.length < MOST_FINDINGS; i++) {
    const whole = generator.query()
    const query = i % 2 === 0 ? whole : mutateQuery(whole, random)
    const verdict = judge(query)
    const refused = i % 2 === 0 && 'message' in verdict ? `refused: ${verdict.message}` : undefined
    const problem = refused ?? problemOf(query, verdict)
    if (problem !== undefined) findings.push({ query, problem })
  }
  return findings
}

/** The tree of a query that parses and type-checks, or why it does not. Other errors than ParseErrors pass through. */
export function judge(query: string): Verdict {
  try {
    const expr = readAnyQuery(query)
    checkExpr(expr, query)
    return { expr }
  } catch (reason) {
    if (reason instanceof ParseError) return { message: reason.message }
    throw reason
  }
}

/** What is wrong with the verdict: Prometheus' editor has another one, or printing changes the query. */
export function problemOf(query: string, verdict: Verdict): string | undefined {
  const other = disagreement(query, verdict)
  if (other !== undefined || 'message' in verdict) return other
  return roundTripProblem(verdict.expr, readAnyQuery)
}
