import type { SpanComparison, SpanPredicate } from '../../query/index.ts'
import {
  constantFor,
  type Json,
  levelOf,
  object,
  readAttribute,
  readField,
  readList,
  readScalar,
  type Reference,
  refusal,
  type WrittenConstant,
} from './filter-terms.ts'

/*
 * Jaeger's structured filter: a call of an operator in JSON,
 *
 *     {"op": "and", "args": [{"call": …}, …]}
 *     {"op": "eq", "args": [{"attr": {"key": "http.status_code"}}, {"scalar": {"value": "500"}}]}
 *     {"op": "gt", "args": [{"field": {"level": "span", "name": "duration"}}, {"scalar": {"value": "2s"}}]}
 *     {"op": "some", "args": [{"nested": {"level": "event"}}, {"call": …}]}
 */

const COMPARISONS: ReadonlyMap<string, SpanComparison> = new Map([
  ['eq', '='],
  ['ne', '!='],
  ['gt', '>'],
  ['lt', '<'],
  ['gte', '>='],
  ['lte', '<='],
])
/** With the operands the other way round. */
const MIRRORED: Readonly<Record<SpanComparison, SpanComparison>> = {
  '=': '=',
  '!=': '!=',
  '>': '<',
  '<': '>',
  '>=': '<=',
  '<=': '>=',
}

/** Operators that are known; `phrase` and `fulltext` are not. */
export const FILTER_OPERATORS = [
  ...['and', 'or', 'not'],
  ...COMPARISONS.keys(),
  ...['regex', 'exists', 'in', 'not_in', 'some'],
]

const MAX_DEPTH = 20
const MAX_ARGUMENTS = 100

/** Throws `invalid` with what is wrong in it. */
export function parseFilter(text: string): SpanPredicate {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw refusal('it is no JSON')
  }
  return readCall(json, 1)
}

function readCall(json: unknown, depth: number): SpanPredicate {
  if (depth > MAX_DEPTH) throw refusal(`filter nests calls more than ${String(MAX_DEPTH)} deep`)
  const { op, args } = object(json, 'a call')
  if (typeof op !== 'string' || !Array.isArray(args)) throw refusal('a call needs op and args')
  if (args.length > MAX_ARGUMENTS) throw refusal(`a call takes at most ${String(MAX_ARGUMENTS)} args`)
  const terms = args.map((arg: unknown) => object(arg, 'an argument'))
  const comparison = COMPARISONS.get(op)
  if (comparison !== undefined) return readComparison(op, comparison, terms)
  switch (op) {
    case 'and':
    case 'or':
      if (terms.length < 2) throw refusal(`${op} takes two or more args`)
      return { kind: op, of: terms.map((term) => readPredicate(op, term, depth)) }
    case 'not':
      return { kind: 'not', of: readPredicate(op, only(op, terms, 1)[0], depth) }
    case 'exists':
      return { kind: 'exists', operand: readReference(op, only(op, terms, 1)[0]).operand }
    case 'regex':
      return readRegex(terms)
    case 'in':
    case 'not_in':
      return readMembership(op, terms)
    case 'some': {
      const [collection, predicate] = only(op, terms, 2)
      const level = levelOf(object(member(op, collection, 'nested'), 'nested')['level'])
      if (level !== 'event' && level !== 'link') throw refusal('some takes the nested events or links')
      return { kind: 'some', level, of: readPredicate(op, predicate, depth) }
    }
    default:
      throw refusal(`${JSON.stringify(op)} is no operator: they are ${FILTER_OPERATORS.join(', ')}`)
  }
}

function readComparison(op: string, comparison: SpanComparison, terms: readonly Json[]): SpanPredicate {
  const [left, right] = only(op, terms, 2)
  const isMirrored = left !== undefined && 'scalar' in left
  const reference = readReference(op, isMirrored ? right : left)
  const written = readScalar(member(op, isMirrored ? left : right, 'scalar'))
  const operator = isMirrored ? MIRRORED[comparison] : comparison
  if (operator !== '=' && operator !== '!=') refuseOrder(reference, written)
  return { kind: 'compare', operand: reference.operand, operator, constant: constantFor(reference, written) }
}

function refuseOrder({ holds }: Reference, { type }: WrittenConstant): void {
  if (holds === 'kind' || holds === 'status' || type === 'bool') throw refusal('words and bools have no order')
}

function readRegex(terms: readonly Json[]): SpanPredicate {
  const [left, right] = only('regex', terms, 2)
  const { operand, holds } = readReference('regex', left)
  const { value, type } = readScalar(member('regex', right, 'scalar'))
  if (holds === 'duration' || holds === 'timestamp' || (type !== '' && type !== 'string')) {
    throw refusal('regex is for texts')
  }
  return { kind: 'matches', operand, pattern: value }
}

function readMembership(op: 'in' | 'not_in', terms: readonly Json[]): SpanPredicate {
  const [left, right] = only(op, terms, 2)
  const reference = readReference(op, left)
  const written = readList(member(op, right, 'list'))
  if (written.length > MAX_ARGUMENTS) throw refusal(`a list takes at most ${String(MAX_ARGUMENTS)} values`)
  const constants = written.map((constant) => constantFor(reference, constant))
  return { kind: 'in', operand: reference.operand, constants, negated: op === 'not_in' }
}

function readPredicate(op: string, term: Json | undefined, depth: number): SpanPredicate {
  return readCall(member(op, term, 'call'), depth + 1)
}

function readReference(op: string, term: Json | undefined): Reference {
  if (term !== undefined && 'attr' in term) return readAttribute(term['attr'])
  if (term !== undefined && 'field' in term) return readField(term['field'])
  throw refusal(`${op} needs an attr or a field to compare with a constant`)
}

function member(op: string, term: Json | undefined, name: string): unknown {
  if (term === undefined || !(name in term)) throw refusal(`${op} needs a ${name} here`)
  return term[name]
}

function only(op: string, terms: readonly Json[], count: number): readonly Json[] {
  if (terms.length !== count) throw refusal(`${op} takes ${String(count)} args`)
  return terms
}
