import type { SpanNeed, TraceNeed } from '../span-need.ts'
import type {
  ComparisonOperator,
  Field,
  FieldExpr,
  FieldOperator,
  IntrinsicName,
  Pipeline,
  ScalarExpr,
  SpansetExpr,
  Stage,
} from './ast.ts'
import type { TraceqlValue } from './value.ts'

const ALL: SpanNeed = { kind: 'all' }
const NONE: SpanNeed = { kind: 'none' }
const ALL_TRACES: TraceNeed = { kind: 'all' }

/** What a span must be to meet the expression, as far as sources can look it up, and whether that is all of it. */
export interface NeedOfSpan {
  readonly need: SpanNeed
  readonly isExact: boolean
}

/** Intrinsics that a span has by itself, without its trace. */
const OWN_INTRINSICS: ReadonlySet<IntrinsicName> = new Set<IntrinsicName>([
  'duration',
  'name',
  'status',
  'statusMessage',
  'kind',
  'trace:id',
  'span:id',
  'span:parentID',
  'event:name',
  'event:timeSinceStart',
  'link:traceID',
  'link:spanID',
  'instrumentation:name',
  'instrumentation:version',
])

/** Whether the field's value is in the span itself. */
export function isOwn(field: Field): boolean {
  return field.kind === 'intrinsic' ? OWN_INTRINSICS.has(field.name) : !field.parent
}

export function needOfSpan(expr: FieldExpr): NeedOfSpan {
  switch (expr.kind) {
    case 'static':
      return exact(expr.value.type === 'bool' && expr.value.value ? ALL : NONE)
    case 'intrinsic':
      return INEXACT
    case 'attribute':
      // Beside `||` it makes a difference whether it is false or not there.
      return { ...needOfComparison(expr, '=', { type: 'bool', value: true }), isExact: false }
    case 'exists':
    case 'missing':
      return needOfNil(expr.kind, expr.expr)
    case 'unary':
      return INEXACT
    case 'cidr': {
      const { expr: of } = expr
      if (of.kind !== 'attribute' || of.parent) return INEXACT
      return { need: { kind: 'exists', field: of }, isExact: false }
    }
    case 'binary':
      return needOfBinary(expr)
  }
}

const INEXACT: NeedOfSpan = { need: ALL, isExact: false }

function exact(need: SpanNeed): NeedOfSpan {
  return { need, isExact: true }
}

function needOfNil(kind: 'exists' | 'missing', expr: FieldExpr): NeedOfSpan {
  if (expr.kind === 'intrinsic' && expr.name === 'parent') {
    return kind === 'missing' ? exact({ kind: 'root' }) : INEXACT
  }
  // Of values that TraceQL cannot read (maps, bytes) the source knows only that they are there.
  if (expr.kind !== 'attribute' || expr.parent || kind === 'missing') return INEXACT
  return { need: { kind: 'exists', field: expr }, isExact: false }
}

function needOfBinary(expr: FieldExpr & { readonly kind: 'binary' }): NeedOfSpan {
  const { operator, left, right } = expr
  if (operator === '&&' || operator === '||') return combine(operator, needOfSpan(left), needOfSpan(right))
  if (!isComparison(operator)) return INEXACT
  if (isField(left) && right.kind === 'static') return needOfComparison(left, operator, right.value)
  if (left.kind === 'static' && isField(right)) {
    const flipped = FLIPPED[operator]
    return flipped === undefined ? INEXACT : needOfComparison(right, flipped, left.value)
  }
  // A span that lacks an attribute has no relation to anything.
  const present = [left, right].flatMap((side): SpanNeed[] =>
    side.kind === 'attribute' && !side.parent ? [{ kind: 'exists', field: side }] : [],
  )
  return { need: present.length === 0 ? ALL : { kind: 'and', of: present }, isExact: false }
}

type Comparison = ComparisonOperator | '=~' | '!~'

function isComparison(operator: FieldOperator): operator is Comparison {
  return ['=', '!=', '>', '>=', '<', '<=', '=~', '!~'].includes(operator)
}

const FLIPPED: Readonly<Partial<Record<Comparison, Comparison>>> = {
  '=': '=',
  '!=': '!=',
  '>': '<',
  '>=': '<=',
  '<': '>',
  '<=': '>=',
}

function isField(expr: FieldExpr): expr is Field {
  return expr.kind === 'intrinsic' || expr.kind === 'attribute'
}

function combine(operator: '&&' | '||', left: NeedOfSpan, right: NeedOfSpan): NeedOfSpan {
  const isExact = left.isExact && right.isExact
  const sides = [left.need, right.need]
  if (operator === '&&') {
    if (sides.some(({ kind }) => kind === 'none')) return { need: NONE, isExact }
    return {
      need:
        join(
          'and',
          sides.filter(({ kind }) => kind !== 'all'),
        ) ?? ALL,
      isExact,
    }
  }
  if (sides.some(({ kind }) => kind === 'all')) return { need: ALL, isExact }
  return {
    need:
      join(
        'or',
        sides.filter(({ kind }) => kind !== 'none'),
      ) ?? NONE,
    isExact,
  }
}

function join(kind: 'and' | 'or', of: readonly SpanNeed[]): SpanNeed | undefined {
  return of.length < 2 ? of[0] : { kind, of }
}

