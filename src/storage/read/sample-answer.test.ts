import { describe, expect, it } from 'vitest'
import { AnswerMemory, SampleAnswer } from './sample-answer.ts'

/** A block of three columns as ClickHouse sends it. */
function blockOf(rows: readonly (readonly [tag: number, at: number, value: number])[], type = 'UInt32'): Buffer {
  const n = rows.length
  const head = (name: string, of: string): Buffer =>
    Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from([of.length]), Buffer.from(of)])
  const bytes = (numbers: ArrayBufferView): Buffer =>
    Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength)
  return Buffer.concat([
    Buffer.from([3, n]),
    head('tag', 'UInt32'),
    bytes(Uint32Array.from(rows, ([tag]) => tag)),
    head('at', type),
    bytes(type === 'UInt32' ? Uint32Array.from(rows, ([, at]) => at) : Float64Array.from(rows, ([, at]) => at)),
    head('value', 'Float64'),
    bytes(Float64Array.from(rows, ([, , value]) => value)),
  ])
}

function read(bytes: Uint8Array, size: number): (readonly [number, number, number])[] {
  const answer = new SampleAnswer(new AnswerMemory())
  for (let at = 0; at < bytes.length; at += size) answer.write(bytes.subarray(at, at + size))
  return answer
    .finish()
    .flatMap(({ tags, times, values }) =>
      Array.from(tags, (tag, i) => [tag, times[i] ?? NaN, values[i] ?? NaN] as const),
    )
}

describe('an answer with samples', () => {
  const first = [
    [1, 10, 0.5],
    [1, 20, -3],
    [4_294_967_295, 4_000_000_000, 1e300],
  ] as const
  const second = [[7, 1, 2]] as const

  it('is read the same wherever its pieces end', () => {
    const bytes = Buffer.concat([blockOf(first), blockOf([]), blockOf(second)])
    for (let size = 1; size <= bytes.length; size++) expect(read(bytes, size)).toEqual([...first, ...second])
  })

  it('has times as 64 bits where the range is long', () => {
    const rows = [[1, 5_000_000_000_000, 1]] as const
    expect(read(blockOf(rows, 'Float64'), 7)).toEqual(rows)
  })

  it('is refused when it ends in the middle or has other columns', () => {
    const bytes = blockOf(first)
    for (let length = 1; length < bytes.length; length++) {
      expect(() => read(bytes.subarray(0, length), 16)).toThrow('ends in the middle')
    }
    expect(() => read(blockOf(first, 'Int64'), 1_000)).toThrow('column at')
    expect(() => read(Buffer.alloc(1_000, 0xff), 1_000)).toThrow('cannot be read')
  })

  it('is put into memory that the next answer uses again', () => {
    const memory = new AnswerMemory()
    const answers = [first, first, second].map((rows) => {
      const answer = new SampleAnswer(memory)
      answer.write(blockOf(rows))
      return answer.finish()[0]
    })
    // The first one found none.
    expect(answers[2]?.tags.buffer).toBe(answers[1]?.tags.buffer)
  })
})
