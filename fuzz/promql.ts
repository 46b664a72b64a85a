import { ParseError } from '../src/query/parse-error.ts'
import { createAwkwardGenerator, judge, problemOf } from '../src/query/promql/testing/fuzz.ts'
import { createRandom } from '../src/core/testing/random.ts'
import { type FuzzTarget, Violation } from '../src/wire/testing/fuzz/index.ts'

const SEEDS = 2_000
const generator = createAwkwardGenerator(createRandom(1))

/** The PromQL parser and printer, judged by the grammar of Prometheus' editor, too. */
export const PROMQL_TARGET: FuzzTarget = {
  name: 'promql',
  form: 'text',
  seeds: Array.from({ length: SEEDS }, () => Buffer.from(generator.query())),
  words: [
    ...['(', ')', '{', '}', '[', ']', ',', ':', '=', '=~', '</', '+', '^', '@', '"x"', '1', '5m', 'foo', '#', '\\'],
    ...['sum', 'by', 'on', 'bool', 'offset', 'group_left', 'fill', 'anchored', 'start', 'step', 'and', 'atan2'],
  ],
  run: (bytes) => {
    const query = Buffer.from(bytes).toString('utf8')
    const verdict = judge(query)
    const problem = problemOf(query, verdict)
    if (problem !== undefined) throw new Violation(problem)
    if ('message' in verdict) throw new ParseError(verdict.message, { query, start: 0, end: query.length })
    return query.length
  },
}
