import { describe, expect, it } from 'vitest'
import { TraceBatches } from './trace-batches.ts'

const traces = (count: number, spans: number): unknown[][] =>
  Array.from({ length: count }, () => new Array<unknown>(spans))

describe('how many traces are loaded at once', () => {
  it('doubles while traces are small or not there, up to a bound', () => {
    const batches = new TraceBatches(20)
    const sizes = [100, 0, 10, 10, 10, 10, 10, 10, 10].map((count) => {
      batches.loaded(traces(count, 2))
      return batches.size
    })
    expect(sizes).toEqual([40, 80, 160, 320, 640, 1280, 2560, 3200, 3200])
  })

  it('shrinks to what large traces allow, to one at least', () => {
    const batches = new TraceBatches(100)
    batches.loaded(traces(10, 5_000))
    expect(batches.size).toBe(10)
    batches.loaded(traces(1, 10_000_000))
    expect(batches.size).toBe(1)
  })
})
