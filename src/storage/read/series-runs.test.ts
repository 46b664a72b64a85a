import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isStaleAt, STALE_NAN_BYTES } from '../../model/index.ts'
import { RunCollector, SampleBuffers, type SampleRows } from './series-runs.ts'

type Row = readonly [tag: number, time: number, value: number]

function rowsOf(rows: readonly Row[]): SampleRows {
  return {
    tags: Uint32Array.from(rows, ([tag]) => tag),
    times: Uint32Array.from(rows, ([, time]) => time),
    values: Float64Array.from(rows, ([, , value]) => value),
  }
}

const BASE = 1_000_000
const TAGS = [7, 3, 4_294_967_295]

describe('rows of parts, put together by series', () => {
  const row = fc.tuple(fc.constantFrom(...TAGS, 5), fc.nat(20), fc.integer({ min: 0, max: 9 }))
  /** As a part has them: by series and time. */
  const part = fc.array(row, { maxLength: 30 }).map((rows) => rows.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]))

  it('has the rows of each series, runs in the order in which they begin, and says what does not ascend', () => {
    const buffers = new SampleBuffers()
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const lists = new RunCollector(TAGS, parts.map(rowsOf)).collect(BASE, buffers)
        TAGS.forEach((tag, i) => {
          const runs = parts.map((rows) => rows.filter(([one]) => one === tag)).filter((run) => run.length > 0)
          const expected = runs.toSorted((a, b) => (a[0]?.[1] ?? 0) - (b[0]?.[1] ?? 0)).flat()
          const [from, to] = [lists.bounds[i], lists.bounds[i + 1]]
          expect([...lists.timesMs.subarray(from, to)]).toEqual(expected.map(([, time]) => BASE + time))
          expect([...lists.values.subarray(from, to)]).toEqual(expected.map(([, , value]) => value))
          const ascends = expected.every(([, time], k) => k === 0 || time > (expected[k - 1]?.[1] ?? 0))
          expect(lists.unsorted[i]).toBe(ascends ? 0 : 1)
        })
      }),
    )
  })

  it('keeps the bits of stale markers and says where there are any', () => {
    const stale = new Float64Array(Uint8Array.from(STALE_NAN_BYTES).buffer)
    const rows = rowsOf([
      [3, 1, 1],
      [3, 2, 0],
      [7, 1, NaN],
    ])
    new Uint8Array(rows.values.buffer).set(new Uint8Array(stale.buffer), 8)
    const lists = new RunCollector([3, 7], [rows]).collect(0, new SampleBuffers())
    const words = new Uint32Array(lists.values.buffer)
    expect([0, 1, 2].map((i) => isStaleAt(words, i))).toEqual([false, true, false])
    expect([...lists.stale]).toEqual([1, 0])
  })
})
