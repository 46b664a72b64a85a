import { describe, expect, it } from 'vitest'
import type { Identity } from '../../model/index.ts'
import { jsonToOtlp } from '../otlp/index.ts'
import { readSeries } from '../remote-write/index.ts'
import { OtlpToSeries } from './index.ts'

const DEV: Identity = { cluster: 'dev', environment: '', region: '', clusterType: '', tenant: '' }
const T = 1_700_000_000_000

const options = { names: 'UnderscoreEscapingWithSuffixes', promoted: ['k8s.pod.name'], scopeLabels: true } as const

function metricsOf(
  metrics: readonly unknown[],
  resource: Record<string, string> = {},
): { payload: Uint8Array; identity: Identity } {
  const attributes = Object.entries(resource).map(([key, stringValue]) => ({ key, value: { stringValue } }))
  const scope = { name: 'lib', version: '1' }
  const request = { resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ scope, metrics }] }] }
  return { payload: jsonToOtlp('metrics', JSON.stringify(request)), identity: DEV }
}

const at = (seconds: number, rest: object): object => ({
  timeUnixNano: `${String(T + 1_000 * seconds)}000000`,
  ...rest,
})
const sum = (name: string, temporality: number, dataPoints: readonly object[]): object => ({
  name,
  sum: { aggregationTemporality: temporality, isMonotonic: true, dataPoints },
})

/** `name{labels}` → values by seconds after T. */
function shown(payload: Uint8Array): Record<string, string> {
  return Object.fromEntries(
    [...readSeries(payload)].map(({ labels, samples, histograms }) => {
      const [name = '', others] = [
        labels.find(([key]) => key === '__name__')?.[1],
        labels.filter(([key]) => key !== '__name__'),
      ]
      const values = samples.map(
        ({ timestampMs, value, stale }) => `${String((timestampMs - T) / 1_000)}:${stale ? 'stale' : String(value)}`,
      )
      const natives = histograms.map(
        ({ timestampMs, schema, sum: total }) =>
          `${String((timestampMs - T) / 1_000)}:schema ${String(schema)} sum ${String(total)}`,
      )
      return [
        `${name}{${others.map(([key, value]) => `${key}=${value}`).join(',')}}`,
        [...values, ...natives].join(' '),
      ]
    }),
  )
}

const SCOPE = 'otel_scope_name=lib,otel_scope_version=1'

describe('OtlpToSeries', () => {
  it('adds up deltas over requests, refuses what comes too late, and writes a series once in order', () => {
    const translator = new OtlpToSeries(options)
    const first = translator.translate([
      metricsOf([sum('hits', 1, [at(1, { asInt: '3' }), at(2, { asInt: '4' })])]),
      metricsOf([sum('hits', 1, [at(3, { asInt: '1' })])]),
    ])
    expect(shown(first.payload)).toEqual({ [`hits_total{cluster=dev,${SCOPE}}`]: '1:3 2:7 3:8' })
    const second = translator.translate([metricsOf([sum('hits', 1, [at(3, { asInt: '9' }), at(4, { asInt: '2' })])])])
    expect(shown(second.payload)).toEqual({ [`hits_total{cluster=dev,${SCOPE}}`]: '4:10' })
    expect(second.undelivered).toEqual([{ reason: 'delta_out_of_order', items: 1 }])
  })

  it('leaves no trace of a request with a damaged neighbour', () => {
    const translator = new OtlpToSeries(options)
    const good = metricsOf([sum('hits', 1, [at(1, { asInt: '3' })])])
    const damaged = { ...good, payload: good.payload.subarray(0, -1) }
    expect(() => translator.translate([good, damaged])).toThrow()
    expect(shown(translator.translate([good]).payload)).toEqual({ [`hits_total{cluster=dev,${SCOPE}}`]: '1:3' })
  })

  it('tells of targets, promotes attributes, and lets points of that name stand', () => {
    const attributes = [{ key: 'k8s.pod.name', value: { stringValue: 'of the point' } }]
    const gauge = { name: 'g', gauge: { dataPoints: [at(1, { asInt: '1' }), at(2, { asInt: '2', attributes })] } }
    const resource = { 'service.name': 's', 'k8s.pod.name': 'p', 'host.name': 'h' }
    const translator = new OtlpToSeries(options)
    expect(shown(translator.translate([metricsOf([gauge], resource)]).payload)).toEqual({
      [`g{cluster=dev,job=s,k8s_pod_name=p,${SCOPE}}`]: '1:1',
      [`g{cluster=dev,job=s,k8s_pod_name=of the point,${SCOPE}}`]: '2:2',
      'target_info{cluster=dev,host_name=h,job=s,k8s_pod_name=p}': '2:1',
    })
    expect(shown(translator.translate([metricsOf([gauge], resource)]).payload)['target_info']).toBeUndefined()
  })

  it('makes native histograms of exponential ones, coarser where it must, and stale markers of points without value', () => {
    const exponential = (scale: number): object =>
      at(1, { count: '3', sum: 2, scale, positive: { offset: 3, bucketCounts: ['1', '2'] } })
    const histogram = (name: string, point: object): object => ({
      name,
      exponentialHistogram: { aggregationTemporality: 2, dataPoints: [point] },
    })
    const { payload, undelivered } = new OtlpToSeries(options).translate([
      metricsOf([
        histogram('fine', exponential(10)),
        histogram('coarse', exponential(-5)),
        histogram('nosum', at(1, { count: '1', scale: 0 })),
        { name: 'gone', gauge: { dataPoints: [at(5, { flags: 1 })] } },
      ]),
    ])
    expect(shown(payload)).toEqual({
      [`fine{cluster=dev,${SCOPE}}`]: '1:schema 8 sum 2',
      [`gone{cluster=dev,${SCOPE}}`]: '5:stale',
    })
    expect(undelivered).toEqual([
      { reason: 'bad_histogram', items: 1 },
      { reason: 'no_sum', items: 1 },
    ])
  })

  it('writes summaries and joins attributes that come to one label', () => {
    const attributes = ['a.b', 'a_b'].map((key) => ({ key, value: { stringValue: key } }))
    const point = at(1, { count: '4', sum: 8, quantileValues: [{ quantile: 0.5, value: 2 }], attributes })
    const { payload } = new OtlpToSeries({ ...options, scopeLabels: false }).translate([
      metricsOf([{ name: 'lat', unit: 'ms', summary: { dataPoints: [point] } }]),
    ])
    expect(shown(payload)).toEqual({
      'lat_milliseconds_sum{a_b=a.b;a_b,cluster=dev}': '1:8',
      'lat_milliseconds_count{a_b=a.b;a_b,cluster=dev}': '1:4',
      'lat_milliseconds{a_b=a.b;a_b,cluster=dev,quantile=0.5}': '1:2',
    })
  })
})
