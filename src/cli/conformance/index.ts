import { AppError } from '../../core/index.ts'
import type { QueryPlan } from '../../query/index.ts'
import { runLogql, runLogqlInMemory } from './logql.ts'
import { runOpenMetrics } from './openmetrics.ts'
import type { EngineScriptOptions } from './engine-script-store.ts'
import { runPromql, runPromqlInMemory } from './promql.ts'
import { runTraceql, runTraceqlInMemory } from './traceql.ts'

/** Runs the cases below a directory; returns how many there were and a line for each that failed. */
type Suite = (
  directory: string,
  plan: QueryPlan,
  reading: EngineScriptOptions,
) => Promise<{ readonly cases: number; readonly failures: readonly string[] }>

const SUITES: Readonly<Record<string, Suite>> = {
  logql: runLogql,
  openmetrics: runOpenMetrics,
  promql: runPromql,
  traceql: runTraceql,
}

/** Suites that can do without a store. */
const IN_MEMORY: Readonly<Record<string, Suite>> = {
  logql: runLogqlInMemory,
  promql: runPromqlInMemory,
  traceql: runTraceqlInMemory,
}

export interface ConformanceOptions {
  /** Without a store, which says whether a failure is the store's. */
  readonly memory?: boolean
  /** How queries are evaluated; both ways must pass. */
  readonly plan?: QueryPlan
  /** PromQL from rollups, wherever that is possible; both ways must pass. */
  readonly rollups?: boolean
  /** PromQL from packed samples; both ways must pass. */
  readonly packed?: boolean
  readonly write?: (line: string) => void
}

/**
 * Runs another project's test vectors against ours: writes a line for each failure and last `N passed, M failed`.
 * Throws AppError `invalid` for an unknown suite, and when there was no case at all, because an empty run must not
 * look like a passed one.
 */
export async function runConformance(
  suite: string,
  directory: string,
  options: ConformanceOptions = {},
): Promise<{ readonly passed: number; readonly failed: number }> {
  const { memory = false, plan = 'streamed', rollups = false, packed = false } = options
  const { write = (line) => process.stdout.write(`${line}\n`) } = options
  const suites = memory ? IN_MEMORY : SUITES
  const run = suites[suite]
  if (run === undefined) {
    const where = memory ? ' in memory' : ''
    throw new AppError('invalid', `no suite ${suite}${where}; there is ${Object.keys(suites).join(', ')}`)
  }
  const { cases, failures } = await run(directory, plan, { rollups, packed })
  if (cases === 0) throw new AppError('invalid', `no cases in ${directory}`)
  for (const failure of failures) write(failure)
  const failed = failures.length
  write(`${String(cases - failed)} passed, ${String(failed)} failed`)
  return { passed: cases - failed, failed }
}
