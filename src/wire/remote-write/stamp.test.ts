import fc from 'fast-check'
import protobuf from 'protobufjs'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../core/index.ts'
import type { Identity } from '../../model/index.ts'
import { arbitraryMessage } from '../testing/arbitrary-message.ts'
import { mutateBytes } from '../testing/mutate.ts'
import { countRemoteWrite2, stampRemoteWrite2 } from './stamp.ts'

// Written from the specification, as an independent judge.
const root = protobuf.parse(`
syntax = "proto3";
message Request { repeated string symbols = 4; repeated TimeSeries timeseries = 5; }
message TimeSeries {
  repeated uint32 labels_refs = 1; repeated Sample samples = 2; repeated Histogram histograms = 3;
  repeated Exemplar exemplars = 4; Metadata metadata = 5;
}
message Sample { double value = 1; int64 timestamp = 2; int64 start_timestamp = 3; }
message Exemplar { repeated uint32 labels_refs = 1; double value = 2; int64 timestamp = 3; }
message Metadata { int32 type = 1; uint32 help_ref = 3; uint32 unit_ref = 4; }
message Histogram {
  oneof count { uint64 count_int = 1; double count_float = 2; }
  double sum = 3; sint32 schema = 4; double zero_threshold = 5;
  oneof zero_count { uint64 zero_count_int = 6; double zero_count_float = 7; }
  repeated BucketSpan negative_spans = 8; repeated sint64 negative_deltas = 9; repeated double negative_counts = 10;
  repeated BucketSpan positive_spans = 11; repeated sint64 positive_deltas = 12; repeated double positive_counts = 13;
  int32 reset_hint = 14; int64 timestamp = 15; repeated double custom_values = 16; int64 start_timestamp = 17;
}
message BucketSpan { sint32 offset = 1; uint32 length = 2; }
`).root
const Request = root.lookupType('Request')

const identity: Identity = { cluster: 'dev-1', environment: 'dev', region: 'uae', clusterType: 'ops', tenant: 'dev' }

const TRUTH: Readonly<Record<string, string>> = {
  cluster: 'dev-1',
  environment: 'dev',
  region: 'uae',
  cluster_type: 'ops',
  tenant_id: 'dev',
  hub_received_at: '\0',
  k8s_cluster_name: 'dev-1',
  deployment_environment_name: 'dev',
  cloud_region: 'uae',
}

type LabelPair = readonly [name: string, value: string]
interface Series {
  readonly labels: readonly LabelPair[]
  readonly samples?: unknown[]
  readonly histograms?: unknown[]
  readonly exemplarLabels: readonly LabelPair[]
  readonly help: string
}

function encode(series: readonly Series[], options: { symbolsLast?: boolean } = {}): Uint8Array {
  const symbols = ['']
  const ref = (text: string): number => {
    if (!symbols.includes(text)) symbols.push(text)
    return symbols.indexOf(text)
  }
  const refs = (labels: readonly LabelPair[]): number[] => labels.flat().map(ref)
  const timeseries = series.map(({ labels, samples, histograms, exemplarLabels, help }) => ({
    labelsRefs: refs(labels),
    ...(samples === undefined ? {} : { samples }),
    ...(histograms === undefined ? {} : { histograms }),
    exemplars: [{ labelsRefs: refs(exemplarLabels), value: 1 }],
    metadata: { type: 1, helpRef: ref(help) },
  }))
  if (options.symbolsLast !== true) return Request.encode(Request.fromObject({ symbols, timeseries })).finish()
  const parts = [{ timeseries }, { symbols }].map((part) => Request.encode(Request.fromObject(part)).finish())
  return Buffer.concat(parts)
}

function decode(
  bytes: Uint8Array,
): (Omit<Series, 'samples' | 'histograms'> & { samples: unknown; histograms: unknown })[] {
  const { symbols, timeseries } = Request.toObject(Request.decode(bytes), { longs: String, defaults: true }) as {
    symbols: string[]
    timeseries: {
      labelsRefs: number[]
      samples: unknown
      histograms: unknown
      exemplars: { labelsRefs: number[] }[]
      metadata: { helpRef: number }
    }[]
  }
  const labels = (refs: readonly number[] = []): LabelPair[] => {
    const pairs: LabelPair[] = []
    for (let i = 0; i < refs.length; i += 2) pairs.push([symbols[refs[i] ?? 0] ?? '', symbols[refs[i + 1] ?? 0] ?? ''])
    return pairs
  }
  return timeseries.map((one) => ({
    labels: labels(one.labelsRefs),
    samples: one.samples,
    histograms: one.histograms,
    exemplarLabels: labels(one.exemplars[0]?.labelsRefs),
    help: symbols[one.metadata.helpRef] ?? '',
  }))
}

