import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { isJson } from '../json.ts'
import { examine } from './doctor.ts'
import { addMatcher } from '../../editors/selectors.ts'

const SAMPLES = fileURLToPath(new URL('../../../../../shared/data/dashboards/', import.meta.url))
const samples = existsSync(SAMPLES) ? readdirSync(SAMPLES).filter((name) => name.endsWith('.json')) : []

const needs = ({ labels }: { labels: readonly string[] }): boolean => !labels.includes('c')

describe('a matcher', () => {
  const promql: [string, string][] = [
    ['up', 'up{c="x"}'],
    ['up{}', 'up{c="x"}'],
    ['up{a="b"}', 'up{a="b", c="x"}'],
    ['up{a="}", }', 'up{a="}",c="x" }'],
    ['{"my.metric"}', '{"my.metric", c="x"}'],
    ['up{c="y"} / up', 'up{c="y"} / up{c="x"}'],
    ['rate(up{pod=~"$pod"}[$__rate_interval])', 'rate(up{pod=~"$pod", c="x"}[$__rate_interval])'],
    ['sum by ($by) (rate(up[${window}])) offset 5m', 'sum by ($by) (rate(up{c="x"}[${window}])) offset 5m'],
    ['topk($n, a) + on (b) c', 'topk($n, a{c="x"}) + on (b) c{c="x"}'],
    ['1 + vector(2)', '1 + vector(2)'],
    [
      'histogram_quantile(0.9, sum(rate(a_bucket[5m:1m])) by (le))',
      'histogram_quantile(0.9, sum(rate(a_bucket{c="x"}[5m:1m])) by (le))',
    ],
  ]
  it.each(promql)('goes into PromQL: %s', (before, after) => {
    expect(addMatcher(before, 'promql', { matcher: 'c="x"', needs })).toBe(after)
  })

  const logql: [string, string][] = [
    ['{a="b"} |= "{d}"', '{a="b", c="x"} |= "{d}"'],
    [
      'sum(rate({a="b"} | json [$__auto])) / sum(rate({c="y"}[1m]))',
      'sum(rate({a="b", c="x"} | json [$__auto])) / sum(rate({c="y"}[1m]))',
    ],
  ]
  it.each(logql)('goes into LogQL: %s', (before, after) => {
    expect(addMatcher(before, 'logql', { matcher: 'c="x"', needs })).toBe(after)
  })
})

describe('examine', () => {
  const dashboard = {
    title: 'Pods',
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus' },
        {
          name: 'pod',
          type: 'query',
          datasource: { type: 'prometheus', uid: '$datasource' },
          query: { query: 'label_values(kube_pod_info, pod)', refId: 'x' },
        },
      ],
    },
    panels: [
      { title: 'CPU', type: 'timeseries', targets: [{ refId: 'A', expr: 'rate(cpu{pod="$pod"}[5m])' }] },
      {
        type: 'row',
        panels: [
          {
            title: 'Logs',
            type: 'logs',
            datasource: { type: 'loki' },
            targets: [{ refId: 'A', expr: '{pod="$pod"}' }],
          },
        ],
      },
      { title: 'Fine', type: 'stat', targets: [{ refId: 'A', expr: 'up{cluster="$cluster"}' }] },
      { title: 'Elsewhere', type: 'stat', targets: [{ datasource: { type: 'cloudwatch' }, refId: 'A', expr: 'up' }] },
    ],
  }

  it('finds what mixes clusters and mends it', () => {
    const { findings, hasVariable, mended } = examine(dashboard)
    expect(hasVariable).toBe(false)
    expect(findings.map(({ place, after }) => [place, after])).toEqual([
      ['variable pod', 'label_values(kube_pod_info{cluster=~"$cluster"}, pod)'],
      ['CPU / A', 'rate(cpu{pod="$pod", cluster=~"$cluster"}[5m])'],
      ['Logs / A', '{pod="$pod", cluster=~"$cluster"}'],
    ])
    const again = examine(mended)
    expect([again.findings, again.hasVariable]).toEqual([[], true])
  })

  it('puts the variable behind the choice of the data source, and uses what the others use', () => {
    const { mended } = examine(dashboard)
    expect(mended).toMatchObject({
      templating: {
        list: [{ name: 'datasource' }, { name: 'cluster', datasource: { uid: '$datasource' } }, { name: 'pod' }],
      },
    })
  })

  it('leaves a sound dashboard as it is', () => {
    const sound = { ...dashboard, panels: [], templating: { list: [] } }
    expect(examine(sound).mended).toEqual(sound)
  })

  it.skipIf(samples.length === 0)('mends dashboards of others so that nothing is left to find', () => {
    for (const name of samples) {
      const json: unknown = JSON.parse(readFileSync(SAMPLES + name, 'utf8'))
      if (!isJson(json)) throw new Error(`${name} is no object`)
      expect(examine(examine(json).mended).findings, name).toEqual([])
    }
  })
})
