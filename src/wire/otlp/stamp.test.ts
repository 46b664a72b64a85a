import fc from 'fast-check'
import type protobuf from 'protobufjs'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../core/index.ts'
import { type Identity, type Signal, SIGNALS } from '../../model/index.ts'
import { ProtoWriter } from '../proto/index.ts'
import { arbitraryMessage } from '../testing/arbitrary-message.ts'
import { mutateBytes } from '../testing/mutate.ts'
import { OTLP_REQUEST_TYPES, otlpType, toPlain } from '../testing/otlp-proto.ts'
import { checkOtlp, countItems, DEFAULT_OTLP_LIMITS, stampOtlp } from './index.ts'

const identity: Identity = {
  cluster: 'dev-uaenorth',
  environment: 'dev',
  region: 'uaenorth',
  clusterType: 'workload',
  tenant: 'dev',
}

/** Label → what the identity says of it. Written out here: the test must not learn it from the code. */
const TRUTH: Readonly<Record<string, string | undefined>> = {
  cluster: 'dev-uaenorth',
  environment: 'dev',
  region: 'uaenorth',
  cluster_type: 'workload',
  tenant_id: 'dev',
  hub_received_at: undefined,
  k8s_cluster_name: 'dev-uaenorth',
  deployment_environment_name: 'dev',
  cloud_region: 'uaenorth',
}

const RESOURCE_TRUTH = {
  'k8s.cluster.name': 'dev-uaenorth',
  'deployment.environment.name': 'dev',
  'cloud.region': 'uaenorth',
}

const texts = {
  'KeyValue.key': [
    ...Object.keys(TRUTH),
    ...Object.keys(RESOURCE_TRUTH),
    'cluster type',
    'tenant\u{1f600}id',
    'exported_cluster',
    'clusters',
    'service.name',
  ],
  'AnyValue.stringValue': ['dev-uaenorth', 'dev', 'uaenorth', 'prd-uaenorth'],
}

interface Attribute {
  key?: string
  value?: { stringValue?: string }
}
interface Record_ {
  attributes?: Attribute[]
}
type Item = Record_ & Record<string, { dataPoints?: Record_[] } | undefined>
interface PerResource {
  resource?: Record_
  [scopes: string]: unknown
}
interface Scoped {
  scope?: Record_
  [items: string]: unknown
}

const label = (key = ''): string => key.replace(/[^A-Za-z0-9_]/gu, '_')
const claims = (attribute: Attribute): boolean => Object.hasOwn(TRUTH, label(attribute.key))
const lies = (attribute: Attribute): boolean =>
  attribute.value?.stringValue !== TRUTH[label(attribute.key)] || TRUTH[label(attribute.key)] === undefined

/** The stamp as its description says it, on plain objects. */
class Reference {
  overwritten = 0
  items = 0

  stamp(signal: Signal, request: Record<string, unknown>): void {
    const family = { metrics: 'Metrics', logs: 'Logs', traces: 'Spans' }[signal]
    const itemsKey = { metrics: 'metrics', logs: 'logRecords', traces: 'spans' }[signal]
    for (const perResource of (request[`resource${family}`] ?? []) as PerResource[]) {
      perResource.resource ??= {}
      this.#resource(perResource.resource)
      for (const scoped of (perResource[`scope${family}`] ?? []) as Scoped[]) {
        if (scoped.scope !== undefined) this.#record(scoped.scope)
        for (const item of (scoped[itemsKey] ?? []) as Item[]) {
          const records = signal === 'metrics' ? dataPoints(item) : [item]
          for (const record of records) this.#record(record)
          this.items += records.length
        }
      }
    }
  }

  #resource(resource: Record_): void {
    const all = resource.attributes ?? []
    this.overwritten += all.filter((attribute) => claims(attribute) && lies(attribute)).length
    const kept = new Set<string>()
    const rest = all.filter((attribute) => {
      const key = attribute.key ?? ''
      if (!claims(attribute)) return true
      if (!Object.hasOwn(RESOURCE_TRUTH, key) || lies(attribute) || kept.has(key)) return false
      kept.add(key)
      return true
    })
    const added = Object.entries(RESOURCE_TRUTH)
      .filter(([key]) => !kept.has(key))
      .map(([key, stringValue]) => ({ key, value: { stringValue } }))
    resource.attributes = [...rest, ...added]
  }

  #record(record: Record_): void {
    const taken = new Set((record.attributes ?? []).map((attribute) => attribute.key))
    for (const attribute of record.attributes ?? []) {
      if (!claims(attribute)) continue
      if (lies(attribute)) this.overwritten += 1
      let name = `exported_${label(attribute.key)}`
      while (taken.has(name)) name = `exported_${name}`
      taken.add(name)
      attribute.key = name
    }
  }
}

function dataPoints(metric: Item): Record_[] {
  const kinds = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary']
  return kinds.flatMap((kind) => metric[kind]?.dataPoints ?? [])
}

function encode(type: protobuf.Type, plain: Record<string, unknown>): Uint8Array {
  return type.encode(type.fromObject(plain)).finish()
}

const options = { depth: 7, texts }

