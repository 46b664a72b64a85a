import { quoteText } from '../../labels.ts'
import {
  type Aggregation,
  type Aggregator,
  AGGREGATORS,
  type BinaryOperator,
  type Call,
  type Expr,
  type VectorMatching,
} from '../ast.ts'
import { acceptGroupingClause, parseMatching } from './grouping.ts'
import { takeNumber, takeText } from './literals.ts'
import { parseModifiers } from './modifiers.ts'
import { binaryOperator, PRECEDENCE, UNARY_PRECEDENCE } from './precedence.ts'
import { parseSelectorAfterName, parseSelectorOnly } from './selector.ts'
import type { TokenStream } from './token-stream.ts'
import { startsExpr, type Token } from './tokens.ts'

/** Reads an expression by precedence climbing: operators that bind at least as tight as `floor`. */
export function parseExpr(tokens: TokenStream, floor = 0): Expr {
  return tokens.nested(() => {
    let left = parseUnary(tokens)
    for (;;) {
      const operator = binaryOperator(tokens.token)
      if (operator === undefined || PRECEDENCE[operator] < floor) return left
      left = parseBinary(tokens, left, operator)
    }
  })
}

function parseBinary(tokens: TokenStream, left: Expr, operator: BinaryOperator): Expr {
  tokens.countOperator()
  const { start } = tokens.take()
  const bool = tokens.acceptKeyword('bool') !== undefined
  const matching = parseMatching(tokens, operator)
  const operatorRange = { start, end: tokens.lastEnd }
  const precedence = PRECEDENCE[operator]
  const right = parseExpr(tokens, operator === '^' ? precedence : precedence + 1)
  const range = { start: left.start, end: right.end }
  if (matching.fill !== undefined && !tokens.isEnabled('promql-binop-fill-modifiers')) {
    throw tokens.error(range, 'binop fill modifiers are experimental and not enabled')
  }
  const type = left.type === 'scalar' && right.type === 'scalar' ? 'scalar' : 'vector'
  return {
    kind: 'binary',
    type,
    ...range,
    operator,
    operatorRange,
    left,
    right,
    bool,
    matching: left.type === 'vector' && right.type === 'vector' ? matching : forScalars(matching),
  }
}

/** Between other things than two vectors nothing is matched; what must be refused then is kept for the check. */
function forScalars(matching: VectorMatching): VectorMatching {
  if (matching.labels.length > 0 || matching.fill !== undefined) return matching
  const cardinality = matching.cardinality === 'many-to-many' ? 'many-to-many' : 'one-to-one'
  return { cardinality, on: false, labels: [], include: [] }
}

function parseUnary(tokens: TokenStream): Expr {
  const { kind, text } = tokens.token
  if (kind !== 'operator' || (text !== '+' && text !== '-')) return parseModifiers(tokens, parsePrimary(tokens))
  const { start } = tokens.take()
  // An operator of lower precedence than `^` ends the operand: -2^2 is -(2^2), -a*b is (-a)*b.
  const expr = parseExpr(tokens, UNARY_PRECEDENCE + 1)
  if (expr.kind === 'number') return { ...expr, value: text === '-' ? -expr.value : expr.value, start }
  return { kind: 'unary', type: expr.type, start, end: expr.end, operator: text, expr }
}

function parsePrimary(tokens: TokenStream): Expr {
  const { token } = tokens
  switch (token.kind) {
    case 'number':
    case 'duration':
      return takeNumber(tokens)
    case 'string':
      return { kind: 'string', type: 'string', start: token.start, end: token.end, value: takeText(tokens) }
    case 'aggregator':
      return parseAggregationOrSelector(tokens)
    case 'identifier':
    case 'preprocessor':
      return parseCallOrSelector(tokens)
    case 'punctuation':
      return token.text === '(' ? parseParens(tokens) : parseSelectorOnly(tokens)
    default:
      return parseSelectorOnly(tokens)
  }
}

function parseParens(tokens: TokenStream): Expr {
  const { start } = tokens.take()
  const expr = parseExpr(tokens)
  const { end } = tokens.expect(')')
  return { kind: 'paren', type: expr.type, start, end, expr }
}

function parseCallOrSelector(tokens: TokenStream): Expr {
  const name = tokens.take()
  return tokens.isPunctuation('(') ? parseCall(tokens, name) : parseSelectorAfterName(tokens, name)
}

function parseCall(tokens: TokenStream, { text, start, end }: Token): Call {
  const args = parseArgs(tokens)
  const signature = tokens.language.findFunction(text)
  if (signature === undefined) throw tokens.error({ start, end }, `unknown function with name ${quoteText(text)}`)
  if (signature.experimental === true && !tokens.isEnabled('promql-experimental-functions')) {
    throw tokens.error({ start, end }, `function ${quoteText(text)} is not enabled`)
  }
  return { kind: 'call', type: signature.returns, start, end: tokens.lastEnd, name: text, args }
}

function parseArgs(tokens: TokenStream): Expr[] {
  tokens.take()
  const args: Expr[] = []
  if (!tokens.isPunctuation(')')) args.push(parseExpr(tokens))
  while (args.length > 0 && tokens.isPunctuation(',')) {
    const comma = tokens.take()
    if (!startsExpr(tokens.token)) throw tokens.error(comma, 'trailing commas not allowed in function call args')
    args.push(parseExpr(tokens))
  }
  tokens.expect(')')
  return args
}

function parseAggregationOrSelector(tokens: TokenStream): Expr {
  const word = tokens.take()
  const operator = AGGREGATORS.find((name) => name === word.text.toLowerCase())
  const follows = tokens.isPunctuation('(') || tokens.isWord('keyword', 'by') || tokens.isWord('keyword', 'without')
  return operator !== undefined && follows
    ? parseAggregation(tokens, word, operator)
    : parseSelectorAfterName(tokens, word)
}

function parseAggregation(tokens: TokenStream, word: Token, operator: Aggregator): Aggregation {
  const { before, args } = tokens.insideAggregation(() => {
    const clause = acceptGroupingClause(tokens)
    if (!tokens.isPunctuation('(')) throw tokens.unexpected()
    return { before: clause, args: parseArgs(tokens) }
  })
  const { grouping, without } = before ?? acceptGroupingClause(tokens) ?? { grouping: [], without: false }
  const range = { start: word.start, end: tokens.lastEnd }
  if (args.length === 0) throw tokens.error(range, 'no arguments for aggregate expression provided')
  if (isExperimental(operator) && !tokens.isEnabled('promql-experimental-functions')) {
    const flag = '--enable-feature=promql-experimental-functions'
    throw tokens.error(range, `${operator}() is experimental and must be enabled with ${flag}`)
  }
  const wanted = takesParameter(operator) ? 2 : 1
  const expr = args[wanted - 1]
  if (args.length !== wanted || expr === undefined) {
    const counts = `expected ${String(wanted)}, got ${String(args.length)}`
    throw tokens.error(range, `wrong number of arguments for aggregate expression provided, ${counts}`)
  }
  const parameter = wanted === 2 ? args[0] : undefined
  return {
    kind: 'aggregation',
    type: 'vector',
    ...range,
    operator,
    expr,
    ...(parameter === undefined ? {} : { parameter }),
    grouping,
    without,
  }
}

function takesParameter(operator: Aggregator): boolean {
  return ['topk', 'bottomk', 'quantile', 'count_values', 'limitk', 'limit_ratio'].includes(operator)
}

function isExperimental(operator: Aggregator): boolean {
  return operator === 'limitk' || operator === 'limit_ratio'
}
