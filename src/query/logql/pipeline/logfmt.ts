import { AppError } from '../../../core/index.ts'
import type { Extraction, LogfmtParser } from '../ast.ts'
import { PARSED } from './label-set.ts'
import { LogfmtScanner } from './logfmt-scanner.ts'
import { createNameCache } from './sanitize.ts'
import type { FieldNeeds, LineState, StageFunction } from './stage.ts'

const LOGFMT_ERROR = 'LogfmtParserErr'

/** `| logfmt` with its flags, and with expressions where there are some. */
export function createLogfmtStage(parser: LogfmtParser, needs: FieldNeeds): StageFunction {
  const { extractions, strict, keepEmpty } = parser
  if (extractions.length > 0) return createExpressions(extractions, strict, needs)
  if (needs.none) return () => true
  const sanitize = createNameCache()
  const scanner = new LogfmtScanner()
  return (state) => {
    const { labels } = state
    let missing = needs.errors ? Infinity : (needs.names?.size ?? Infinity)
    scanner.begin(state.line)
    while (missing > 0 && nextPair(scanner, state, strict)) {
      if (scanner.value === '' && !keepEmpty) continue
      const field = sanitize(scanner.key, true)
      if (field === '') continue
      const name = labels.fieldName(field)
      if (needs.names?.has(name) === false || labels.isParsed(name)) continue
      labels.set(PARSED, name, scanner.value)
      missing -= 1
    }
    return true
  }
}

/** Goes to the next pair that can be read; broken ones end a strict reading with an error. */
function nextPair(scanner: LogfmtScanner, { labels }: LineState, strict: boolean): boolean {
  for (;;) {
    const found = scanner.next()
    if (found !== 'broken') return found === 'pair'
    if (!strict) continue
    labels.fail(LOGFMT_ERROR, scanner.problem)
    return false
  }
}

function createExpressions(extractions: readonly Extraction[], strict: boolean, needs: FieldNeeds): StageFunction {
  const byKey = new Map(extractions.map(({ name, expression }) => [keyOf(expression), name]))
  const names = [...new Set(extractions.map(({ name }) => name))]
  if (needs.none) return () => true
  const scanner = new LogfmtScanner()
  return (state) => {
    const { labels } = state
    scanner.begin(state.line)
    const found = new Set<string>()
    while (nextPair(scanner, state, strict)) {
      const wanted = byKey.get(scanner.key)
      if (wanted === undefined) continue
      found.add(wanted)
      const name = labels.fieldName(wanted)
      if (needs.names?.has(name) !== false) labels.set(PARSED, name, scanner.value)
    }
    for (const name of names) {
      if (!found.has(name) && labels.get(name) === undefined) labels.set(PARSED, name, '')
    }
    return true
  }
}

/** An expression is the name of a key, in quotes or not. */
function keyOf(expression: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/s.exec(expression)
  if (quoted !== null) return (quoted[1] ?? '').replace(/\\(.)/gs, '$1')
  if (/^[^\s="]+$/.test(expression)) return expression
  const problem = expression.trim() === '' ? 'unexpected $end, expecting STRING or KEY' : 'unexpected KEY'
  throw new AppError('invalid', `cannot parse expression [${expression}]: syntax error: ${problem}`)
}
