import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sharedMaterial } from '../../core/testing/shared-material.ts'
import { validateOpenMetrics } from './index.ts'

function validate(...lines: string[]): number {
  return validateOpenMetrics(Buffer.from([...lines, '# EOF\n'].join('\n')))
}

describe('validateOpenMetrics', () => {
  const valid: readonly (readonly string[])[] = [
    [],
    ['a 1'],
    ['# TYPE a gauge', '# HELP a x', 'a{b="1"} NaN', 'a{b="2"} -Inf 1'],
    ['# HELP a_s ', '# UNIT a_s s', '# TYPE a_s counter', 'a_s_total 0 1', 'a_s_created 0.5 1'],
    ['# TYPE a gauge', 'a 1 123', 'a 2 456', 'a 3 456'],
    ['# TYPE a counter', '# TYPE b counter', 'b_total 1', 'b_created 1'],
    [
      '# TYPE a summary',
      'a_count{x="1"} 0 123',
      'a_sum{x="1"} 0 123',
      'a_count{x="1"} 0 456',
      'a_sum{x="1"} 0 456',
      'a_sum{x="2"} 0',
    ],
    ['# TYPE a summary', 'a{quantile="0.99"} NaN', 'a{quantile="0"} 1', 'a{quantile="1"} 0'],
    [
      '# TYPE a histogram',
      'a_bucket{le="1"} 0',
      'a_bucket{le="+Inf"} 2 # {} 7',
      'a_count 2',
      'a_sum 1.5',
      'a_created 1',
    ],
    ['# TYPE a histogram', 'a_bucket{le="-1"} 0', 'a_bucket{le="+Inf"} 2'],
    ['# TYPE a gaugehistogram', 'a_bucket{le="-1.0"} 1', 'a_bucket{le="+Inf"} 2', 'a_gcount 2', 'a_gsum -7'],
    ['# TYPE a stateset', 'a{a="x",e="1"} 0', 'a{a="y",e="1"} 1', 'a{a="x",e="2"} 1'],
    ['# TYPE a info', 'a_info{v="1"} 1', 'a_info{v="2"} 1.0', 'b 1'],
    // Sample names may look related as long as none can be taken for another family's.
    ['# TYPE a histogram', '# TYPE a_count counter', 'a_count_total 1'],
    ['# TYPE a gauge', 'a 1', 'a_total 1'],
  ]
  it.each(valid.map((lines) => [lines.join(' ⏎ '), lines] as const))('accepts %s', (_, lines) => {
    expect(validate(...lines)).toBe(lines.filter((line) => !line.startsWith('#')).length)
  })

  const invalid: readonly (readonly [why: RegExp, ...lines: string[]])[] = [
    // Families
    [/second TYPE/, '# TYPE a gauge', '# TYPE a gauge'],
    [/second HELP/, '# HELP a ', '# HELP a '],
    [/second UNIT/, '# UNIT a_s s', '# UNIT a_s s'],
    [/after its samples/, '# TYPE a gauge', 'a 1', '# HELP a x'],
    [/second time/, '# TYPE a gauge', '# TYPE b gauge', '# HELP a x'],
    [/second time/, 'a 1', 'b 1', 'a 2'],
    [/second time/, '# TYPE a counter', 'a 1'],
    [/could be a sample/, '# TYPE a counter', '# TYPE a_created gauge', 'a_created 1'],
    [/could be a sample/, '# TYPE a_total gauge', 'a_total 1', '# TYPE a counter'],
    [/end in its unit/, '# TYPE a gauge', '# UNIT a seconds'],
    [/end in its unit/, '# UNIT seconds seconds', 'seconds 1'],
    [/cannot have a unit/, '# UNIT a_s s', '# TYPE a_s stateset'],
    [/escaped/, '# HELP a "x"'],
    [/escaped/, '# HELP a x\\'],
    [/carriage return/, '# HELP a x\r'],
    [/label name/, '{"a.b"} 1'],
    // Metrics and points
    [/interleaved/, '# TYPE a summary', 'a_sum{x="1"} 0', 'a_sum{x="2"} 0', 'a_count{x="1"} 0'],
    [/interleaved/, '# TYPE a stateset', 'a{a="x",e="1"} 0', 'a{a="x",e="2"} 0', 'a{a="y",e="1"} 0'],
    [/go back/, '# TYPE a summary', 'a_sum 0 1', 'a_sum 0 2', 'a_count 0 1'],
    [/go back/, 'a 1 2', 'a 1 1.9999'],
    [/with and without/, 'a 1', 'a 1 1'],
    [/with and without/, 'a 1 1', 'a 1'],
    [/same sample twice/, 'a 1', 'a 1'],
    [/same sample twice/, 'a{x=""} 1', 'a 1'],
    [/twice/, 'a{x="1",x="2"} 1'],
    // Counters
    [/without its _total/, '# TYPE a counter', 'a_created 1'],
    [/not negative/, '# TYPE a counter', 'a_total -1'],
    [/not negative/, '# TYPE a counter', 'a_total NaN'],
    [/finite/, '# TYPE a counter', 'a_total 1', 'a_created NaN'],
    // Histograms
    [/le is missing/, '# TYPE a histogram', 'a_bucket 1'],
    [/le must be a number/, '# TYPE a histogram', 'a_bucket{le="x"} 1'],
    [/le must be a number/, '# TYPE a histogram', 'a_bucket{le="NaN"} 1'],
    [/increasing/, '# TYPE a histogram', 'a_bucket{le="2"} 1', 'a_bucket{le="1"} 1'],
    [/increasing/, '# TYPE a histogram', 'a_bucket{le="1"} 1', 'a_bucket{le="1.0"} 1'],
    [/cumulative/, '# TYPE a histogram', 'a_bucket{le="1"} 2', 'a_bucket{le="+Inf"} 1'],
    [/without a bucket/, '# TYPE a histogram', 'a_bucket{le="1"} 2', 'b 1'],
    [/without a bucket/, '# TYPE a histogram', 'a_sum 2', 'a_count 1'],
    [/together/, '# TYPE a histogram', 'a_bucket{le="+Inf"} 1', 'a_sum 1'],
    [/together/, '# TYPE a gaugehistogram', 'a_bucket{le="+Inf"} 1', 'a_gcount 1'],
    [/count is not/, '# TYPE a histogram', 'a_bucket{le="+Inf"} 1', 'a_sum 1', 'a_count 2'],
    [/negative buckets/, '# TYPE a histogram', 'a_bucket{le="-1"} 1', 'a_bucket{le="+Inf"} 1', 'a_sum 1', 'a_count 1'],
    [/negative sum/, '# TYPE a gaugehistogram', 'a_bucket{le="+Inf"} 1', 'a_gsum -1', 'a_gcount 1'],
    [/integer/, '# TYPE a histogram', 'a_bucket{le="+Inf"} 1.5'],
    [/integer/, '# TYPE a gaugehistogram', 'a_bucket{le="+Inf"} -1'],
    [/no place/, '# TYPE a histogram', 'a_count{le="1"} 1'],
    [/second time/, '# TYPE a histogram', 'a 1'],
    // Summaries, infos, states
    [/quantile is missing/, '# TYPE a summary', 'a 1'],
    [/from 0 to 1/, '# TYPE a summary', 'a{quantile="1.5"} 1'],
    [/not be negative/, '# TYPE a summary', 'a{quantile="1"} -1'],
    [/integer/, '# TYPE a summary', 'a_count 1.5'],
    [/no place/, '# TYPE a summary', 'a_sum{quantile="1"} 1'],
    [/must be 1/, '# TYPE a info', 'a_info 0'],
    [/0 or 1/, '# TYPE a stateset', 'a{a="x"} 0.5'],
    [/label a is missing/, '# TYPE a stateset', 'a{b="x"} 1'],
    // Exemplars
    [/cannot have an exemplar/, '# TYPE a gauge', 'a 1 # {} 1'],
    [/cannot have an exemplar/, 'a 1 # {} 1'],
    [/cannot have an exemplar/, '# TYPE a counter', 'a_created 1 # {} 1'],
    [/cannot have an exemplar/, '# TYPE a histogram', 'a_count 1 # {} 1'],
    [/outside its bucket/, '# TYPE a histogram', 'a_bucket{le="1"} 1 # {} 1.5'],
    [/128/, '# TYPE a counter', `a_total 1 # {ab="${'x'.repeat(127)}"} 1`],
    [/twice/, '# TYPE a counter', 'a_total 1 # {a="1",a="1"} 1'],
  ]
  it.each(invalid.map(([why, ...lines]) => [lines.join(' ⏎ '), why, lines] as const))('refuses %s', (_, why, lines) => {
    expect(() => validate(...lines)).toThrow(why)
  })

  it('refuses what is not UTF-8, wherever it stands', () => {
    expect(() => validateOpenMetrics(Buffer.from('# HELP a \xff\n# EOF\n', 'latin1'))).toThrow(/UTF-8/)
  })

  it('names the line', () => {
    expect(() => validate('# TYPE a gauge', 'a 1', 'a 1')).toThrow(expect.objectContaining({ line: 3, column: 1 }))
  })

  const vectors = sharedMaterial('conformance/openmetrics')
  it.skipIf(vectors === undefined)("agrees with the OpenMetrics project's vectors", () => {
    const folder = vectors ?? ''
    const disagreements = readdirSync(folder).filter((name) => {
      const { shouldParse } = JSON.parse(readFileSync(join(folder, name, 'test.json'), 'utf8')) as {
        shouldParse: boolean
      }
      return isValid(readFileSync(join(folder, name, 'metrics'))) !== shouldParse
    })
    expect(disagreements).toEqual([])
  })

  it.skipIf(vectors === undefined)('fails with nothing but its own error on mutated vectors', () => {
    const folder = vectors ?? ''
    const seeds = readdirSync(folder).map((name) => readFileSync(join(folder, name, 'metrics')))
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.constantFrom(...seeds),
        fc.tuple(fc.nat(), fc.nat(), fc.nat(255)),
        (a, b, [i, j, byte]) => {
          const mutated = Buffer.concat([a.subarray(0, i % (a.length + 1)), b.subarray(j % (b.length + 1))])
          if (mutated.length > 0) mutated[(i + j) % mutated.length] = byte
          isValid(mutated)
        },
      ),
      { numRuns: 5_000 },
    )
  })
})

function isValid(bytes: Uint8Array): boolean {
  try {
    validateOpenMetrics(bytes)
    return true
  } catch (reason) {
    expect(reason).toMatchObject({ name: 'ExpositionError', code: 'invalid' })
    return false
  }
}
