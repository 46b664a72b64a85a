import { AppError } from '../../../core/index.ts'
import type { Extraction, LogfmtParser } from '../ast.ts'
import { PARSED } from './label-set.ts'
import { LogfmtScanner, REPLACEMENT } from './logfmt-scanner.ts'
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
      labels.set(PARSED, name, scanner.value.replaceAll(REPLACEMENT, ' '))
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

/** Names that are asked for have a value in any case; the last pair counts, by the expression's key or by the name. */
function createExpressions(extractions: readonly Extraction[], strict: boolean, needs: FieldNeeds): StageFunction {
  const byKey = new Map(extractions.map(({ name, expression }) => [keyOf(expression), name]))
  const names = new Set(extractions.map(({ name }) => name))
  if (needs.none) return () => true
  const sanitize = createNameCache()
  const scanner = new LogfmtScanner()
  return (state) => {
    const { labels } = state
    for (const name of names) if (!labels.isTaken(name)) labels.set(PARSED, name, '')
    scanner.begin(state.line)
    while (nextPair(scanner, state, strict)) {
      const key = sanitize(scanner.key, true)
      // What a parser before has found already is not looked at again.
      if (!names.has(key) && labels.isParsed(key)) continue
      const wanted = byKey.get(key) ?? (names.has(key) ? key : undefined)
      if (wanted === undefined) continue
      const name = labels.fieldName(wanted)
      if (name !== wanted && labels.isParsed(name)) break
      if (needs.names?.has(name) === false) continue
      labels.set(PARSED, name, scanner.value.includes(REPLACEMENT) ? '' : scanner.value)
    }
    return true
  }
}

/** An expression is the name of a key, in quotes or not. */
function keyOf(expression: string): string {
  const text = expression.trim()
  const quoted = /^"((?:[^"\\]|\\.)*)"$/s.exec(text)
  if (quoted !== null) return (quoted[1] ?? '').replace(/\\(.)/gs, '$1')
  const { 0: word = '' } = /^[A-Za-z_][A-Za-z0-9_]*/.exec(text) ?? []
  if (word !== '' && word === text) return word
  throw new AppError('invalid', `cannot parse expression [${expression}]: ${problemOf(text, word)}`)
}

function problemOf(text: string, word: string): string {
  if (word === '') return 'syntax error: unexpected $end, expecting STRING or KEY'
  const next = text.slice(word.length).trimStart()
  return /^["A-Za-z_]/.test(next)
    ? 'syntax error: unexpected KEY'
    : `unexpected char ${String.fromCodePoint(next.codePointAt(0) ?? 0)}`
}
