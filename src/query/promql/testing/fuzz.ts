import { createRandom } from '../../../core/testing/random.ts'
import { ParseError } from '../../parse-error.ts'
import { ALL_FEATURES } from '../features.ts'
import { checkExpr } from '../check.ts'
import { readQuery } from '../syntax/index.ts'
import { createQueryGenerator } from './generate.ts'
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

/**
 * Tries the parser with random queries, every second of them broken: whole ones must parse and type-check, all must
 * parse or fail with a ParseError, be accepted by Prometheus' editor if and only if they are here, and print to what
 * parses to the same. Stops at the 20th finding.
 */
export function fuzzParser({ executions, seed }: { readonly executions: number; readonly seed: number }): Finding[] {
  const random = createRandom(seed)
  const generator = createQueryGenerator({
    random,
    vocabulary: AWKWARD_VOCABULARY,
    features: ALL_FEATURES,
    functions: FUNCTIONS,
    depth: 3,
  })
  const findings: Finding[] = []
  for (let i = 0; i < executions && findings.length < 20; i++) {
    const whole = generator.query()
    const query = i % 2 === 0 ? whole : mutateQuery(whole, random)
    const problem = problemOf(query, i % 2 === 0)
    if (problem !== undefined) findings.push({ query, problem })
  }
  return findings
}

function problemOf(query: string, isWhole: boolean): string | undefined {
  const verdict = judge(query)
  if ('message' in verdict) {
    if (verdict.message.startsWith('BUG')) return verdict.message
    return isWhole ? `refused: ${verdict.message}` : disagreement(query, verdict)
  }
  return disagreement(query, verdict) ?? roundTripProblem(verdict.expr, (text) => readQuery(text, LANGUAGE))
}

function judge(query: string): Verdict {
  try {
    const expr = readQuery(query, LANGUAGE)
    checkExpr(expr, query)
    return { expr }
  } catch (reason) {
    if (reason instanceof ParseError) return { message: reason.message }
    return { message: `BUG: ${String(reason)}` }
  }
}
