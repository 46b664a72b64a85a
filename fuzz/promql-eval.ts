import { fuzzEvaluator } from '../src/query/promql/testing/fuzz-eval.ts'

/** Evaluates random queries, which takes promises and so is no target like the others. Returns what went wrong. */
export async function runPromqlEval(executions: number, seed: number): Promise<readonly string[]> {
  const started = performance.now()
  const { answered, refused, findings } = await fuzzEvaluator({ executions, seed })
  const seconds = (performance.now() - started) / 1000
  const verdict = findings.length === 0 ? 'ok  ' : 'FAIL'
  const rate = Math.round((answered + refused) / seconds).toLocaleString('en')
  process.stdout.write(
    `${verdict} promql-eval ${executions.toLocaleString('en')} executions, ${rate}/s, ` +
      `${String(answered)} answered, ${String(refused)} refused\n`,
  )
  return findings.map(({ query, problem }) => `${problem}: ${query}`)
}
