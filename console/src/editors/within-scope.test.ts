import { describe, expect, it } from 'vitest'
import { logqlWithin, promqlWithin, traceqlWithin } from './within-scope.ts'

const none = { environments: [], clusters: [] }
const prd = { environments: ['prd'], clusters: [] }
const two = { environments: ['prd'], clusters: ['prd-a', 'prd.b'] }

describe('PromQL', () => {
  it.each([
    ['up', 'up{environment="prd"}'],
    ['up{}', 'up{environment="prd"}'],
    ['{__name__="up",}', '{__name__="up",environment="prd"}'],
    [
      'sum by (le) (rate(a{x="{"}[5m])) / on() b offset 5m',
      'sum by (le) (rate(a{x="{", environment="prd"}[5m])) / on() b{environment="prd"} offset 5m',
    ],
    ['1 + 1', '1 + 1'],
    ['{"foo.bar"}', '{"foo.bar", environment="prd"}'],
  ])('%s', (query, expected) => expect(promqlWithin(query, prd)).toBe(expected))

  it('names clusters, escaped', () => {
    expect(promqlWithin('up', two)).toBe('up{cluster=~"prd-a|prd\\\\.b"}')
  })

  it('leaves alone what it cannot parse, and what is not narrowed down', () => {
    expect(promqlWithin('sum(', prd)).toBe('sum(')
    expect(promqlWithin('up', none)).toBe('up')
  })
})

describe('LogQL', () => {
  it.each([
    ['{app="a"} |= "x}"', '{app="a", environment="prd"} |= "x}"'],
    [
      'sum(rate({a="b"}[5m])) / sum(rate({}[5m]))',
      'sum(rate({a="b", environment="prd"}[5m])) / sum(rate({environment="prd"}[5m]))',
    ],
  ])('%s', (query, expected) => expect(logqlWithin(query, prd)).toBe(expected))
})

describe('TraceQL', () => {
  it.each([
    ['{}', '{ (resource.deployment.environment.name = "prd") }'],
    [
      '{ name = "}" || status = error } >> { kind = server } | rate()',
      '{ (name = "}" || status = error) && (resource.deployment.environment.name = "prd") } >> { (kind = server) && (resource.deployment.environment.name = "prd") } | rate()',
    ],
  ])('%s', (query, expected) => expect(traceqlWithin(query, prd)).toBe(expected))

  it('names clusters', () => {
    expect(traceqlWithin('{}', two)).toBe(
      '{ (resource.k8s.cluster.name = "prd-a" || resource.k8s.cluster.name = "prd.b") }',
    )
  })
})