function needOfComparison(field: Field, operator: Comparison, value: TraceqlValue): NeedOfSpan {
  if (value.type === 'array' || value.type === 'nil') return INEXACT
  if (isOwn(field)) return exact({ kind: 'compare', field, operator, value })
  const isRoot = field.kind === 'intrinsic' && field.name === 'nestedSetParent' && operator === '<' && isZero(value)
  return isRoot ? exact({ kind: 'root' }) : INEXACT
}

function isZero(value: TraceqlValue): boolean {
  return (value.type === 'int' || value.type === 'float') && Number(value.value) === 0
}

/** What a trace must have for the pipeline to leave anything of it. */
export function needOfTrace(pipeline: Pipeline): TraceNeed {
  return all(pipeline.stages.map(needOfStage))
}

function needOfStage(stage: Stage): TraceNeed {
  switch (stage.kind) {
    case 'filter':
    case 'spanset':
    case 'pipeline':
      return needOfSpanset(stage)
    case 'scalar-filter':
      return all([needOfScalar(stage.left), needOfScalar(stage.right)])
    case 'by':
    case 'coalesce':
    case 'select':
    case 'aggregate':
      return ALL_TRACES
  }
}

/** A pipeline without a spanset has no number, except that of a count, and no comparison holds without one. */
function needOfScalar(expr: ScalarExpr): TraceNeed {
  switch (expr.kind) {
    case 'pipeline':
      return needOfTrace(expr)
    case 'scalar':
      return all([needOfScalar(expr.left), needOfScalar(expr.right)])
    case 'static':
    case 'aggregate':
      return ALL_TRACES
  }
}

function needOfSpanset(expr: SpansetExpr): TraceNeed {
  switch (expr.kind) {
    case 'filter':
      return all([has(needOfSpan(expr.expr).need), ...needOfRoot(expr.expr)])
    case 'pipeline':
      return needOfTrace(expr)
    case 'spanset': {
      const right = needOfSpanset(expr.right)
      if (expr.operator === '||') return any([needOfSpanset(expr.left), right])
      if (expr.operator.startsWith('!')) return right
      return all([needOfSpanset(expr.left), right, ...needOfRelation(expr)])
    }
  }
}

/** Of two sides that stand in a relation which can be seen from ids: what the spans must be that have it. */
function needOfRelation({ operator, left, right }: SpansetExpr & { readonly kind: 'spanset' }): TraceNeed[] {
  const [one, other] = [needOfResult(left), needOfResult(right)]
  if (one.kind === 'all' || other.kind === 'all') return []
  if (operator === '>' || operator === '&>') return [{ kind: 'child', parent: one, child: other }]
  if (operator === '<' || operator === '&<') return [{ kind: 'child', parent: other, child: one }]
  return operator === '~' || operator === '&~' ? [{ kind: 'siblings', one, other }] : []
}

/** What each span is that the expression leaves. */
function needOfResult(expr: SpansetExpr): SpanNeed {
  if (expr.kind === 'filter') return needOfSpan(expr.expr).need
  if (expr.kind === 'pipeline') return ALL
  const { operator, left, right } = expr
  // A relation leaves the spans of its right side, unless it asks for both.
  if (operator !== '&&' && operator !== '||' && !operator.startsWith('&')) return needOfResult(right)
  const sides = [needOfResult(left), needOfResult(right)]
  return sides.some(({ kind }) => kind === 'all') ? ALL : { kind: 'or', of: sides }
}

/** `rootName` and `rootServiceName` are the name and the service of a span without a parent. */
function needOfRoot(expr: FieldExpr): TraceNeed[] {
  if (expr.kind !== 'binary') return []
  const { operator, left, right } = expr
  if (operator === '&&') return [...needOfRoot(left), ...needOfRoot(right)]
  if (left.kind !== 'intrinsic' || right.kind !== 'static' || right.value.type !== 'string' || right.value.value === '')
    return []
  if (operator !== '=' && operator !== '=~') return []
  const field = ROOT_FIELDS[left.name]
  if (field === undefined || (operator === '=~' && mayBeEmpty(right.value.value))) return []
  return [has({ kind: 'and', of: [{ kind: 'root' }, { kind: 'compare', field, operator, value: right.value }] })]
}

/** A trace without a root has empty names; an expression that might match those says nothing of spans. */
function mayBeEmpty(expression: string): boolean {
  return !/^[\w ./-]/.test(expression) || /[|*?]/.test(expression)
}

const ROOT_FIELDS: Readonly<Partial<Record<IntrinsicName, Field>>> = {
  rootName: { kind: 'intrinsic', name: 'name' },
  rootServiceName: { kind: 'attribute', scope: 'resource', parent: false, name: 'service.name' },
}

function has(span: SpanNeed): TraceNeed {
  return span.kind === 'all' ? ALL_TRACES : { kind: 'has', span }
}

function all(needs: readonly TraceNeed[]): TraceNeed {
  const of = needs.filter(({ kind }) => kind !== 'all')
  return of.length === 1 && of[0] !== undefined ? of[0] : of.length === 0 ? ALL_TRACES : { kind: 'and', of }
}

function any(needs: readonly TraceNeed[]): TraceNeed {
  return needs.some(({ kind }) => kind === 'all') ? ALL_TRACES : { kind: 'or', of: needs }
}
