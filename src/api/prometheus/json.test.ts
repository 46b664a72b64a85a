import { describe, expect, it } from 'vitest'
import { bucketsFromSpans, type FloatHistogram } from '../../query/index.ts'
import { renderQueryData } from './json.ts'

const histogram: FloatHistogram = {
  schema: 0,
  resetHint: 'gauge',
  count: 5.5,
  sum: -1e-7,
  zeroThreshold: 0.001,
  zeroCount: 1,
  positive: bucketsFromSpans([0, 1], [1, 2], [2, 0, 1.5]),
  negative: bucketsFromSpans([2], [1], [1]),
  customValues: [],
}
const rendered =
  '{"count":"5.5","sum":"-1e-07","buckets":' +
  '[[1,"-4","-2","1"],[3,"-0.001","0.001","1"],[0,"0.5","1","2"],[0,"4","8","1.5"]]}'

describe('native histograms in answers', () => {
  it('are samples of a vector', () => {
    const samples = [{ labels: { a: 'b' }, value: NaN, histogram }]
    expect(renderQueryData({ type: 'vector', timeMs: 1500, samples })).toBe(
      `{"resultType":"vector","result":[{"metric":{"a":"b"},"histogram":[1.500,${rendered}]}]}`,
    )
  })

  it('stand in a matrix beside floats, or alone', () => {
    const floats = { timesMs: Float64Array.of(1000), values: Float64Array.of(2) }
    const none = { timesMs: new Float64Array(0), values: new Float64Array(0) }
    const histograms = { timesMs: Float64Array.of(2000), values: [histogram] }
    const series = [floats, none].map((list) => ({ labels: {}, ...list, histograms }))
    expect(renderQueryData({ type: 'matrix', series })).toBe(
      `{"resultType":"matrix","result":[{"metric":{},"values":[[1,"2"]],"histograms":[[2,${rendered}]]},` +
        `{"metric":{},"histograms":[[2,${rendered}]]}]}`,
    )
  })

  it('have no list of buckets without observations', () => {
    const empty = { ...histogram, count: 0, sum: 0, zeroCount: 0, positive: none(), negative: none() }
    expect(
      renderQueryData({ type: 'vector', timeMs: 0, samples: [{ labels: {}, value: NaN, histogram: empty }] }),
    ).toBe('{"resultType":"vector","result":[{"metric":{},"histogram":[0,{"count":"0","sum":"0"}]}]}')
  })
})

function none(): FloatHistogram['positive'] {
  return bucketsFromSpans([], [], [])
}
