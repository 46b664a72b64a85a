import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketsFromSpans, type FloatHistogram, formatFloatSample, type QueryData } from '../../query/index.ts'
import { ByteText } from './byte-text.ts'
import { queryResponse } from './json.ts'

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

/** What stands in the envelope as `data`. */
function textOf(data: QueryData): string {
  const text = new TextDecoder().decode(queryResponse(data, undefined, {}).body)
  const [envelope, end] = ['{"status":"success","data":', '}']
  expect([text.slice(0, envelope.length), text.slice(-1)]).toEqual([envelope, end])
  return text.slice(envelope.length, -1)
}

const numbers = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.tuple(fc.integer(), fc.nat(9)).map(([whole, places]) => whole / 10 ** places),
  fc.tuple(fc.double({ min: 0, max: 10, noNaN: true }), fc.nat(30)).map(([value, power]) => value / 10 ** (power - 9)),
  fc.constantFrom(
    0,
    -0,
    NaN,
    Infinity,
    -Infinity,
    1e-6,
    9.99e-7,
    0.1,
    1e9,
    2 ** 31,
    2 ** 31 - 1,
    1e21,
    999999999.999999,
  ),
)

describe('numbers in answers', () => {
  it('are what they are in one piece, digit by digit', () => {
    fc.assert(
      fc.property(numbers, (number) => {
        const text = new ByteText()
        text.addFloat(number)
        expect(new TextDecoder().decode(text.finish())).toBe(formatFloatSample(number))
      }),
      { numRuns: 5_000 },
    )
  })

  it('stand beside their times, whichever each series has', () => {
    const times = [[1000, 2500], [], [0, 1000, 2000, 3000], [2500], [-1, 2500, 5000]]
    const series = times.map((list, i) => ({
      labels: { é: `"${String(i)}\\` },
      timesMs: Float64Array.from(list),
      values: Float64Array.from(list, (time) => time / 3),
    }))
    const shown = series.map(({ labels, timesMs, values }) => ({
      metric: labels,
      values: Array.from(timesMs, (time, i) => [time / 1000, formatFloatSample(values[i] ?? NaN)]),
    }))
    expect(JSON.parse(textOf({ type: 'matrix', series }))).toEqual({ resultType: 'matrix', result: shown })
  })

  it('may be more than one chunk holds', () => {
    const text = new ByteText(10)
    const list = Array.from({ length: 300_000 }, (_, i) => i / 7)
    for (const number of list) {
      text.addFloat(number)
      text.add(' ')
    }
    expect(new TextDecoder().decode(text.finish()) === `${list.join(' ')} `).toBe(true)
  })
})

describe('native histograms in answers', () => {
  it('are samples of a vector', () => {
    const samples = [{ labels: { a: 'b' }, value: NaN, histogram }]
    expect(textOf({ type: 'vector', timeMs: 1500, samples })).toBe(
      `{"resultType":"vector","result":[{"metric":{"a":"b"},"histogram":[1.500,${rendered}]}]}`,
    )
  })

  it('stand in a matrix beside floats, or alone', () => {
    const floats = { timesMs: Float64Array.of(1000), values: Float64Array.of(2) }
    const none = { timesMs: new Float64Array(0), values: new Float64Array(0) }
    const histograms = { timesMs: Float64Array.of(2000), values: [histogram] }
    const series = [floats, none].map((list) => ({ labels: {}, ...list, histograms }))
    expect(textOf({ type: 'matrix', series })).toBe(
      `{"resultType":"matrix","result":[{"metric":{},"values":[[1,"2"]],"histograms":[[2,${rendered}]]},` +
        `{"metric":{},"histograms":[[2,${rendered}]]}]}`,
    )
  })

  it('have no list of buckets without observations', () => {
    const empty = { ...histogram, count: 0, sum: 0, zeroCount: 0, positive: none(), negative: none() }
    expect(textOf({ type: 'vector', timeMs: 0, samples: [{ labels: {}, value: NaN, histogram: empty }] })).toBe(
      '{"resultType":"vector","result":[{"metric":{},"histogram":[0,{"count":"0","sum":"0"}]}]}',
    )
  })
})

function none(): FloatHistogram['positive'] {
  return bucketsFromSpans([], [], [])
}
