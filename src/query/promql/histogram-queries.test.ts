import { describe, expect, it, vi } from 'vitest'
import { problemsOf, runScript } from '../testing/promql-script.ts'
import { ARITHMETIC } from './arithmetic.ts'

/** One script a subject, in the notation of `runScript`. */
const SCRIPTS: Readonly<Record<string, string>> = {
  'trim operators cut histograms': `
load 5m
  h{job="a"} {{schema:0 sum:20 count:10 buckets:[2 3 5]}}
  c{job="a"} {{schema:-53 sum:9 count:6 custom_values:[1 2] buckets:[1 2 3]}}
  cut{job="a"} 2

eval instant at 1m h </ 2
  {job="a"} {{schema:0 sum:5.656854249492381 count:5 buckets:[2 3]}}

eval instant at 1m histogram_count(h >/ 1.4142135623730951)
  {job="a"} 6.5

eval instant at 1m histogram_count(c </ cut)
  {job="a"} 3

eval instant at 1m cut </ 1
  expect info msg: PromQL info: incompatible sample types encountered for binary operator "</": float </ float (1:1)

eval instant at 1m 1 >/ h
  expect info msg: PromQL info: incompatible sample types encountered for binary operator ">/": float >/ histogram (1:1)
`,
  'arithmetic with histograms': `
load 5m
  h {{schema:0 sum:4 count:4 buckets:[1 2 1]}}x1
  g {{schema:1 sum:2 count:2 buckets:[1 1] counter_reset_hint:gauge}}x1
  c {{schema:-53 sum:1 count:1 custom_values:[1] buckets:[1]}}x1
  f 2x1

eval instant at 5m h * 2
  {} {{schema:0 sum:8 count:8 counter_reset_hint:not_reset buckets:[2 4 2]}}

eval instant at 5m 2 * h / f
  {} {{schema:0 sum:4 count:4 buckets:[1 2 1]}}

eval instant at 5m h / 0
  {} {{schema:0 sum:Inf count:Inf z_bucket:NaN}}

eval instant at 5m h + g
  {} {{schema:0 sum:6 count:6 counter_reset_hint:gauge buckets:[2 3 1]}}

eval instant at 5m 1 + h
  expect info msg: PromQL info: incompatible sample types encountered for binary operator "+": float + histogram (1:1)

eval instant at 5m 5 * (h + c)
  expect warn msg: PromQL warning: incompatible bucket layout encountered for binary operator + (1:6)

eval instant at 5m h atan2 h
  expect info msg: PromQL info: incompatible sample types encountered for binary operator "atan2": histogram atan2 histogram (1:1)

eval instant at 5m h == bool 2 * h
  {} 0
`,
  'aggregations of histograms and floats': `
load 5m
  m{k="a", i="1"} {{schema:0 sum:4 count:4 buckets:[1 2 1]}}
  m{k="a", i="2"} {{schema:0 sum:2 count:2 buckets:[0 2]}}
  m{k="b", i="1"} {{schema:0 sum:4 count:4 buckets:[1 2 1]}}
  m{k="b", i="2"} 7

eval instant at 1m sum by (k) (m)
  expect warn msg: PromQL warning: encountered a mix of histograms and floats for aggregation (1:13)
  {k="a"} {{schema:0 sum:6 count:6 buckets:[1 4 1]}}

eval instant at 1m avg by (k) (m{k="a"})
  expect no_warn
  {k="a"} {{schema:0 sum:3 count:3 buckets:[0.5 2 0.5]}}

eval instant at 1m max by (k) (m)
  expect info msg: PromQL info: ignored histogram in max aggregation (1:13)
  {k="b"} 7

eval instant at 1m topk(3, m)
  expect info msg: PromQL info: ignored histogram in topk aggregation (1:1)
  m{k="b", i="2"} 7

eval instant at 1m count by (k) (m)
  expect no_info
  {k="a"} 2
  {k="b"} 2

eval instant at 1m quantile(1.5, m{k="b"})
  expect warn msg: PromQL warning: quantile value should be between 0 and 1, got 1.5 (1:10)
  expect info msg: PromQL info: ignored histogram in quantile aggregation (1:15)
  {} +Inf
`,
  'a share of the series, always the same': `
load 5m
  m{i="0"} 1
  m{i="1"} 1
  m{i="2"} {{schema:0 sum:1 count:1 buckets:[1]}}
  m{i="3"} 1

eval instant at 1m count(limitk(3, m))
  {} 3

eval instant at 1m count(limitk(0, m))

eval instant at 1m count(limit_ratio(0.5, m) or limit_ratio(-0.5, m))
  {} 4

eval instant at 1m limit_ratio(0.5, m) and limit_ratio(-0.5, m)

eval instant at 1m count(limit_ratio(-1.1, m))
  expect warn msg: PromQL warning: ratio value should be between -1 and 1, got -1.1, capping to -1 (1:19)
  {} 4

eval instant at 1m limit_ratio(NaN, m)
  expect fail msg: Ratio value is NaN
`,
  'info series': `
load 1m
  m{instance="a", job="x"} 1 2 3
  m{instance="b", job="x"} 5 6 7
  target_info{instance="a", job="x", version="1", zone="z"} 1 1 stale
  target_info{instance="a", job="x", version="2", zone="z"} _ _ 1

eval range from 0 to 2m step 1m info(m, {version=~".+"})
  m{instance="a", job="x", version="1"} 1 2 _
  m{instance="a", job="x", version="2"} _ _ 3

eval instant at 2m info(m, {version=~".*"})
  m{instance="a", job="x", version="2"} 3
  m{instance="b", job="x"} 7

eval instant at 2m sum by (zone) (info(rate(m[2m])))
  {zone="z"} 0.016666666666666666
  {} 0.016666666666666666
`,
  'orders and times of the query': `
load 1m
  m{v="v10", i="b"} 3
  m{v="v9", i="a"} 1
  m{v="v9", i="b"} {{schema:0 sum:1 count:1 buckets:[1]}}

eval instant at 0 sort_by_label(m, "v", "i")
  expect ordered
  m{v="v9", i="a"} 1
  m{v="v9", i="b"} {{schema:0 sum:1 count:1 buckets:[1]}}
  m{v="v10", i="b"} 3

eval instant at 0 sort_desc(m)
  expect ordered
  m{v="v10", i="b"} 3
  m{v="v9", i="a"} 1

eval range from 1m to 3m step 1m min_of(end() - start(), range()) + max_of(step(), 1)
  {} 180 180 180
`,
  'places of annotations': `
load 1m
  counter 1 2 3
  http_bucket{le="1"} 5 6 7
  http_bucket{le="2"} 3 4 5
  http_bucket{le="+Inf"} 6 7 8

eval instant at 2m rate(counter[5m])
  expect info msg: PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "counter" (1:6)
  {} 0.008333333333333333

eval instant at 2m 1 + histogram_quantile(0.5, http_bucket)
  expect info msg: PromQL info: input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile) for metric name "http_bucket", from buckets 2 to 2, with a max diff of 2, over 1 samples from 1970-01-01T00:02:00Z to 1970-01-01T00:02:00Z (1:29)
  {} 1.5714285714285714

eval instant at 2m anchored_fails(counter[2m])
  expect fail regex: unknown function

eval instant at 2m deriv(counter[2m] anchored)
  expect fail msg: anchored modifier can only be used with: changes, delta, increase, rate, resets - not with deriv
`,
}

