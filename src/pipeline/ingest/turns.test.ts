import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Turns } from './turns.ts'

const LARGE = 1_000_000

describe('Turns', () => {
  it('lets small requests begin at once', async () => {
    const turns = new Turns()
    let begun = 0
    for (let i = 0; i < 100; i++) void turns.take('a', 1_000).then(() => (begun += 1))
    await Promise.resolve()
    await Promise.resolve()
    expect(begun).toBe(100)
  })

  it('lets others on the thread between large ones', async () => {
    const turns = new Turns()
    const seen: string[] = []
    for (let i = 0; i < 3; i++) void turns.take('a', LARGE).then(() => seen.push('decoded'))
    for (let i = 0; i < 4; i++) {
      await setImmediate()
      seen.push('served')
    }
    expect(seen.filter((what) => what === 'decoded')).toHaveLength(3)
    // The first began at once, within the same turn of the loop as the second.
    expect(seen.slice(1).join()).not.toContain('decoded,decoded')
  })

  it('serves owners in turn', async () => {
    const turns = new Turns()
    const order: string[] = []
    const take = (owner: string): Promise<unknown> => turns.take(owner, LARGE).then(() => order.push(owner))
    await Promise.all([take('flood'), take('flood'), take('flood'), take('flood'), take('calm'), take('other')])
    expect(order).toEqual(['flood', 'flood', 'calm', 'other', 'flood', 'flood'])
    await take('later')
    expect(order.at(-1)).toBe('later')
  })
})
