import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../core/index.ts'
import { mutateBytes } from '../testing/mutate.ts'
import {
  decodeRequest2,
  decodeWriteRequest,
  encodeRequest2,
  encodeWriteRequest,
  type PlainSeries,
  WRITE_REQUEST,
} from '../testing/prompb.ts'
import { countRemoteWrite2 } from './stamp.ts'
import { readRemoteWrite2, remoteWrite1ToRequest2, remoteWrite2ToRequest1 } from './index.ts'
import { DEFAULT_REMOTE_WRITE_LIMITS } from './verdict.ts'

const NAME = '__name__'
const T = '1767609000000'

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
const sample = fc.record({
  value: fc.double({ noNaN: true }),
  timestamp: fc.bigInt({ min: 1n, max: 2n ** 45n }).map(String),
})
const histogram = fc
  .record({
    deltas: fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 6 }),
    gap: fc.integer({ min: 0, max: 5 }),
    timestamp: fc.constant(T),
  })
  .map(({ deltas, gap, timestamp }) => {
    let count = 0
    let total = 0
    for (const delta of deltas) total += count += delta
    const half = deltas.length >>> 1
    const spans = [
      { offset: -3, length: half },
      { offset: gap, length: deltas.length - half },
    ]
    return {
      countInt: String(total + 7),
      zeroCountInt: '7',
      sum: 1.5,
      schema: 3,
      zeroThreshold: 0.001,
      positiveSpans: spans,
      positiveDeltas: deltas.map(String),
      timestamp,
    }
  })
const labels = fc
  .uniqueArray(fc.tuple(fc.oneof(text, fc.constantFrom('job', 'instance', 'le')), text), {
    selector: ([name]) => name,
    maxLength: 6,
  })
  .filter((pairs) => pairs.every(([name]) => name !== NAME))
  .chain((pairs) => text.map((metric): [string, string][] => sortLabels([[NAME, metric], ...pairs])))
const exemplar = fc.record({
  labels: fc.constant([['trace_id', 'abc']] as [string, string][]),
  value: fc.double({ noNaN: true, min: 1 }),
  timestamp: fc.constant(T),
})
const series: fc.Arbitrary<PlainSeries> = fc.oneof(
  fc.record({
    labels,
    samples: fc.array(sample, { minLength: 1, maxLength: 3 }),
    exemplars: fc.array(exemplar, { maxLength: 2 }),
  }),
  fc.record({ labels, histograms: fc.array(histogram, { minLength: 1, maxLength: 2 }) }),
)

