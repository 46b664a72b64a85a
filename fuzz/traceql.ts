import { parseTraceql, printTraceql } from '../src/query/index.ts'
import { createRandom } from '../src/core/testing/random.ts'
import { randomMetrics, randomSearch } from '../src/query/traceql/testing/generate.ts'
import { type FuzzTarget, Violation } from '../src/wire/testing/fuzz/index.ts'

const SEEDS = 1_000
const random = createRandom(1)

/** The TraceQL parser and printer: what is printed must parse, and print the same. */
export const TRACEQL_TARGET: FuzzTarget = {
  name: 'traceql',
  form: 'text',
  seeds: Array.from({ length: SEEDS }, (_, i) =>
    Buffer.from(i % 3 === 0 ? randomMetrics(random) : randomSearch(random)),
  ),
  words: [
    ...['{', '}', '(', ')', '|', '||', '&&', '!', '>>', '!<<', '&~', '=~', '!~', '^', '-', '/', '//', '/*', '*/', ','],
    ...[
      '.a',
      'span.',
      'parent.',
      '."a b"',
      'event:name',
      'trace:id',
      'nil',
      'ok',
      'server',
      '"x"',
      '`y`',
      '1',
      '1.5',
      '1h30m',
    ],
    ...[
      'count()',
      'by',
      'coalesce()',
      'select(.a)',
      'rate()',
      'topk(1)',
      'compare({',
      'with (a=1)',
      'minInt',
      'é',
      '\\',
    ],
  ],
  run: (bytes) => {
    const query = Buffer.from(bytes).toString('utf8')
    const printed = printTraceql(parseTraceql(query))
    let again: string
    try {
      again = printTraceql(parseTraceql(printed))
    } catch (reason) {
      throw new Violation(`${printed} is refused: ${String(reason)}`)
    }
    if (again !== printed) throw new Violation(`${printed} prints as ${again}`)
    return printed.length
  },
}
