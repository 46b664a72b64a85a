import { describe, expect, it } from 'vitest'
import { mergeRemoteWrite2, readSeries, RemoteWriteWriter, splitRemoteWrite2 } from './index.ts'

/** Series of one counter each, with that many samples. */
function request(names: readonly string[], samples: number, startMs = 0): Uint8Array {
  const writer = new RemoteWriteWriter()
  for (const name of names) {
    writer.beginSeries(['__name__', name, 'job', 'j'])
    for (let i = 0; i < samples; i++) writer.sample(i + 0.5, startMs + 1_000 * (i + 1), 500)
    writer.exemplar(['trace_id', `t-${name}`], 1, startMs + 1_000)
    writer.metadata('counter', `help of ${name}`, 'seconds')
    writer.endSeries()
  }
  return writer.finish()
}

function native(): Uint8Array {
  const writer = new RemoteWriteWriter()
  writer.beginSeries(['__name__', 'h'])
  writer.histogram({
    timestampMs: 9,
    schema: 1,
    zeroThreshold: 0,
    sum: 3,
    resetHint: 'no',
    negativeSpans: [],
    positiveSpans: [{ offset: 1, length: 2 }],
    counts: { kind: 'integer', count: 3n, zeroCount: 0n, negativeDeltas: [], positiveDeltas: [1n, 1n] },
  })
  writer.endSeries()
  return writer.finish()
}

describe('mergeRemoteWrite2', () => {
  it('holds all series of all requests, each with its own texts', () => {
    const parts = [request(['a', 'b'], 2), native(), request(['b', 'c'], 1, 5_000)]
    expect([...readSeries(mergeRemoteWrite2(parts))]).toEqual(parts.flatMap((part) => [...readSeries(part)]))
  })

  it('writes equal texts once', () => {
    const one = request(['a'], 1)
    expect(mergeRemoteWrite2([one, one, one]).length).toBeLessThan(2.5 * one.length)
    expect(mergeRemoteWrite2([one])).toBe(one)
  })
})

describe('splitRemoteWrite2', () => {
  it('cuts between samples, also of one series, and again until one is left', () => {
    const payload = request(['a', 'b'], 3)
    const all: Uint8Array[] = []
    const cut = (part: Uint8Array): void => {
      const halves = splitRemoteWrite2(part)
      if (halves === undefined) all.push(part)
      else for (const half of halves) cut(half.payload)
    }
    cut(payload)
    expect(all).toHaveLength(6)
    const singles = all.flatMap((part) => [...readSeries(part)])
    const facts = singles.map(({ labels, samples, exemplars, help }) => [
      labels[0]?.[1],
      samples.map(({ timestampMs }) => timestampMs),
      exemplars.length,
      help,
    ])
    expect(facts).toEqual(
      ['a', 'b'].flatMap((name) => [1, 2, 3].map((i) => [name, [1_000 * i], i === 1 ? 1 : 0, `help of ${name}`])),
    )
    expect(splitRemoteWrite2(native())).toBeUndefined()
  })
})