describe('queries over native histograms and what came with them', () => {
  it.each(Object.entries(SCRIPTS))('%s', async (_, script) => {
    const cases = await runScript(script)
    expect(cases.length).toBeGreaterThan(0)
    expect(problemsOf(cases)).toEqual([])
  })
})

describe('the runner of scripts', () => {
  it('fails when an operator is broken', async () => {
    const script =
      'load 1m\n  a 1 2\n  b 5 5\neval instant at 1m a + b\n  {} 7\neval range from 0 to 1m step 1m a - b\n  {} -4 -3\n'
    const broken = vi.spyOn(ARITHMETIC, '+').mockImplementation((left, right) => left * right)
    try {
      expect(problemsOf(await runScript(script))).toEqual([{ line: 4, query: 'a + b', problem: '{}: 10, not 7' }])
    } finally {
      broken.mockRestore()
    }
    expect(problemsOf(await runScript(script))).toEqual([])
  })

  const wrong: [string, string][] = [
    ['eval instant at 0 a\n  a 2', '{__name__="a"}: 1, not 2'],
    ['eval instant at 0 a\n  b 1', 'missing {__name__="b"}'],
    ['eval instant at 0 a', 'not expected: {__name__="a"} 1'],
    ['eval instant at 0 h\n  h {{schema:0 count:2 sum:1 buckets:[1]}}', '{__name__="h"}: schema 0 unknown'],
    ['eval instant at 0 h\n  h {{schema:0 count:1 sum:1 buckets:[1] counter_reset_hint:gauge}}', '{__name__="h"}'],
    ['eval instant at 0 a\n  expect fail\n  a 1', 'expected a failure'],
    ['eval instant at 0 a\n  expect warn\n  a 1', 'no warn any, but none'],
    ['eval instant at 0 -h + a\n  expect no_info', 'unexpected info'],
    ['eval instant at 0 sum(\n  {} 1', '1:5: parse error'],
    ['eval range from 0 to 1m step 1m a\n  a 1 _', '{__name__="a"} at step 1: 1, not nothing'],
    ['eval instant at 0 a[1m]\n  expect range vector from 0 to 0 step 1m\n  a 2', '{__name__="a"}: 1, not 2'],
    ['eval instant at 0 "x"\n  expect string "y"', 'another string'],
    ['eval instant at 0 step()\n  0', ''],
  ]
  it.each(wrong)('%s', async (script, problem) => {
    const cases = await runScript(`load 1m\n  a 1\n  h {{schema:0 count:1 sum:1 buckets:[1]}}\n${script}\n`)
    expect(cases).toHaveLength(1)
    expect(cases[0]?.problem.startsWith(problem)).toBe(true)
    expect(cases[0]?.problem === '').toBe(problem === '')
  })

  it('says which line it cannot read', async () => {
    await expect(runScript('load 1m\n  a 1 two\n')).rejects.toMatchObject({
      message: 'line 1: PromQL script: cannot read "two"',
    })
    await expect(runScript('\neval never\n')).rejects.toMatchObject({
      message: 'line 2: neither instant nor range: eval never',
    })
  })
})
