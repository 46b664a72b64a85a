import type { Field, Hint, TraceqlQuery } from './ast.ts'
import { checkQuery } from './check.ts'
import { Cursor } from './cursor.ts'
import { parseField as parseFieldAt, parseStatic } from './parse-field.ts'
import { parseWhole } from './parse-pipeline.ts'

/** Parses and type-checks a query. Throws ParseError. */
export function parseTraceql(query: string): TraceqlQuery {
  const cursor = new Cursor(query)
  const parsed = readQuery(cursor)
  checkQuery(parsed, query, cursor.places)
  return parsed
}

/** Parses the name of a field by itself: `name`, `span.http.method`, `.a`, `event:name`. Throws ParseError. */
export function parseField(text: string): Field {
  const cursor = new Cursor(text)
  const field = parseFieldAt(cursor)
  if (cursor.token.kind !== 'end') throw cursor.unexpected()
  return field
}

function readQuery(cursor: Cursor): TraceqlQuery {
  const whole = parseWhole(cursor)
  const hints = parseHints(cursor)
  if (cursor.token.kind !== 'end') throw cursor.unexpected()
  return whole.kind === 'metrics' ? { kind: 'metrics', metrics: whole.metrics, hints } : { ...whole, hints }
}

function parseHints(cursor: Cursor): Hint[] {
  const hints: Hint[] = []
  while (cursor.accept('with')) {
    cursor.expect('(')
    do {
      const name = cursor.advance()
      if (name.kind !== 'identifier') throw cursor.unexpected('IDENTIFIER', name)
      cursor.expect('=')
      const value = parseStatic(cursor)
      if (value === undefined) throw cursor.unexpected()
      hints.push({ name: name.text, value })
    } while (cursor.accept(','))
    cursor.expect(')')
  }
  return hints
}
