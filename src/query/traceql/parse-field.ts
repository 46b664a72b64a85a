import type { ArithmeticOperator, AttributeScope, Field, FieldExpr, FieldOperator, IntrinsicName } from './ast.ts'
import type { Cursor } from './cursor.ts'
import type { Token } from './lex.ts'
import { FALSE, KIND_WORDS, STATUS_WORDS, type TraceqlValue } from './value.ts'

/** Higher binds tighter; `!` stands between the sums and the products, `-` at the sums. */
const PRECEDENCE: Readonly<Record<FieldOperator, number>> = {
  '&&': 1,
  '||': 1,
  '=': 2,
  '!=': 2,
  '<': 2,
  '<=': 2,
  '>': 2,
  '>=': 2,
  '=~': 2,
  '!~': 2,
  '+': 3,
  '-': 3,
  '*': 5,
  '/': 5,
  '%': 5,
  '^': 6,
}
const NOT_PRECEDENCE = 4

export const ARITHMETIC: Readonly<Record<ArithmeticOperator, number>> = {
  '+': 3,
  '-': 3,
  '*': 5,
  '/': 5,
  '%': 5,
  '^': 6,
}

/** Parses an expression over the fields of one span. */
export function parseFieldExpr(cursor: Cursor, least = 0): FieldExpr {
  return cursor.nested(() => {
    const { start } = cursor.token
    let left = parseUnary(cursor)
    for (;;) {
      const operator = operatorOf(PRECEDENCE, cursor)
      if (operator === undefined || PRECEDENCE[operator] < least) return left
      cursor.advance()
      left = cursor.mark(start, parseRest(cursor, left, operator))
    }
  })
}

function parseRest(cursor: Cursor, left: FieldExpr, operator: FieldOperator): FieldExpr {
  if (cursor.is('nil') && (operator === '=' || operator === '!=')) {
    cursor.advance()
    return { kind: operator === '=' ? 'missing' : 'exists', expr: left }
  }
  // `^` alone groups from the right.
  const right = parseFieldExpr(cursor, PRECEDENCE[operator] + (operator === '^' ? 0 : 1))
  return { kind: 'binary', operator, left, right }
}

function parseUnary(cursor: Cursor): FieldExpr {
  const { start } = cursor.token
  if (cursor.accept('-')) return cursor.mark(start, negate(parseFieldExpr(cursor, NOT_PRECEDENCE)))
  if (cursor.accept('!')) {
    return cursor.mark(start, { kind: 'unary', operator: '!', expr: parseFieldExpr(cursor, NOT_PRECEDENCE + 1) })
  }
  if (cursor.accept('(')) {
    const inner = parseFieldExpr(cursor)
    cursor.expect(')')
    return inner
  }
  if (cursor.accept('nil')) return cursor.mark(start, parseNil(cursor))
  if (cursor.accept('cidr')) return cursor.mark(start, parseCidr(cursor))
  const value = parseStatic(cursor)
  return value === undefined ? parseField(cursor) : { kind: 'static', value }
}

/** A negative number is a literal, so that it prints as one. */
function negate(expr: FieldExpr): FieldExpr {
  const value = expr.kind === 'static' ? negative(expr.value) : undefined
  return value === undefined ? { kind: 'unary', operator: '-', expr } : { kind: 'static', value }
}

function negative(value: TraceqlValue): TraceqlValue | undefined {
  switch (value.type) {
    case 'int':
    case 'duration':
      return { type: value.type, value: BigInt.asIntN(64, -value.value) }
    case 'float':
      return { type: 'float', value: -value.value }
    case 'nil':
    case 'string':
    case 'bool':
    case 'status':
    case 'kind':
    case 'array':
      return undefined
  }
}

/** `nil` stands only beside `=` and `!=`. */
function parseNil(cursor: Cursor): FieldExpr {
  const operator = cursor.is('=') ? 'missing' : cursor.is('!=') ? 'exists' : undefined
  if (operator === undefined) throw cursor.unexpected('= or !=')
  cursor.advance()
  if (cursor.accept('nil')) return { kind: 'static', value: FALSE }
  return { kind: operator, expr: parseFieldExpr(cursor, PRECEDENCE['='] + 1) }
}

/** `(expr, prefix, …)`. */
function parseCidr(cursor: Cursor): FieldExpr {
  cursor.expect('(')
  const expr = parseFieldExpr(cursor)
  const prefixes: string[] = []
  cursor.expect(',')
  do {
    const token = cursor.advance()
    if (token.kind !== 'string') throw cursor.unexpected('STRING', token)
    prefixes.push(token.value)
  } while (cursor.accept(','))
  cursor.expect(')')
  return { kind: 'cidr', expr, prefixes }
}

