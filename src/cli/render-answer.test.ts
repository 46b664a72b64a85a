import { describe, expect, it } from 'vitest'
import { prometheusAnswerSchema } from './prometheus-answer.ts'
import { renderAnswer, type Steps } from './render-answer.ts'

function render(data: unknown, steps?: Steps): string[] {
  const answer = prometheusAnswerSchema.parse({ status: 'success', data })
  return renderAnswer(answer.data, steps).split('\n')
}

const METRIC = '__name__'

describe('renderAnswer', () => {
  it('shows scalars and strings as they are', () => {
    expect(render({ resultType: 'scalar', result: [1, '2.5'] })).toEqual(['2.5'])
    expect(render({ resultType: 'string', result: [1, 'a\nb'] })).toEqual(['a\\u000ab'])
  })

  it('says so when there is nothing', () => {
    expect(render({ resultType: 'vector', result: [] })).toEqual(['no series'])
    expect(render({ resultType: 'matrix', result: [] })).toEqual(['no series'])
  })

  it('puts what differs into columns and what is common above', () => {
    const result = [
      { metric: { [METRIC]: 'up', job: 'edge', cluster: 'dev' }, value: [1, '1'] },
      { metric: { [METRIC]: 'up', job: 'edge', cluster: 'stg', instance: 'x' }, value: [1, '10'] },
    ]
    expect(render({ resultType: 'vector', result })).toEqual([
      'up{job="edge"}',
      'cluster  instance  value',
      'dev                    1',
      'stg      x            10',
    ])
  })

  it('shows one series by its whole name, and histograms by what they hold', () => {
    const result = [{ metric: { [METRIC]: 'h', a: '"' }, histogram: [1, { count: '7', sum: '3', buckets: [] }] }]
    expect(render({ resultType: 'vector', result })).toEqual([
      'h{a="\\""}',
      '                value',
      'histogram of 7, sum 3',
    ])
  })

  it('takes the bite out of labels that would speak to the terminal', () => {
    const result = [{ metric: { a: '\u001b[31mred\u202e' }, value: [1, '1'] }]
    const [first = ''] = render({ resultType: 'vector', result })
    expect(first).toBe('{a="\\u001b[31mred\\u202e"}')
  })

  it('draws a range as bars, with what is missing as missing', () => {
    const values = [
      [20, '1'],
      [30, '2'],
      [50, '4'],
      [60, 'NaN'],
    ]
    const data = { resultType: 'matrix', result: [{ metric: { a: 'x' }, values }] }
    expect(render(data, { startS: 10, endS: 60, stepS: 10 })).toEqual([
      '{a="x"}',
      'over time  last  min  max',
      '╱▃▅╱█╱      NaN    1    4',
    ])
    expect(render(data)[2]).toBe('▃▅█╱        NaN    1    4')
  })

  it('draws negative values, infinities and more steps than characters', () => {
    const flat = Array.from({ length: 240 }, (_, i) => [i, i === 100 ? '5' : '1'])
    const result = [
      {
        metric: { a: 'low' },
        values: [
          [0, '-4'],
          [1, '0'],
          [2, '+Inf'],
        ],
      },
      { metric: { a: 'wide' }, values: flat },
    ]
    const [, low = '', wide = ''] = render({ resultType: 'matrix', result }, { startS: 0, endS: 239, stepS: 1 })
    expect(low).toContain('█╱')
    expect(low).toMatch(/Infinity +-4 +0$/)
    expect(wide).toMatch(/^wide +▂{25}█▂{34} +1 +1 +5$/)
  })
})
