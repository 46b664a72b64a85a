import { parseLogql } from '../src/query/logql/parse.ts'
import { prettifyExpr } from '../src/query/logql/prettify.ts'
import { printExpr } from '../src/query/logql/print.ts'
import { randomQuery } from '../src/query/logql/testing/generate.ts'
import { type FuzzTarget, Violation } from '../src/wire/testing/fuzz/index.ts'

const SEEDS = 2_000

/** The LogQL parser and both its printers: what is printed is read as the same again. */
export const LOGQL_TARGET: FuzzTarget = {
  name: 'logql',
  form: 'text',
  seeds: Array.from({ length: SEEDS }, (_, seed) => Buffer.from(randomQuery(seed))),
  words: [
    ...[
      '(',
      ')',
      '{',
      '}',
      '[5m]',
      ',',
      '=',
      '=~',
      '|',
      '|=',
      '!=',
      '|>',
      '!~',
      '+',
      '^',
      '"x"',
      '1',
      '5m',
      '1KB',
      '#',
    ],
    ...['json', 'logfmt', '--strict', 'unwrap', 'ip', 'by', 'on', 'bool', 'offset', 'group_left', 'drop', 'or', 'and'],
  ],
  run: (bytes) => {
    const query = Buffer.from(bytes).toString('utf8')
    const expr = parseLogql(query)
    const compact = printExpr(expr)
    for (const text of [compact, prettifyExpr(expr)]) {
      if (printExpr(parseLogql(text)) !== compact) throw new Violation(`printed as another query: ${text}`)
    }
    return query.length
  },
}
