import type { SpanParts } from '../trace-source.ts'
import type { Field, FieldExpr, Pipeline, ScalarExpr, SpansetExpr, Stage } from './ast.ts'

/** What of spans must be read to know the fields. */
export function partsOf(fields: readonly Field[]): SpanParts {
  const has = (...scopes: string[]): boolean =>
    fields.some((field) =>
      field.kind === 'attribute'
        ? field.scope === 'any' || scopes.includes(field.scope)
        : scopes.includes(field.name.split(':')[0] ?? '') && field.name.includes(':'),
    )
  return {
    attributes: has('span'),
    resource: has('resource'),
    scope: has('instrumentation'),
    events: has('event'),
    links: has('link'),
  }
}

/** The service of a span, which traces are shown with. */
export const SERVICE: Field = { kind: 'attribute', scope: 'resource', parent: false, name: 'service.name' }

/** Fields that the pipeline speaks of, in its order. */
export function fieldsOfPipeline({ stages }: Pipeline): readonly Field[] {
  return stages.flatMap(fieldsOfStage)
}

function fieldsOfStage(stage: Stage): readonly Field[] {
  switch (stage.kind) {
    case 'filter':
    case 'spanset':
    case 'pipeline':
      return fieldsOfSpanset(stage)
    case 'scalar-filter':
      return [...fieldsOfScalar(stage.left), ...fieldsOfScalar(stage.right)]
    case 'by':
      return fieldsOf(stage.expr)
    case 'aggregate':
      return fieldsOfScalar(stage)
    case 'select':
      return stage.fields
    case 'coalesce':
      return []
  }
}

function fieldsOfSpanset(expr: SpansetExpr): readonly Field[] {
  switch (expr.kind) {
    case 'filter':
      return fieldsOf(expr.expr)
    case 'spanset':
      return [...fieldsOfSpanset(expr.left), ...fieldsOfSpanset(expr.right)]
    case 'pipeline':
      return fieldsOfPipeline(expr)
  }
}

function fieldsOfScalar(expr: ScalarExpr): readonly Field[] {
  switch (expr.kind) {
    case 'static':
      return []
    case 'aggregate':
      return expr.expr === undefined ? [] : fieldsOf(expr.expr)
    case 'scalar':
      return [...fieldsOfScalar(expr.left), ...fieldsOfScalar(expr.right)]
    case 'pipeline':
      return fieldsOfPipeline(expr)
  }
}

/** The fields of an expression, in its order. */
export function fieldsOf(expr: FieldExpr): readonly Field[] {
  switch (expr.kind) {
    case 'static':
      return []
    case 'intrinsic':
    case 'attribute':
      return [expr]
    case 'binary':
      return [...fieldsOf(expr.left), ...fieldsOf(expr.right)]
    case 'unary':
    case 'cidr':
    case 'exists':
    case 'missing':
      return fieldsOf(expr.expr)
  }
}
