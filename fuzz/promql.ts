import { fuzzParser } from '../src/query/promql/testing/fuzz.ts'

export const name = 'promql'

/** The PromQL parser and printer: random queries, whole and broken, judged by Prometheus' editor's grammar, too. */
export function run(options: { readonly executions: number; readonly seed: number }): string[] {
  return fuzzParser(options).map(({ query, problem }) => `${problem}\n  ${JSON.stringify(query)}`)
}
