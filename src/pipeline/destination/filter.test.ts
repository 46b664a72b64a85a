import { describe, expect, it } from 'vitest'
import type { Batch, Signal } from '../../model/index.ts'
import {
  countItems,
  jsonToOtlp,
  readLogs,
  readSeries,
  readSpans,
  RemoteWriteWriter,
  toPlainText,
} from '../../wire/index.ts'
import { readMetricPoints } from '../../wire/otlp/read/index.ts'
import { createFilter } from './filter.ts'
import type { Where } from './where.ts'

const identity = { cluster: 'dev-a', environment: 'dev', region: 'r', clusterType: 'workload', tenant: 'shop' }

function batch(
  signal: Signal,
  payload: Uint8Array,
  format: 'otlp' | 'remote-write-2' = 'otlp',
  items = countItems(signal, payload),
): Batch {
  return { envelope: { signal, format, items, identity, collectedAtMs: 1, receivedAtMs: 2 }, payload }
}

const attributes = (pairs: Record<string, string>): unknown[] =>
  Object.entries(pairs).map(([key, stringValue]) => ({ key, value: { stringValue } }))

function logs(): Batch {
  const record = (text: string, severityNumber: number, pairs: Record<string, string> = {}): object => ({
    severityNumber,
    severityText: severityNumber > 12 ? 'WARN' : 'INFO',
    body: { stringValue: text },
    attributes: attributes(pairs),
  })
  const request = {
    resourceLogs: [
      {
        resource: { attributes: attributes({ 'k8s.namespace.name': 'team-a' }) },
        scopeLogs: [{ scope: { name: 'lib' }, logRecords: [record('a1', 9, { route: '/healthz' }), record('a2', 13)] }],
      },
      {
        scopeLogs: [{ logRecords: [record('b1', 0), record('b2', 17, { 'k8s.namespace.name': 'team-b' })] }],
        resource: { attributes: attributes({ 'k8s.namespace.name': 'other' }) },
      },
    ],
  }
  return batch('logs', jsonToOtlp('logs', JSON.stringify(request)))
}

function bodies(left: Batch | undefined): string[] {
  return left === undefined ? [] : [...readLogs(left.payload)].map(({ record }) => toPlainText(record.body))
}

describe('createFilter', () => {
  it.each<readonly [Where, string[]]>([
    [{}, ['a1', 'a2', 'b1', 'b2']],
    [{ cluster: ['dev-a', 'x'], environment: ['dev'], tenant: ['shop'] }, ['a1', 'a2', 'b1', 'b2']],
    [{ cluster: ['prd'] }, []],
    [{ tenant: ['dev'] }, []],
    [{ attributes: { 'k8s.namespace.name': ['team-a'] } }, ['a1', 'a2']],
    [{ match: ['{k8s.namespace.name=~"team-.*"}'] }, ['a1', 'a2', 'b2']],
    [{ match: ['{k8s.namespace.name=~"team"}'] }, []],
    [
      { match: ['{k8s.namespace.name="team-a", route!="/healthz"}', '{scope_name="", severity_text="INFO"}'] },
      ['a2', 'b1'],
    ],
    [{ minSeverity: 'warn' }, ['a2', 'b1', 'b2']],
    [{ minSeverity: 'error', match: ['{cluster="dev-a"}'] }, ['b1', 'b2']],
    [{ match: ['{environment="prd"}'] }, []],
  ])('of logs lets %j pass', (where, left) => {
    expect(bodies(createFilter(where)(logs()))).toEqual(left)
  })

  it('hands on what passes as a whole as it is, and counts what is left otherwise', () => {
    const whole = logs()
    expect(createFilter({ match: ['{region="r"}'] })(whole)).toBe(whole)
    expect(createFilter({ minSeverity: 'warn' })(whole)?.envelope.items).toBe(3)
  })

  it('looks at single data points and keeps what is said of their metric', () => {
    const point = (value: string, pairs: Record<string, string>): object => ({
      asInt: value,
      attributes: attributes(pairs),
    })
    const sum = { isMonotonic: true, dataPoints: [point('1', { route: '/a' }), point('2', { route: '/b' })] }
    const metrics = [
      { name: 'hits', unit: '1', sum },
      { name: 'other', gauge: { dataPoints: [point('3', { route: '/a' })] } },
    ]
    const all = batch(
      'metrics',
      jsonToOtlp('metrics', JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] })),
    )
    const left = createFilter({ match: ['{__name__="hits", route="/b"}'] })(all)
    expect([...readMetricPoints(left?.payload ?? new Uint8Array())]).toMatchObject([
      { metric: { name: 'hits', unit: '1', monotonic: true }, point: { value: 2n } },
    ])
    expect(left?.envelope.items).toBe(1)
  })

  it('looks at spans', () => {
    const spans = ['GET /', 'POST /'].map((name) => ({ name, attributes: attributes({ peer: name }) }))
    const all = batch('traces', jsonToOtlp('traces', JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })))
    const left = createFilter({ match: ['{span_name=~"GET.*", peer="GET /"}'], minSeverity: 'fatal' })(all)
    expect([...readSpans(left?.payload ?? new Uint8Array())].map(({ span }) => span.name)).toEqual(['GET /'])
  })

  it('looks at series, by labels or the names that attributes have', () => {
    const writer = new RemoteWriteWriter()
    for (const namespace of ['a', 'b']) {
      writer.beginSeries(['__name__', 'up', 'k8s_namespace_name', namespace])
      writer.sample(1, 1_000)
      writer.sample(2, 2_000)
      writer.endSeries()
    }
    const all = batch('metrics', writer.finish(), 'remote-write-2', 4)
    const filter = createFilter({ attributes: { 'k8s.namespace.name': ['b'] }, match: ['{__name__="up"}'] })
    const left = filter(all)
    expect(left?.envelope.items).toBe(2)
    expect([...readSeries(left?.payload ?? new Uint8Array())]).toMatchObject([
      {
        labels: [
          ['__name__', 'up'],
          ['k8s_namespace_name', 'b'],
        ],
        samples: [{ value: 1 }, { value: 2 }],
      },
    ])
    expect(createFilter({ match: ['{__name__="down"}'] })(all)).toBeUndefined()
  })

  it('does not take time that grows with the expression', () => {
    const filter = createFilter({ match: ['{route=~"(a+)+b"}'] })
    const value = 'a'.repeat(5_000)
    const request = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes: attributes({ route: value }) }] }] }] }
    expect(filter(batch('logs', jsonToOtlp('logs', JSON.stringify(request))))).toBeUndefined()
  })
})
