import { describe, expect, it } from 'vitest'
import type { BatchId } from '../model/index.ts'
import { SourceWindows } from './source-windows.ts'

function id(first: number, last: number, epoch = 'e1', edge = 'dev/a'): BatchId {
  return { edge, epoch, first, last }
}

const LIMITS = { maxEdges: 3, maxEpochsPerEdge: 2, maxRangesPerEpoch: 3 }

describe('source windows', () => {
  it('tell what is missing of a batch, apart for each log of each sender', () => {
    const windows = new SourceWindows(LIMITS)
    windows.add(id(0, 9))
    windows.add(id(15, 19))
    expect(windows.missing(id(0, 9))).toEqual([])
    expect(windows.missing(id(5, 16))).toEqual([{ first: 10, last: 14 }])
    expect(windows.held(id(5, 16))).toEqual([
      { first: 5, last: 9 },
      { first: 15, last: 16 },
    ])
    expect(windows.missing(id(0, 9, 'e2'))).toEqual([{ first: 0, last: 9 }])
    expect(windows.missing(id(0, 9, 'e1', 'dev/b'))).toEqual([{ first: 0, last: 9 }])
  })

  it('cost one range for a sender that sends in order', () => {
    const windows = new SourceWindows(LIMITS)
    for (let first = 0; first < 10_000; first += 10) windows.add(id(first, first + 9))
    expect(windows.ranges('dev/a', 'e1')).toEqual([{ first: 0, last: 9_999 }])
  })

  it('forget the log that was silent longest, and count it', () => {
    const windows = new SourceWindows(LIMITS)
    windows.add(id(0, 1, 'e1'))
    windows.add(id(0, 1, 'e2'))
    windows.add(id(2, 3, 'e1'))
    windows.add(id(0, 1, 'e3'))
    expect(windows.ranges('dev/a', 'e2')).toEqual([])
    expect(windows.ranges('dev/a', 'e1')).toEqual([{ first: 0, last: 3 }])
    expect(windows.forgotten).toEqual({ edges: 0, epochs: 1, gaps: 0 })
  })

  it('forget the sender that was silent longest, and count it', () => {
    const windows = new SourceWindows(LIMITS)
    for (const edge of ['a', 'b', 'c', 'a', 'd']) windows.add(id(0, 1, 'e', edge))
    expect(['a', 'b', 'c', 'd'].filter((edge) => windows.ranges(edge, 'e').length > 0)).toEqual(['a', 'c', 'd'])
    expect(windows.forgotten.edges).toBe(1)
  })

  it('close the lowest gap when there are too many, and count it', () => {
    const windows = new SourceWindows(LIMITS)
    for (const first of [0, 10, 20, 30]) windows.add(id(first, first))
    expect(windows.ranges('dev/a', 'e1')).toEqual([
      { first: 0, last: 10 },
      { first: 20, last: 20 },
      { first: 30, last: 30 },
    ])
    expect(windows.forgotten.gaps).toBe(1)
  })

  it('are the same after saving and restoring, the order of forgetting included', () => {
    const windows = new SourceWindows(LIMITS)
    windows.add(id(0, 5, 'e1', 'b'))
    windows.add(id(0, 5, 'e1', 'a'))
    windows.add(id(9, 9, 'e2', 'a'))
    windows.add(id(7, 8, 'e1', 'a'))
    const restored = new SourceWindows(
      LIMITS,
      JSON.parse(JSON.stringify(windows.save())) as ReturnType<typeof windows.save>,
    )
    expect(restored.save()).toEqual(windows.save())
    restored.add(id(0, 0, 'e3', 'a'))
    expect(restored.ranges('a', 'e2')).toEqual([])
    expect(restored.ranges('a', 'e1')).toHaveLength(2)
  })
})
