import { AppError } from '../../core/index.ts'
import type { AttributeValue, SpanCondition } from '../trace-source.ts'

const PAIR = /\s*([^\s=]+)=(?:"((?:\\.|[^"\\])*)"|(\S*))/y

/**
 * Tempo's old form of a search, logfmt: `service.name=shop http.url="a b"`. Each pair must hold for one span, wherever
 * the attribute stands. Throws AppError `invalid`.
 */
export function parseTags(tags: string): readonly SpanCondition[] {
  const conditions: SpanCondition[] = []
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
  return conditions
}

/** `name` and `error` speak of the span itself, as they do in Tempo; everything else is an attribute. */
function conditionOf(name: string, text: string): SpanCondition {
  if (name === 'name') return { field: { kind: 'name' }, operator: '=', value: { type: 'string', value: text } }
  if (name === 'error' && text === 'true') {
    return { field: { kind: 'status' }, operator: '=', value: { type: 'int', value: 2n } }
  }
  return { field: { kind: 'attribute', scope: 'any', name }, operator: '=', value: valueOf(text) }
}

/** Logfmt has no types: what looks like an integer or a boolean is one, as for `http.status_code=500`. */
function valueOf(text: string): AttributeValue {
  if (/^-?\d{1,18}$/.test(text)) return { type: 'int', value: BigInt(text) }
  if (text === 'true' || text === 'false') return { type: 'bool', value: text === 'true' }
  return { type: 'string', value: text }
}
