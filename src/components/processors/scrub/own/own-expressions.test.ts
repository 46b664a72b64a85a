import fc from 'fast-check'
import { RE2JS } from 're2js'
import { describe, expect, it } from 'vitest'
import { Matches } from '../detect/index.ts'
import { OwnExpressions } from './index.ts'
import { requiredBytes } from './required-bytes.ts'

/** The row in the form of a class for each place, such as `[E][M][P][-]`. */
function rowOf(expression: string): string | undefined {
  return requiredBytes(expression)
    ?.map((bytes) => {
      const chars = [...bytes.keys()].filter((byte) => bytes[byte] === 1).map((byte) => String.fromCharCode(byte))
      return `[${chars.join('')}]`
    })
    .join('')
}

describe('requiredBytes', () => {
  it.each([
    ['EMP-', '[E][M][P][-]'],
    ['EMP-[0-2]{3}', '[E][M][P][-][012][012][012]'],
    ['a+bc', '[a][b][c]'],
    ['x?(y|z)*abc', '[a][b][c]'],
    ['\\bab\\.c$', '[a][b][.][c]'],
    ['(?i)ab-c', '[Aa][Bb][-][Cc]'],
    ['(?i)task-14', '[-][1][4]'],
    ['\\d{2}[[:upper:]]', '[0123456789][0123456789][ABCDEFGHIJKLMNOPQRSTUVWXYZ]'],
    ['(?P<scrub>x)yz', '[y][z]'],
    ['ab{0,3}cde', '[c][d][e]'],
    ['[]ab]cd', '[]ab][c][d]'],
  ])('%s asks for %s', (expression, row) => {
    expect(rowOf(expression)).toBe(row)
  })

  it.each(['a|b', '(abc)?', '.*', '[^a]{9}', '\\pL+abc', '(?i)kss', 'a', '(?s:abc)', '\\Qa*b\\E', 'ünï'])(
    '%s asks for nothing that is sure',
    (expression) => {
      expect(rowOf(expression)).toBeUndefined()
    },
  )
})

describe('OwnExpressions', () => {
  const scan = (expression: string, text: string): string[] => {
    const bytes = Buffer.from(text)
    const own = new OwnExpressions([{ expression, number: 0 }])
    const matches = new Matches()
    own.begin(bytes)
    own.scan(bytes, 0, bytes.length, matches)
    return Array.from({ length: matches.length }, (_, i) => bytes.toString('utf8', matches.starts[i], matches.ends[i]))
  }

  it('finds what RE2 finds, whatever the expression and the text', () => {
    const letter = fc.constantFrom('a', 'b', 'k', 'K', 'S', '1', '-', ' ', '.', 'é', '\u212a', '\u017f')
    const atom = fc.oneof(
      letter.map((one) => (one === '.' ? '\\.' : one)),
      fc.constantFrom('.', '\\d', '\\w', '[a-k]', '[^a]', '[[:alpha:]]', '\\b', '(ab|k)', '(?:a1)', '^', '$'),
    )
    const part = fc.tuple(atom, fc.constantFrom('', '', '', '+', '*', '?', '{2}', '{1,2}', '{0,1}', '{2,}'))
    const expression = fc
      .tuple(fc.constantFrom('', '', '(?i)'), fc.array(part, { minLength: 1, maxLength: 5 }))
      .map(
        ([flags, parts]) => flags + parts.map(([one, times]) => (/^[\\^$]b?$/.test(one) ? one : one + times)).join(''),
      )
    const text = fc.array(letter, { maxLength: 20 }).map((letters) => letters.join(''))
    fc.assert(
      fc.property(expression, text, (one, input) => {
        const matcher = RE2JS.compile(one).matcher(input)
        const expected: string[] = []
        while (matcher.find()) if (matcher.end() > matcher.start()) expected.push(matcher.group() ?? '')
        expect(scan(one, input)).toEqual(expected)
      }),
      { numRuns: 3_000 },
    )
  })

  it('looks for many at once', () => {
    const expressions = Array.from({ length: 20 }, (_, i) => ({ expression: `id${String(i)}-[0-9]+x`, number: i }))
    const own = new OwnExpressions(expressions)
    const bytes = Buffer.from('..id7-123x id19-5x id7-1 id3-..')
    const matches = new Matches()
    own.begin(bytes)
    own.scan(bytes, 0, bytes.length, matches)
    expect(matches.detectors.slice(0, matches.length).sort((a, b) => a - b)).toEqual([7, 19])
  })
})
