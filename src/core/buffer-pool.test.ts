import { describe, expect, it } from 'vitest'
import { BufferPool } from './buffer-pool.ts'

describe('BufferPool', () => {
  it('gives memory out again once it was given back, also through a view', () => {
    const pool = new BufferPool(1 << 20)
    const first = pool.take(20_000)
    expect(first.length).toBe(20_000)
    const other = pool.take(20_000)
    expect(other.buffer).not.toBe(first.buffer)
    pool.giveBack(new Uint8Array(first.buffer, 5, 10))
    expect(pool.take(30_000).buffer).toBe(first.buffer)
  })

  it('takes nothing back twice, and nothing that is not its own', () => {
    const pool = new BufferPool(1 << 20)
    const buffer = pool.take(20_000)
    pool.giveBack(buffer)
    pool.giveBack(buffer)
    expect(pool.take(20_000).buffer).toBe(buffer.buffer)
    expect(pool.take(20_000).buffer).not.toBe(buffer.buffer)

    const foreign = Buffer.allocUnsafeSlow(65_536)
    pool.giveBack(foreign)
    expect(pool.take(65_536).buffer).not.toBe(foreign.buffer)
  })

  it('keeps no more than its limit, and nothing very large', () => {
    const pool = new BufferPool(40_000)
    const buffers = [pool.take(32_768), pool.take(32_768)]
    for (const buffer of buffers) pool.giveBack(buffer)
    const again = [pool.take(32_768).buffer, pool.take(32_768).buffer]
    expect(again.filter((buffer) => buffers.some((given) => given.buffer === buffer))).toHaveLength(1)

    const large = pool.take(5 << 20)
    pool.giveBack(large)
    expect(pool.take(5 << 20).buffer).not.toBe(large.buffer)
  })
})
