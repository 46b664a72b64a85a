import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fuzz, type FuzzTarget, FUZZ_TARGETS } from '../src/wire/testing/fuzz/index.ts'
import { LOGQL_TARGET } from './logql.ts'
import { PROMQL_TARGET } from './promql.ts'
export { runPromqlEval } from './promql-eval.ts'
import { STORABLE_TARGETS } from './storable.ts'
import { TRACEQL_TARGET } from './traceql.ts'

/** Everything that is fuzzed: the decoders, what the store makes of their output, PromQL, LogQL and TraceQL. */
export const TARGETS: readonly FuzzTarget[] = [
  ...FUZZ_TARGETS,
  ...STORABLE_TARGETS,
  PROMQL_TARGET,
  LOGQL_TARGET,
  TRACEQL_TARGET,
]

export interface FuzzRow {
  readonly name: string
  readonly executions: number
  readonly perSecond: number
  readonly accepted: number
  readonly slowestMs: number
  readonly residentGrowthMb: number
  /** Where the peer came to another verdict for a reason that is known, with how often. */
  readonly differences: Readonly<Record<string, number>>
  /** What went wrong, with the file that holds the input. */
  readonly failures: readonly string[]
}

/** Runs one target; inputs that break a property are kept in `directory`. */
export function run(target: FuzzTarget, executions: number, seed: number, directory: string): FuzzRow {
  const before = process.memoryUsage.rss()
  const report = fuzz(target, executions, seed)
  const failures = report.failures.map(({ what, execution, input }) => {
    mkdirSync(directory, { recursive: true })
    const file = path.join(directory, `${target.name}-${createHash('sha256').update(input).digest('hex').slice(0, 12)}`)
    writeFileSync(file, input)
    return `${what} (execution ${String(execution)}, input in ${file})`
  })
  return {
    name: report.name,
    executions: report.executions,
    perSecond: report.executions / report.seconds,
    accepted: report.accepted,
    slowestMs: report.slowestMs,
    residentGrowthMb: (process.memoryUsage.rss() - before) / 1e6,
    differences: Object.fromEntries(report.differences),
    failures,
  }
}
