import { describe, expect, it } from 'vitest'
import { examineRules, looksLikeRules } from './rules.ts'

const RULES = `# keep me
groups:
  - name: nodes
    rules:
      - alert: NodeDown
        expr: up{job="node"} == 0
        for: 5m
        annotations:
          summary: '{{ $labels.instance }} is down' # and me
      - record: job:requests:rate5m
        expr: |
          sum by (job) (
            rate(requests_total[5m])
          )
      - alert: "Quoted"
        expr: 'sum(rate(errors_total{code="5xx"}[5m])) by (service) > 1'
      - alert: Fine
        expr: sum by (cluster) (up{cluster=~".+"}) < 1
      - expr: vector(1)
        record: one
`

describe('rules', () => {
  it('are told from dashboards', () => {
    expect(looksLikeRules(RULES)).toBe(true)
    expect(looksLikeRules('{"title": "x", "panels": [{"targets": [{"expr": "up"}]}]}')).toBe(false)
  })

  it('that mix clusters are mended where their expressions stand, and nowhere else', () => {
    const { rules, findings, mended } = examineRules(RULES)
    expect(rules).toBe(5)
    expect(findings.map(({ place, after }) => [place, after.replaceAll(/\s+/g, ' ')])).toEqual([
      ['NodeDown', 'up{job="node", cluster!=""} == 0'],
      ['job:requests:rate5m', 'sum by (cluster, job) ( rate(requests_total{cluster!=""}[5m]) )'],
      ['"Quoted"', 'sum(rate(errors_total{code="5xx", cluster!=""}[5m])) by (cluster, service) > 1'],
    ])
    expect(mended).toContain(
      '        expr: \'sum(rate(errors_total{code="5xx", cluster!=""}[5m])) by (cluster, service) > 1\'',
    )
    expect(mended).toContain(
      '        expr: |\n          sum by (cluster, job) (\n            rate(requests_total{cluster!=""}[5m])\n          )\n      - alert',
    )
    const others = (text: string): string[] =>
      text.split('\n').filter((line) => /keep me|and me|for: 5m|Fine|vector/.test(line))
    expect(others(mended)).toEqual(others(RULES))
    expect(examineRules(mended).findings).toEqual([])
  })
})
