import { expect, it } from 'vitest'
import { placeOfError } from './error-position.ts'

it.each([
  ['invalid parameter "query": 1:7: parse error: unexpected identifier "bar"', 'sum by bar', { from: 6, to: 7 }],
  ['parse error at line 1, col 4: syntax error: unexpected }', '{a=}', { from: 3, to: 4 }],
  ['parse error at line 2, col 3: syntax error', '{a="b"}\n| jsonx', { from: 10, to: 15 }],
  ['1:99: parse error: unexpected end of input', 'sum(', { from: 3, to: 4 }],
  ['execution: too many samples at 12:30', 'up', undefined],
])('%s', (message, query, place) => expect(placeOfError(message, query)).toEqual(place))
