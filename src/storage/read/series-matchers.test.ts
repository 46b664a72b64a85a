import { describe, expect, it } from 'vitest'
import { valuesOf } from './series-matchers.ts'

describe('the values that a matcher allows', () => {
  const cases: readonly (readonly ['=' | '!=' | '=~' | '!~', string, readonly string[] | undefined])[] = [
    ['=', 'a.b', ['a.b']],
    ['=', '', undefined],
    ['!=', 'a', undefined],
    ['!~', 'a', undefined],
    ['=~', 'a', ['a']],
    ['=~', 'a|b c|ü', ['a', 'b c', 'ü']],
    ['=~', String.raw`10\.0\.0\.1:9100|b\-c`, ['10.0.0.1:9100', 'b-c']],
    // An escaped bar stands in the middle of a text; what is left of it is no literal.
    ['=~', String.raw`a\|b`, undefined],
    ['=~', 'a|', undefined],
    ['=~', '', undefined],
    ['=~', 'a.*', undefined],
    ['=~', '(a|b)', undefined],
    ['=~', String.raw`\d`, undefined],
    ['=~', String.raw`\\.`, undefined],
    ['=~', String.raw`\.\Qa`, undefined],
    ['=~', '(?i)a', undefined],
  ]

  it.each(cases)('%s %j', (operator, value, expected) => {
    expect(valuesOf({ name: 'x', operator, value })).toEqual(expected)
  })
})
