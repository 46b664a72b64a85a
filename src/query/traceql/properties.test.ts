import { describe, expect, it } from 'vitest'
import { createRandom } from '../../core/testing/random.ts'
import { createMemoryTraces } from '../testing/memory-traces.ts'
import type { TraceSource } from '../trace-source.ts'
import { meetsNeed } from '../traceql-script/meets-need.ts'
import { matches } from './eval-field.ts'
import { needOfSpan, parseTraceql, printTraceql } from './index.ts'
import { RegexpCache } from './operators.ts'
import { describeMetrics, describeSearch } from './testing/describe-answer.ts'
import { randomExpr, randomMetrics, randomSearch, randomTraces } from './testing/generate.ts'
import { placeSpans } from './trace-tree.ts'

const START_NS = 1_767_225_600_000_000_000n

it('what is printed parses, and prints the same', () => {
  const random = createRandom(1)
  for (let i = 0; i < 2_000; i++) {
    const printed = printTraceql(parseTraceql(i % 3 === 0 ? randomMetrics(random) : randomSearch(random)))
    expect(printTraceql(parseTraceql(printed))).toBe(printed)
  }
})

it('a span that matches meets the need, and only such a span if the need is exact', () => {
  const random = createRandom(2)
  const regexps = new RegexpCache()
  let exact = 0
  for (let i = 0; i < 1_500; i++) {
    const query = parseTraceql(`{ ${randomExpr(random, 2)} }`)
    const filter = query.kind === 'spans' ? query.pipeline.stages[0] : undefined
    if (filter?.kind !== 'filter') throw new Error('BUG: no filter')
    const { need, isExact } = needOfSpan(filter.expr)
    if (isExact) exact += 1
    for (const place of placeSpans(randomTraces(random, 1, START_NS, 0.2)).spans) {
      const isMatch = matches(filter.expr, place, regexps)
      const isMet = meetsNeed(place.span, need)
      if (isMet !== isMatch && (isExact || !isMet)) {
        expect.fail(`${printTraceql(query)} is ${String(isMatch)}, its need is not`)
      }
    }
  }
  expect(exact).toBeGreaterThan(200)
})

describe('answers do not depend on what the source leaves out', () => {
  /** A source that takes every trace for a candidate, and every span. */
  const lavish = (source: TraceSource): TraceSource => ({
    ...source,
    candidates: (scope, request, signal) => source.candidates(scope, { ...request, need: { kind: 'all' } }, signal),
    spans: (scope, request, signal) => source.spans(scope, { ...request, need: { kind: 'all' } }, signal),
  })

  it('of searches', async () => {
    const random = createRandom(3)
    for (let i = 0; i < 150; i++) {
      const spans = randomTraces(random, 6, START_NS, 0.2)
      const source = createMemoryTraces(spans.map((span) => ({ tenant: 't', cluster: 'c', span })))
      const query = randomSearch(random)
      const answer = await describeSearch(query, source, START_NS)
      expect(await describeSearch(query, lavish(source), START_NS), query).toBe(answer)
    }
  })

  it('of metrics, span by span and trace by trace', async () => {
    const random = createRandom(4)
    for (let i = 0; i < 150; i++) {
      const spans = randomTraces(random, 6, START_NS, 0.2)
      const source = createMemoryTraces(spans.map((span) => ({ tenant: 't', cluster: 'c', span })))
      const query = randomMetrics(random)
      const answer = await describeMetrics(query, source, START_NS)
      expect(await describeMetrics(query, lavish(source), START_NS), query).toBe(answer)
      // A second stage makes it a question about whole traces.
      const byTrace = query.replace(' | ', ' | { true } | ')
      expect(await describeMetrics(byTrace, source, START_NS), byTrace).toBe(answer)
    }
  })
})
