import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPacer } from '../pacer.ts'
import { evaluateAggregation } from './aggregate.ts'
import { Annotations } from './annotations.ts'
import type { Grouping } from './grouping.ts'
import { placesOf, RankFold } from './rank-fold.ts'
import type { StepSeries } from './values.ts'

const STEPS = 4
const context = {
  grid: { startMs: 0, stepMs: 1_000, count: STEPS },
  pacer: createPacer(new AbortController().signal),
  annotations: new Annotations(),
}
const nodeOf = (operator: 'topk' | 'bottomk'): Grouping => ({
  operator,
  grouping: ['zone'],
  without: false,
  start: 0,
  end: 0,
  expr: { start: 0, end: 0 },
})

/** With many equal values, since it is those whose order matters. */
const cell = fc.option(fc.constantFrom(-Infinity, -1, -0, 0, 1, 2, Infinity, NaN), { nil: undefined, freq: 3 })
const rows = fc
  .array(fc.tuple(fc.constantFrom('a', 'b'), fc.array(cell, { minLength: STEPS, maxLength: STEPS })), { maxLength: 12 })
  .map((list) =>
    list.map(
      ([zone, cells], i): StepSeries => ({
        labels: { zone, pod: String(i) },
        values: Float64Array.from(cells, (value) => value ?? 7),
        present: Uint8Array.from(cells, (value) => (value === undefined ? 0 : 1)),
        dropName: i % 2 === 0,
      }),
    ),
  )
const limits = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: STEPS, maxLength: STEPS })

function shown(series: readonly StepSeries[]): unknown {
  return series.map(({ labels, values, present, dropName }) => ({
    labels,
    dropName,
    points: Array.from(present, (one, step) => (one === 0 ? '' : String(values[step]))),
  }))
}

describe('topk and bottomk by pieces', () => {
  it.each(['topk', 'bottomk'] as const)('%s keeps what ranking all series at once does', async (operator) => {
    const node = nodeOf(operator)
    await fc.assert(
      fc.asyncProperty(rows, limits, fc.integer({ min: 1, max: 5 }), async (series, wanted, size) => {
        const parameter = { type: 'scalar', values: Float64Array.from(wanted) } as const
        const places = placesOf(parameter)
        if (places === undefined) {
          expect(Math.max(...wanted)).toBe(0)
          return
        }
        const fold = new RankFold(operator, node, places, context)
        for (let at = 0; at < series.length; at += size) fold.add(series.slice(at, at + size))
        const whole = await evaluateAggregation(node, series, parameter, context)
        expect(shown(fold.finish())).toEqual(shown(whole))
      }),
    )
  })
})
