import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ParseError } from '../parse-error.ts'
import type { SpanCondition } from '../trace-source.ts'
import { parseTags, parseTraceql } from './index.ts'

function show({ field, operator, value }: SpanCondition): string {
  const name = field.kind === 'attribute' ? `${field.scope}:${field.name}` : field.kind
  return `${name} ${operator} ${value.type} ${String(value.value)}`
}

describe('conditions', () => {
  const cases: [string, string[]][] = [
    ['{}', []],
    ['{ }', []],
    ['{true}', []],
    ['{ resource.service.name = "shop" }', ['resource:service.name = string shop']],
    ['{span.http.status_code>=500}', ['span:http.status_code >= int 500']],
    ['{ .a != 1.5 && .b = true }', ['any:a != double 1.5', 'any:b = bool true']],
    ['{ .a = -1 }', ['any:a = int -1']],
    ['{ (.a = `x` && .b =~ "y.*") && .c !~ "z" }', ['any:a = string x', 'any:b =~ string y.*', 'any:c !~ string z']],
    ['{ duration > 1.5s }', ['duration > int 1500000000']],
    ['{ span:duration <= 100ms }', ['duration <= int 100000000']],
    ['{ status = error && kind != client }', ['status = int 2', 'kind != int 3']],
    ['{ name = "GET /" }', ['name = string GET /']],
    ['{ ."quoted name".x = 1 }', ['any:quoted name.x = int 1']],
    ['{ span.k8s-label/x = "1" }', ['span:k8s-label/x = string 1']],
  ]
  it.each(cases)('%s', (query, expected) => {
    expect(parseTraceql(query).map(show)).toEqual(expected)
  })
})

describe('what is refused, and why', () => {
  const cases: [string, string][] = [
    ['', 'parse error at line 1, col 1: syntax error: unexpected $end'],
    ['{', 'parse error at line 1, col 2: syntax error: unexpected $end'],
    ['{ .a }', 'parse error at line 1, col 6: syntax error: unexpected }'],
    ['{ .a = b }', 'parse error at line 1, col 8: syntax error: unexpected b, a value is expected'],
    ['{ status = 2s && kind = red }', 'col 25: syntax error: unexpected red'],
    ['{ .a = 1 } && { .b = 2 }', 'parse error at line 1, col 12: && is not supported yet: one { … && … } is'],
    ['{ .a = 1 || .b = 2 }', 'parse error at line 1, col 10: || is not supported yet'],
    ['{ rootServiceName = "x" }', 'the field rootServiceName is not supported yet'],
    ['{ .a =~ "(" }', 'error parsing regexp: missing closing )'],
    ['{ .a =~ 1 }', 'a regular expression must be a string'],
  ]
  it.each(cases)('%s', (query, message) => {
    expect(() => parseTraceql(query)).toThrow(message)
  })
})

describe('the old tags', () => {
  const cases: [string, string[]][] = [
    ['', []],
    ['service.name=shop  http.method=GET', ['any:service.name = string shop', 'any:http.method = string GET']],
    [
      'a="b \\"c\\" d" e=1 f=true g=',
      ['any:a = string b "c" d', 'any:e = int 1', 'any:f = bool true', 'any:g = string '],
    ],
    ['name=GET error=true', ['name = string GET', 'status = int 2']],
  ]
  it.each(cases)('%s', (tags, expected) => {
    expect(parseTags(tags).map(show)).toEqual(expected)
  })
})

it('any text parses or fails with a ParseError', () => {
  const pieces = fc.constantFrom(
    ...[
      '{',
      '}',
      '.a',
      'span.',
      'name',
      '=',
      '=~',
      '"b"',
      '"',
      '`',
      '&&',
      '||',
      '(',
      ')',
      '1',
      '5ms',
      'true',
      '!',
      '|',
    ],
    ...[' ', '\n', 'é', '\ud800', '\\'],
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 25 }), (parts) => {
      try {
        parseTraceql(parts.join(''))
      } catch (reason) {
        expect(reason).toBeInstanceOf(ParseError)
      }
    }),
    { numRuns: 10_000, seed: 1 },
  )
})