const normal = (name: string): string => name.replace(/[^A-Za-z0-9_]/gu, '_')

function rename(labels: readonly LabelPair[]): LabelPair[] {
  const taken = new Set(labels.map(([name]) => name))
  const renamed = labels.map(([name, value]): LabelPair => {
    if (!Object.hasOwn(TRUTH, normal(name))) return [name, value]
    let to = `exported_${normal(name)}`
    while (taken.has(to)) to = `exported_${to}`
    taken.add(to)
    return [to, value]
  })
  const touched = renamed.some(([name], i) => name !== labels[i]?.[0])
  return touched ? renamed.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))) : renamed
}

// Names and values from one pool, so that many symbols are both.
const word = fc.constantFrom(
  ...Object.keys(TRUTH),
  'k8s.cluster.name',
  'exported_cluster',
  '__name__',
  'job',
  'dev-1',
  'dev',
  'up',
  'zone',
)
const labels = fc
  .uniqueArray(fc.tuple(word, word), { maxLength: 6, selector: ([name]) => name })
  .map((pairs) => pairs.sort(([a], [b]) => (a < b ? -1 : 1)))
const items = (type: string): fc.Arbitrary<unknown[]> =>
  fc.array(arbitraryMessage(root.lookupType(type), { depth: 3 }), { maxLength: 3 })
const series: fc.Arbitrary<Series> = fc.record({
  labels,
  samples: items('Sample'),
  histograms: items('Histogram'),
  exemplarLabels: labels,
  help: word,
})

describe('stampRemoteWrite2', () => {
  it('renames what shadows the identity, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(series, { maxLength: 4 }), fc.boolean(), (input, symbolsLast) => {
        const bytes = encode(input, { symbolsLast })
        const stamped = stampRemoteWrite2(bytes, identity)
        const before = decode(bytes)
        expect(decode(stamped.bytes)).toEqual(before.map((one) => ({ ...one, labels: rename(one.labels) })))
        const lies = input.flatMap((one) =>
          one.labels.filter(([name, value]) => Object.hasOwn(TRUTH, normal(name)) && TRUTH[normal(name)] !== value),
        )
        expect(stamped.overwritten).toBe(lies.length)
        const count = input.reduce((n, one) => n + (one.samples?.length ?? 0) + (one.histograms?.length ?? 0), 0)
        expect(stamped.items).toBe(count)
        expect(countRemoteWrite2(bytes)).toBe(count)
        expect(stampRemoteWrite2(stamped.bytes, identity)).toMatchObject({ overwritten: 0 })
      }),
      { numRuns: 200 },
    )
  })

  it('gives a request without conflicts back as it is', () => {
    const bytes = encode([{ labels: [['job', 'cluster.x']], samples: [{ value: 1 }], exemplarLabels: [], help: 'up' }])
    expect(stampRemoteWrite2(bytes, identity).bytes).toBe(bytes)
  })

  it.each([
    ['an odd number of references', { symbols: ['', 'a'], timeseries: [{ labelsRefs: [1] }] }],
    ['a reference to no symbol', { symbols: ['', 'a'], timeseries: [{ labelsRefs: [1, 2] }] }],
    ['a help text that is no symbol', { symbols: [''], timeseries: [{ metadata: { helpRef: 9 } }] }],
    ['a first symbol that is not empty', { symbols: ['a'], timeseries: [] }],
    ['more labels than any series has', { symbols: ['', 'a'], timeseries: [{ labelsRefs: new Array(5_000).fill(1) }] }],
  ])('refuses %s', (_, request) => {
    const bytes = Request.encode(Request.fromObject(request)).finish()
    expect(() => stampRemoteWrite2(bytes, identity)).toThrow(AppError)
    expect(() => countRemoteWrite2(bytes)).toThrow(AppError)
  })

  it('only throws AppError on damaged requests', () => {
    const samples = fc.sample(fc.array(series, { minLength: 1, maxLength: 4 }), { numRuns: 30, seed: 5 })
    const encoded = samples.map((one) => encode(one))
    let accepted = 0
    for (let round = 0; round < 5_000; round++) {
      const bytes = mutateBytes(encoded, round)
      try {
        const stamped = stampRemoteWrite2(bytes, identity)
        accepted += 1
        expect(countRemoteWrite2(stamped.bytes)).toBe(stamped.items)
      } catch (reason) {
        expect(reason).toBeInstanceOf(AppError)
        expect(reason).toMatchObject({ code: 'invalid' })
      }
    }
    expect(accepted).toBeGreaterThan(100)
  })
})
