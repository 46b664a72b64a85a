import { describe, expect, it } from 'vitest'
import { type OutgoingRecord, halve, mergeGroup, toGroups, withoutHeld } from './group.ts'

const identity = { cluster: 'c', environment: 'e', region: 'r', clusterType: 'workload', tenant: 't' }

/** `L5` is a log record of 5 bytes, `M` metrics, `T` traces, `R` remote write; `-` is a sequence that is missing. */
function records(script: string): OutgoingRecord[] {
  return script.split(' ').flatMap((text, sequence): OutgoingRecord[] => {
    const kind = text[0]
    if (kind === '-') return []
    const size = text.slice(1)
    const signal = kind === 'L' ? 'logs' : kind === 'T' ? 'traces' : 'metrics'
    const payload = new Uint8Array(Number(size || '1')).fill(sequence)
    const format = kind === 'R' ? 'remote-write-2' : 'otlp'
    return [{ sequence, signal, format, items: 2, collectedAtMs: 100 - sequence, receivedAtMs: 1, identity, payload }]
  })
}

const sequences = (groups: readonly { readonly records: readonly OutgoingRecord[] }[]): number[][] =>
  groups.map((group) => group.records.map(({ sequence }) => sequence))

describe('toGroups', () => {
  it.each([
    ['', []],
    ['L', [[0]]],
    ['L L L', [[0, 1, 2]]],
    ['L L M M T L', [[0, 1], [2, 3], [4], [5]]],
    ['M R R M', [[0], [1], [2], [3]]],
    ['L - L L', [[0], [2, 3]]],
    [
      'L4 L4 L4 L4',
      [
        [0, 1],
        [2, 3],
      ],
    ],
    ['L1 L99 L1', [[0], [1], [2]]],
    ['L10 L1', [[0], [1]]],
  ])('%s', (script, expected) => {
    expect(sequences(toGroups(script === '' ? [] : records(script), 10))).toEqual(expected)
  })
})

describe('mergeGroup', () => {
  it('is the concatenation, with the oldest time of collection', () => {
    const merged = mergeGroup({ records: records('L2 L1 L3') })
    expect(merged).toMatchObject({ signal: 'logs', first: 0, last: 2, items: 6, collectedAtMs: 98 })
    expect([...merged.payload]).toEqual([0, 0, 1, 2, 2, 2])
  })
})

describe('withoutHeld', () => {
  const group = { records: records('L L L L L L') }
  it.each([
    [[{ first: 0, last: 5 }], []],
    [[{ first: 0, last: 1 }], [[2, 3, 4, 5]]],
    [
      [{ first: 2, last: 3 }],
      [
        [0, 1],
        [4, 5],
      ],
    ],
    [
      [
        { first: 0, last: 0 },
        { first: 4, last: 9 },
      ],
      [[1, 2, 3]],
    ],
  ])('%j', (held, expected) => {
    expect(sequences(withoutHeld(group, held))).toEqual(expected)
  })
})

describe('halve', () => {
  it('cuts into two that together are the whole', () => {
    for (const script of ['L L', 'L L L', 'L L L L L']) {
      const group = { records: records(script) }
      const halves = halve(group)
      expect(halves.every((half) => half.records.length > 0)).toBe(true)
      expect(halves.flatMap((half) => half.records)).toEqual(group.records)
    }
  })
})
