import { describe, expect, it } from 'vitest'
import { seriesFrames, tableFrame } from './metric-frames.ts'

describe('frames of metrics', () => {
  const series = [{ labels: { __name__: 'up', job: 'a' }, values: [1, null] }]
  const names = (legend: string): (string | undefined)[] =>
    seriesFrames(series, { refId: 'A', legend, timesMs: [1, 2] }).map(({ name }) => name)

  it('are called by the legend', () => {
    expect(names('{{job}} is {{ nothing }}up')).toEqual(['a is up'])
    expect(names('')).toEqual(['up{job="a"}'])
    expect(names('__auto')).toEqual(['up{job="a"}'])
  })

  it('have labels as columns in a table', () => {
    const rows = [
      { labels: { pod: 'x' }, value: 1 },
      { labels: { pod: 'y', node: 'n' }, value: 2 },
    ]
    const frame = tableFrame(rows, { refId: 'B', timeMs: 5, isOnly: false })
    expect(frame.fields.map(({ name, values }) => [name, values])).toEqual([
      ['Time', [5, 5]],
      ['node', [null, 'n']],
      ['pod', ['x', 'y']],
      ['Value #B', [1, 2]],
    ])
  })
})