describe.each(SIGNALS)('stampOtlp, %s', (signal) => {
  const type = OTLP_REQUEST_TYPES[signal]

  it('does to random requests what its description says, and nothing else', () => {
    fc.assert(
      fc.property(arbitraryMessage(type, options), (message) => {
        const bytes = encode(type, message)
        const reference = new Reference()
        const expected = toPlain(type, bytes)
        reference.stamp(signal, expected)

        const stamped = stampOtlp(signal, bytes, identity)

        expect(toPlain(type, stamped.bytes)).toEqual(toPlain(type, encode(type, expected)))
        expect(stamped.overwritten).toBe(reference.overwritten)
        expect(stamped.items).toBe(reference.items)
        expect(countItems(signal, bytes)).toBe(reference.items)
        expect(checkOtlp(signal, bytes)).toBe(reference.items)
        expect(stampOtlp(signal, stamped.bytes, identity).bytes).toBe(stamped.bytes)
      }),
      { numRuns: 150 },
    )
  })

  it('only throws AppError on damaged requests, and lets no false claim through', () => {
    const sample = fc.sample(arbitraryMessage(type, options), { numRuns: 40, seed: 7 }).map((m) => encode(type, m))
    let accepted = 0
    for (let round = 0; round < 4_000; round++) {
      const bytes = mutateBytes(sample, round)
      try {
        const stamped = stampOtlp(signal, bytes, identity)
        accepted += 1
        expect(stampOtlp(signal, stamped.bytes, identity).bytes).toBe(stamped.bytes)
        expect(countItems(signal, bytes)).toBe(stamped.items)
      } catch (reason) {
        expect(reason).toBeInstanceOf(AppError)
        expect(reason).toMatchObject({ code: 'invalid' })
      }
    }
    expect(accepted).toBeGreaterThan(100)
  })
})

describe('stampOtlp', () => {
  const type = OTLP_REQUEST_TYPES.traces
  const span = (attributes: Attribute[]): Record<string, unknown> => ({
    resourceSpans: [{ resource: {}, scopeSpans: [{ spans: [{ name: 'a', attributes }] }] }],
  })

  it('keeps unknown fields where they stand', () => {
    const unknown = new ProtoWriter()
    unknown.string(900, 'from the future')
    const item = otlpType('Span')
      .encode({ attributes: [{ key: 'cluster', value: { stringValue: 'x' } }] })
      .finish()
    const writer = new ProtoWriter()
    const [perResource, scoped] = [writer.begin(1), writer.begin(2)]
    const at = writer.begin(2)
    writer.raw(unknown.view())
    writer.raw(item)
    writer.raw(unknown.view())
    writer.end(at)
    writer.end(scoped)
    writer.end(perResource)
    writer.raw(unknown.view())

    const { bytes } = stampOtlp('traces', writer.finish(), identity)
    const found = Buffer.from(bytes).toString('latin1').split('from the future').length - 1
    expect(found).toBe(3)
    expect(toPlain(type, bytes)).toMatchObject({
      resourceSpans: [{ scopeSpans: [{ spans: [{ attributes: [{ key: 'exported_cluster' }] }] }] }],
    })
  })

  it('sees through a resource, a key and a value that are written twice', () => {
    const lie = otlpType('Resource')
      .encode({ attributes: [{ key: 'cluster', value: { stringValue: 'x' } }] })
      .finish()
    const twice = new ProtoWriter()
    const outer = twice.begin(1)
    twice.bytes(1, lie)
    twice.bytes(1, lie)
    const resource = twice.begin(1)
    const attribute = twice.begin(1)
    twice.string(1, 'service.name')
    twice.bytes(2, otlpType('AnyValue').encode({ stringValue: 'dev-uaenorth' }).finish())
    twice.bytes(2, otlpType('AnyValue').encode({ stringValue: 'other' }).finish())
    twice.string(1, 'k8s.cluster.name')
    twice.end(attribute)
    twice.end(resource)
    twice.end(outer)
    const stamped = stampOtlp('traces', twice.finish(), identity)
    expect(stamped.overwritten).toBe(3)
    const text = Buffer.from(stamped.bytes).toString('latin1')
    expect(text.split('k8s.cluster.name')).toHaveLength(2)
    expect(text).not.toContain('other')
    expect(text).toContain('dev-uaenorth')
  })

  it('gives a request back as it is when it is right already', () => {
    const right = encode(type, {
      resourceSpans: [
        {
          resource: {
            attributes: Object.entries(RESOURCE_TRUTH).map(([key, stringValue]) => ({ key, value: { stringValue } })),
          },
          scopeSpans: [{ spans: [{ name: 'a' }] }],
        },
      ],
    })
    expect(stampOtlp('traces', right, identity)).toMatchObject({ bytes: right, items: 1, overwritten: 0 })
    expect(stampOtlp('traces', right, identity).bytes).toBe(right)
    expect(stampOtlp('traces', new Uint8Array(0), identity)).toMatchObject({
      bytes: new Uint8Array(0),
      items: 0,
      overwritten: 0,
    })
  })

  it('refuses what is over a limit', () => {
    let nested: Record<string, unknown> = { stringValue: 'core' }
    for (let i = 0; i < 40; i++) nested = { arrayValue: { values: [nested] } }
    const over = [
      span([{ key: 'a', value: nested }]),
      span(Array.from({ length: DEFAULT_OTLP_LIMITS.attributes + 1 }, (_, i) => ({ key: `k${String(i)}` }))),
      span([{ key: 'k'.repeat(DEFAULT_OTLP_LIMITS.keyBytes + 1) }]),
    ]
    for (const request of over) {
      expect(() => stampOtlp('traces', encode(type, request), identity)).toThrow(AppError)
    }
  })
})
