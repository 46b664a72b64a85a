import { AppError } from '../../core/index.ts'
import type { FieldExpr, TraceqlQuery } from './ast.ts'
import { type TraceqlValue, TRUE } from './value.ts'

const PAIR = /\s*([^\s=]+)=(?:"((?:\\.|[^"\\])*)"|(\S*))/y

/**
 * Tempo's old form of a search, logfmt: `service.name=shop http.url="a b"`. Each pair must hold for one span, wherever
 * the attribute stands. Throws AppError `invalid`.
 */
export function parseTags(tags: string): TraceqlQuery {
  const conditions: FieldExpr[] = []
  let at = 0
  while (tags.slice(at).trim() !== '') {
    PAIR.lastIndex = at
    const match = PAIR.exec(tags)
    const name = match?.[1]
    if (match === null || name === undefined)
      throw new AppError('invalid', `invalid tags: expected key=value at ${String(at)}`)
    const text = match[2] === undefined ? (match[3] ?? '') : match[2].replace(/\\(.)/g, '$1')
    conditions.push(conditionOf(name, text))
    at = PAIR.lastIndex
  }
  const [first = { kind: 'static', value: TRUE }, ...rest] = conditions
  const expr = rest.reduce<FieldExpr>((left, right) => ({ kind: 'binary', operator: '&&', left, right }), first)
  return { kind: 'spans', pipeline: { kind: 'pipeline', stages: [{ kind: 'filter', expr }] }, hints: [] }
}

/** `name` and `error` speak of the span itself, as they do in Tempo; everything else is an attribute. */
function conditionOf(name: string, text: string): FieldExpr {
  if (name === 'name') return equal({ kind: 'intrinsic', name: 'name' }, { type: 'string', value: text })
  if (name === 'error' && text === 'true') {
    return equal({ kind: 'intrinsic', name: 'status' }, { type: 'status', value: 2 })
  }
  return equal({ kind: 'attribute', scope: 'any', parent: false, name }, valueOf(text))
}

function equal(left: FieldExpr, value: TraceqlValue): FieldExpr {
  return { kind: 'binary', operator: '=', left, right: { kind: 'static', value } }
}

/** Logfmt has no types: what looks like an integer or a boolean is one, as for `http.status_code=500`. */
function valueOf(text: string): TraceqlValue {
  if (/^-?\d{1,18}$/.test(text)) return { type: 'int', value: BigInt(text) }
  if (text === 'true' || text === 'false') return { type: 'bool', value: text === 'true' }
  return { type: 'string', value: text }
}