function sortLabels(pairs: [string, string][]): [string, string][] {
  return pairs.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

/** Without empty lists, which are the same as absent ones. */
function plain(all: readonly PlainSeries[]): unknown {
  return all.map((one) =>
    Object.fromEntries(Object.entries(one).filter(([, value]) => !Array.isArray(value) || value.length > 0)),
  )
}

const one = (pairs: readonly (readonly [string, string])[], timestamp = T): PlainSeries => ({
  labels: pairs,
  samples: [{ value: 1, timestamp }],
})
const good = one([
  [NAME, 'up'],
  ['job', 'node'],
])

describe('remote write 1.0 → 2.0', () => {
  it('says the same as before, whatever the request', () => {
    fc.assert(
      fc.property(fc.array(series, { maxLength: 8 }), (all) => {
        const bytes = encodeWriteRequest(all)
        const verdict = remoteWrite1ToRequest2(bytes)
        expect([...verdict.rejected]).toEqual([])
        expect(verdict.series).toBe(all.length)
        // Both sides by the independent reader: what 1.0 said is what 2.0 says.
        expect(plain(decodeRequest2(verdict.payload))).toEqual(plain(decodeWriteRequest(bytes).series))
        expect(countRemoteWrite2(verdict.payload)).toBe(verdict.samples + verdict.histograms)
        // And our own check of 2.0 has nothing against it.
        const again = readRemoteWrite2(verdict.payload)
        expect(again.payload).toBe(all.length === 0 ? again.payload : verdict.payload)
        expect(again).toMatchObject({ samples: verdict.samples, histograms: verdict.histograms, series: all.length })
        // The way back.
        expect(plain(decodeWriteRequest(remoteWrite2ToRequest1(verdict.payload)).series)).toEqual(
          plain(decodeWriteRequest(bytes).series),
        )
      }),
      { numRuns: 200 },
    )
  })

  it('keeps neighbouring series apart that differ in one label, and uses symbols once', () => {
    const all = Array.from({ length: 300 }, (_, i) =>
      one([
        [NAME, 'http_requests_total'],
        ['code', String(200 + (i % 3))],
        ['instance', `10.0.0.${String(i)}:9100`],
        ['job', 'node'],
      ]),
    )
    const { payload } = remoteWrite1ToRequest2(encodeWriteRequest(all))
    expect(plain(decodeRequest2(payload))).toEqual(plain(all))
    const { symbols } = decodeSymbols(payload)
    expect(new Set(symbols).size).toBe(symbols.length)
    expect(symbols[0]).toBe('')
  })

  it.each<[string, PlainSeries, string]>([
    ['no name', one([['job', 'node']]), 'no_name'],
    ['an empty name', one([[NAME, '']]), 'no_name'],
    ['no labels', one([]), 'no_name'],
    [
      'a label twice',
      one([
        [NAME, 'up'],
        ['a', '1'],
        ['a', '2'],
      ]),
      'bad_labels',
    ],
    [
      'a label twice, apart',
      one([
        [NAME, 'up'],
        ['a', '1'],
        ['b', '1'],
        ['a', '2'],
      ]),
      'bad_labels',
    ],
    [
      'a label without name',
      one([
        ['', 'x'],
        [NAME, 'up'],
      ]),
      'bad_labels',
    ],
    [
      'too many labels',
      one([
        [NAME, 'up'],
        ...Array.from({ length: 128 }, (_, i): [string, string] => [`l${String(i).padStart(3, '0')}`, 'x']),
      ]),
      'too_many_labels',
    ],
    [
      'a long name',
      one([
        [NAME, 'up'],
        ['a'.repeat(1_025), 'x'],
      ]),
      'label_too_long',
    ],
    [
      'a long value',
      one([
        [NAME, 'up'],
        ['a', 'x'.repeat(4_097)],
      ]),
      'label_too_long',
    ],
    ['an old sample', one([[NAME, 'old']], '999'), 'too_old'],
    ['a sample of the future', one([[NAME, 'new']], '1767609600001'), 'too_new'],
    [
      'a histogram with too few buckets',
      {
        labels: [[NAME, 'h']],
        histograms: [{ countInt: '1', positiveSpans: [{ offset: 0, length: 2 }], positiveDeltas: ['1'], timestamp: T }],
      },
      'bad_histogram',
    ],
    [
      'a histogram with a negative bucket',
      {
        labels: [[NAME, 'h']],
        histograms: [
          { countInt: '1', positiveSpans: [{ offset: 0, length: 2 }], positiveDeltas: ['1', '-2'], timestamp: T },
        ],
      },
      'bad_histogram',
    ],
    [
      'a histogram that counts more than its buckets',
      {
        labels: [[NAME, 'h']],
        histograms: [
          { countInt: '5', sum: 1, positiveSpans: [{ offset: 0, length: 1 }], positiveDeltas: ['1'], timestamp: T },
        ],
      },
      'bad_histogram',
    ],
    [
      'a histogram of an unknown schema',
      { labels: [[NAME, 'h']], histograms: [{ countInt: '0', schema: 9, timestamp: T }] },
      'bad_histogram',
    ],
    [
      'custom bounds that fall',
      { labels: [[NAME, 'h']], histograms: [{ countInt: '0', schema: -53, customValues: [2, 1], timestamp: T }] },
      'bad_histogram',
    ],
    [
      'more custom buckets than bounds',
      {
        labels: [[NAME, 'h']],
        histograms: [
          {
            countInt: '3',
            sum: 1,
            schema: -53,
            customValues: [1],
            positiveSpans: [{ offset: 0, length: 3 }],
            positiveDeltas: ['1', '0', '0'],
            timestamp: T,
          },
        ],
      },
      'bad_histogram',
    ],
  ])('refuses a series with %s, and keeps its neighbours', (_, bad, problem) => {
    const limits = { ...DEFAULT_REMOTE_WRITE_LIMITS, earliestMs: 1_000, latestMs: 1_767_609_600_000 }
    for (const verdict of [
      remoteWrite1ToRequest2(encodeWriteRequest([good, bad, good]), limits),
      readRemoteWrite2(encodeRequest2([good, bad, good]), limits),
    ]) {
      expect([...verdict.rejected]).toEqual([[problem, 1]])
      expect(verdict).toMatchObject({ samples: 2, series: 2 })
      expect(verdict.firstProblem).toMatch(/^series 1 /)
      expect(plain(decodeRequest2(verdict.payload))).toEqual([good, good])
    }
  })

  it('refuses texts that are no UTF-8', () => {
    const bytes = Buffer.from(
      encodeWriteRequest([
        good,
        one([
          [NAME, 'up'],
          ['a', '@@'],
        ]),
      ]),
    )
    bytes.fill(0xff, bytes.indexOf('@@'), bytes.indexOf('@@') + 2)
    const verdict = remoteWrite1ToRequest2(bytes)
    expect([...verdict.rejected]).toEqual([['bad_labels', 1]])
    expect(decodeRequest2(verdict.payload)).toHaveLength(1)
  })

  it('sorts labels and takes empty ones away, as Prometheus does', () => {
    const untidy = one([
      ['zone', 'a'],
      ['empty', ''],
      [NAME, 'up'],
      ['job', 'node'],
    ])
    const tidy = one([
      [NAME, 'up'],
      ['job', 'node'],
      ['zone', 'a'],
    ])
    expect(plain(decodeRequest2(remoteWrite1ToRequest2(encodeWriteRequest([untidy, good])).payload))).toEqual([
      tidy,
      good,
    ])
    expect(plain(decodeRequest2(readRemoteWrite2(encodeRequest2([untidy, good])).payload))).toEqual([tidy, good])
  })

  it('keeps staleness markers and custom buckets bit for bit', () => {
    const custom = {
      countFloat: 3,
      sum: 2.5,
      schema: -53,
      positiveSpans: [{ offset: 1, length: 2 }],
      positiveCounts: [1, 2],
      customValues: [0.5, 1.5],
      timestamp: T,
    }
    const bytes = Buffer.from(
      encodeWriteRequest([
        { labels: [[NAME, 'up']], samples: [{ value: 123.25, timestamp: T }] },
        { labels: [[NAME, 'h']], histograms: [custom] },
      ]),
    )
    const marker = Buffer.from('02000000 0000f07f'.replace(' ', ''), 'hex')
    const at = bytes.indexOf(Buffer.from(new Float64Array([123.25]).buffer))
    marker.copy(bytes, at)
    const { payload, histograms } = remoteWrite1ToRequest2(bytes)
    expect(histograms).toBe(1)
    expect(Buffer.from(payload).includes(marker)).toBe(true)
    expect(decodeRequest2(payload)[1]?.histograms).toEqual([custom])
  })

  it('puts metadata on the series of its family, and on a series of its own where there are none', () => {
    const series = [
      one([
        [NAME, 'rpc_seconds_bucket'],
        ['le', '1'],
      ]),
      one([[NAME, 'rpc_total']]),
      one([[NAME, 'other']]),
    ]
    const metadata = [
      { type: 4, metricFamilyName: 'unseen', help: 'h' },
      { type: 3, metricFamilyName: 'rpc_seconds', help: 'How long', unit: 'seconds' },
      { type: 1, metricFamilyName: 'rpc', help: 'How many' },
    ]
    const verdict = remoteWrite1ToRequest2(encodeWriteRequest(series, metadata))
    expect(verdict).toMatchObject({ samples: 3, metadata: 3, series: 3 })
    const all = decodeRequest2(verdict.payload)
    expect(all.map((each) => [new Map(each.labels).get(NAME), each.metadata])).toEqual([
      ['rpc_seconds_bucket', { type: 3, help: 'How long', unit: 'seconds' }],
      ['rpc_total', { type: 1, help: 'How many', unit: '' }],
      ['other', undefined],
      ['unseen', { type: 4, help: 'h', unit: '' }],
    ])
    expect(decodeWriteRequest(remoteWrite2ToRequest1(verdict.payload)).metadata).toContainEqual({
      type: 3,
      metricFamilyName: 'rpc_seconds',
      help: 'How long',
      unit: 'seconds',
    })
  })

  it('takes exemplars, alone too, and leaves long ones out', () => {
    const series: PlainSeries[] = [
      { labels: [[NAME, 'x']], exemplars: [{ labels: [['trace_id', 'abc']], value: 2, timestamp: T }] },
      {
        ...good,
        exemplars: [
          { labels: [['a', 'ü'.repeat(128)]], value: 2, timestamp: T },
          { labels: [['a', 'ü'.repeat(127)]], value: 3, timestamp: T },
        ],
      },
    ]
    const verdict = remoteWrite1ToRequest2(encodeWriteRequest(series))
    expect(verdict).toMatchObject({ exemplars: 2, rejectedExemplars: 1, samples: 1 })
    expect(decodeRequest2(verdict.payload)[1]?.exemplars).toHaveLength(1)
    const checked = readRemoteWrite2(encodeRequest2(series))
    expect(checked).toMatchObject({ exemplars: 1, rejectedExemplars: 1, samples: 1 })
    expect([...checked.rejected]).toEqual([['no_samples', 1]])
  })

  it('only throws AppError on damaged requests, and what it writes can be read and counted', () => {
    const samples = [
      encodeWriteRequest(
        [
          good,
          {
            labels: [[NAME, 'h']],
            histograms: [
              { countInt: '1', sum: 1, positiveSpans: [{ offset: 0, length: 1 }], positiveDeltas: ['1'], timestamp: T },
            ],
          },
        ],
        [{ type: 1, metricFamilyName: 'up', help: 'h' }],
      ),
    ]
    let refused = 0
    let read = 0
    for (let seed = 0; seed < 4_000; seed++) {
      const bytes = mutateBytes(samples, seed)
      let verdict
      try {
        verdict = remoteWrite1ToRequest2(bytes)
      } catch (reason) {
        expect([seed, reason]).toEqual([seed, expect.any(AppError)])
        refused += 1
        continue
      }
      expect([seed, verdict.samples + verdict.histograms]).toEqual([seed, countRemoteWrite2(verdict.payload)])
      // Strict about texts, which ours are even where those of the request are not.
      decodeRequest2(verdict.payload)
      if (isDecodable(bytes)) read += 1
    }
    expect(refused).toBeGreaterThan(400)
    expect(read).toBeGreaterThan(200)
  })
})

describe('remote write 2.0', () => {
  it('refuses a series whose references lead nowhere, and one with both samples and histograms', () => {
    const both: PlainSeries = { ...good, histograms: [{ countInt: '0', timestamp: T }] }
    expect([...readRemoteWrite2(encodeRequest2([both, good])).rejected]).toEqual([['samples_and_histograms', 2]])
    const bytes = encodeRequest2([good, good])
    // The last symbol goes away: both series have lost a value.
    const damaged = removeLastSymbol(bytes)
    expect(() => readRemoteWrite2(damaged)).not.toThrow()
    expect([...readRemoteWrite2(damaged).rejected]).toEqual([['bad_reference', 2]])
    expect(readRemoteWrite2(damaged).payload).toHaveLength(0)
  })

  it('wants the empty text as the first symbol', () => {
    expect(() => readRemoteWrite2(encodeRequest2([good], ['x']))).toThrow(/first symbol/)
  })

  it('keeps the start of a counter and repeated series', () => {
    const all: PlainSeries[] = [
      { labels: [[NAME, 'c']], samples: [{ value: 1, timestamp: T, startTimestamp: '5' }] },
      { labels: [[NAME, 'c']], samples: [{ value: 2, timestamp: T, startTimestamp: '5' }] },
    ]
    const bytes = encodeRequest2(all)
    expect(readRemoteWrite2(bytes).payload).toBe(bytes)
    expect(plain(decodeRequest2(bytes))).toEqual(all)
    expect(decodeWriteRequest(remoteWrite2ToRequest1(bytes)).series[0]?.samples).toEqual([{ value: 1, timestamp: T }])
  })
})

function isDecodable(bytes: Uint8Array): boolean {
  try {
    WRITE_REQUEST.decode(bytes)
    return true
  } catch {
    return false
  }
}

function decodeSymbols(payload: Uint8Array): { readonly symbols: readonly string[] } {
  const symbols: string[] = []
  for (let at = 0; payload[at] === 0x22; ) {
    const length = payload[at + 1] ?? 0
    symbols.push(Buffer.from(payload.subarray(at + 2, at + 2 + length)).toString())
    at += 2 + length
  }
  return { symbols }
}

function removeLastSymbol(bytes: Uint8Array): Uint8Array {
  const last = Buffer.from(bytes).indexOf(Buffer.from([0x22, 4, ...Buffer.from('node')]))
  return Buffer.concat([bytes.subarray(0, last), bytes.subarray(last + 6)])
}
