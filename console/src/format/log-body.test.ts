import fc from 'fast-check'
import { expect, it } from 'vitest'
import { markNeedles, showControls, splitBody } from './log-body.ts'

const written = (line: string): string =>
  splitBody(line)
    .map(({ text, kind }) => (kind === 'key' ? `<${text}>` : text))
    .join('')

it.each([
  ['{"ts":"x","level":"info","msg":"paid","amount":133.08,"user":{"id":1}}', 'paid< amount=>133.08< user=>{"id":1}'],
  ['{"a":1}', '<a=>1'],
  ['{broken', '{broken'],
  ['retry 3/3 id=77120 waited="500 ms" done', 'retry 3/3 <id=>77120 <waited=>"500 ms" done'],
  ['a == b', 'a == b'],
  ['\u001b[31mred\u001b[0m', 'red'],
  ['', ''],
])('%s', (line, expected) => expect(written(line)).toBe(expected))

it('loses no character of a line that is no JSON', () => {
  fc.assert(
    fc.property(fc.string(), (line) => {
      fc.pre(!line.startsWith('{') && !line.includes('\u001b'))
      expect(
        splitBody(line)
          .map(({ text }) => text)
          .join(''),
      ).toBe(line)
    }),
  )
})

it('shows what would turn or hide text', () => {
  expect(showControls('a\u202eb\u0000c\u200bd\te')).toBe('a‹U+202E›b␀c‹U+200B›d\te')
})

it('marks what is looked for, in either case', () => {
  expect(markNeedles('Payment declined: payment', ['payment', ''])).toEqual([
    { text: 'Payment', isMatch: true },
    { text: ' declined: ', isMatch: false },
    { text: 'payment', isMatch: true },
  ])
  expect(markNeedles('İ x', ['x'])).toEqual([{ text: 'İ x', isMatch: false }])
})
