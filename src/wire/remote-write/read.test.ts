import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../core/index.ts'
import { METRIC_TYPES } from '../metric-type.ts'
import { mutateBytes } from '../testing/mutate.ts'
import { type NativeHistogram, type ReadSeries, readSeries, RemoteWriteWriter, RESET_HINTS } from './index.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 30 })
const ms = fc.integer({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1 }).filter((value) => value !== 0)
const labels = fc.array(fc.tuple(text, text), { maxLength: 8 })
const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const spans = fc.array(fc.record({ offset: int, length: fc.nat() }), { maxLength: 3 })
const unsigned = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const signed = fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { maxLength: 4 })
const doubles = fc.array(fc.double(), { maxLength: 4 })

const histogram: fc.Arbitrary<NativeHistogram> = fc.record(
  {
    timestampMs: ms,
    startTimestampMs: ms,
    schema: int,
    zeroThreshold: fc.double(),
    sum: fc.double(),
    resetHint: fc.constantFrom(...RESET_HINTS),
    negativeSpans: spans,
    positiveSpans: spans,
    counts: fc.oneof(
      fc.record({
        kind: fc.constant('integer' as const),
        count: unsigned,
        zeroCount: unsigned,
        negativeDeltas: signed,
        positiveDeltas: signed,
      }),
      fc.record({
        kind: fc.constant('float' as const),
        count: fc.double(),
        zeroCount: fc.double(),
        negativeCounts: doubles,
        positiveCounts: doubles,
      }),
    ),
    customValues: fc.array(fc.double(), { minLength: 1, maxLength: 4 }),
  },
  {
    requiredKeys: [
      'timestampMs',
      'schema',
      'zeroThreshold',
      'sum',
      'resetHint',
      'negativeSpans',
      'positiveSpans',
      'counts',
    ],
  },
)

const series: fc.Arbitrary<ReadSeries> = fc.record({
  labels,
  type: fc.constantFrom(...METRIC_TYPES),
  unit: text,
  help: text,
  samples: fc.array(
    fc.oneof(
      fc.record({ value: fc.double(), stale: fc.constant(false), timestampMs: ms, startTimestampMs: ms }),
      fc.record({
        value: fc.constant(NaN),
        stale: fc.constant(true),
        timestampMs: ms,
        startTimestampMs: fc.constant(0),
      }),
    ),
    { maxLength: 4 },
  ),
  histograms: fc.array(histogram, { maxLength: 2 }),
  exemplars: fc.array(fc.record({ labels, value: fc.double(), timestampMs: ms }), { maxLength: 2 }),
})

function write(all: readonly ReadSeries[]): Uint8Array {
  const writer = new RemoteWriteWriter()
  for (const one of all) {
    writer.beginSeries(one.labels.flat())
    for (const sample of one.samples) {
      if (sample.stale) writer.staleMarker(sample.timestampMs)
      else writer.sample(sample.value, sample.timestampMs, sample.startTimestampMs)
    }
    for (const each of one.histograms) writer.histogram(each)
    for (const each of one.exemplars) writer.exemplar(each.labels.flat(), each.value, each.timestampMs)
    writer.metadata(one.type, one.help, one.unit)
    writer.endSeries()
  }
  return writer.finish()
}

describe('readSeries', () => {
  it('reads what was written', () => {
    fc.assert(
      fc.property(fc.array(series, { maxLength: 5 }), (all) => {
        expect([...readSeries(write(all))]).toEqual(all)
      }),
      { numRuns: 200 },
    )
  })

  it('reads symbols that stand behind the series', () => {
    const [one] = fc.sample(
      series.filter((each) => each.labels.length > 2),
      { numRuns: 1, seed: 3 },
    )
    const bytes = Buffer.from(write(one === undefined ? [] : [one]))
    // The series is the last field: put it in front.
    let at = 0
    while (bytes[at] === 0x22) at += 2 + (bytes[at + 1] ?? 0)
    const turned = Buffer.concat([bytes.subarray(at), bytes.subarray(0, at)])
    expect([...readSeries(turned)]).toEqual([one])
  })

  it('refuses damaged bytes with an error of its own', () => {
    const samples = fc.sample(fc.array(series, { minLength: 1, maxLength: 3 }), { numRuns: 40, seed: 11 }).map(write)
    let refused = 0
    for (let seed = 0; seed < 2_000; seed++) {
      try {
        for (const one of readSeries(mutateBytes(samples, seed))) expect(one).toBeDefined()
      } catch (reason) {
        refused += 1
        expect(reason).toBeInstanceOf(AppError)
        expect((reason as AppError).code).toBe('invalid')
      }
    }
    expect(refused).toBeGreaterThan(100)
  })
})