/** The operator of the table that stands there, if one does. */
export function operatorOf<T extends string>(table: Readonly<Record<T, unknown>>, cursor: Cursor): T | undefined {
  const { kind, text } = cursor.token
  return kind === 'word' && isKeyOf(table, text) ? text : undefined
}

function isKeyOf<T extends string>(table: Readonly<Record<T, unknown>>, text: string): text is T {
  return Object.hasOwn(table, text)
}

const INT_LIMITS: Readonly<Record<string, bigint>> = { minInt: -(2n ** 63n), maxInt: 2n ** 63n - 1n }

/** A literal without a sign; undefined when none stands there. */
export function parseStatic(cursor: Cursor): TraceqlValue | undefined {
  const { token } = cursor
  switch (token.kind) {
    case 'string':
      cursor.advance()
      return { type: 'string', value: token.value }
    case 'int':
      cursor.advance()
      return { type: 'int', value: token.value }
    case 'float':
      cursor.advance()
      return { type: 'float', value: token.value }
    case 'duration':
      cursor.advance()
      return { type: 'duration', value: token.value }
    case 'identifier': {
      const limit = Object.hasOwn(INT_LIMITS, token.text) ? INT_LIMITS[token.text] : undefined
      if (limit === undefined) throw cursor.unexpected()
      cursor.advance()
      return { type: 'int', value: limit }
    }
    case 'word': {
      const value = wordValue(token.text)
      if (value !== undefined) cursor.advance()
      return value
    }
    case 'attribute':
    case 'scope':
    case 'end':
      return undefined
  }
}

function wordValue(word: string): TraceqlValue | undefined {
  if (word === 'true' || word === 'false') return { type: 'bool', value: word === 'true' }
  const status = STATUS_WORDS.findIndex((text) => text === word)
  if (status >= 0) return { type: 'status', value: status }
  const kind = KIND_WORDS.findIndex((text) => text === word)
  return kind < 0 ? undefined : { type: 'kind', value: kind }
}

const INTRINSICS: Readonly<Record<string, IntrinsicName>> = {
  duration: 'duration',
  childCount: 'childCount',
  name: 'name',
  status: 'status',
  statusMessage: 'statusMessage',
  kind: 'kind',
  parent: 'parent',
  rootName: 'rootName',
  rootServiceName: 'rootServiceName',
  traceDuration: 'traceDuration',
  nestedSetLeft: 'nestedSetLeft',
  nestedSetRight: 'nestedSetRight',
  nestedSetParent: 'nestedSetParent',
  'trace:duration': 'traceDuration',
  'trace:rootName': 'rootName',
  'trace:rootService': 'rootServiceName',
  'trace:id': 'trace:id',
  'span:duration': 'duration',
  'span:name': 'name',
  'span:kind': 'kind',
  'span:status': 'status',
  'span:statusMessage': 'statusMessage',
  'span:id': 'span:id',
  'span:parentID': 'span:parentID',
  'span:childCount': 'childCount',
  'event:name': 'event:name',
  'event:timeSinceStart': 'event:timeSinceStart',
  'link:traceID': 'link:traceID',
  'link:spanID': 'link:spanID',
  'instrumentation:name': 'instrumentation:name',
  'instrumentation:version': 'instrumentation:version',
}

const SCOPES: Readonly<Record<string, AttributeScope>> = {
  '.': 'any',
  'span.': 'span',
  'resource.': 'resource',
  'event.': 'event',
  'link.': 'link',
  'instrumentation.': 'instrumentation',
}

/** Parses an intrinsic or an attribute. */
export function parseField(cursor: Cursor): Field {
  const token = cursor.advance()
  if (token.kind === 'scope') return parseAttribute(cursor, token)
  if (token.kind !== 'word') throw cursor.unexpected(undefined, token)
  if (!token.text.endsWith(':')) return intrinsic(token.text, () => cursor.unexpected(undefined, token))
  const name = cursor.token
  const field = intrinsic(token.text + (name.kind === 'word' ? name.text : ''), () => cursor.unexpected())
  cursor.advance()
  return field
}

function intrinsic(text: string, error: () => Error): Field {
  const name = Object.hasOwn(INTRINSICS, text) ? INTRINSICS[text] : undefined
  if (name === undefined) throw error()
  return { kind: 'intrinsic', name }
}

function parseAttribute(cursor: Cursor, first: Token): Field {
  const parent = first.text === 'parent.'
  const isNext = cursor.token.kind === 'scope' && cursor.token.start === first.start + first.text.length
  const inner = parent && isNext ? cursor.advance().text : parent ? '.' : first.text
  const { token } = cursor
  if (token.kind !== 'attribute')
    throw cursor.fail(token, 'syntax error: unexpected END_ATTRIBUTE, expecting IDENTIFIER')
  cursor.advance()
  return { kind: 'attribute', scope: SCOPES[inner] ?? 'any', parent, name: token.value }
}
