import { describe, expect, it } from 'vitest'
import { METRIC_NAME, type Matcher } from '../../model/index.ts'
import { StoreChanges } from '../store-changes.ts'
import { Remembered } from './remembered.ts'
import type { FoundSeries } from './series-lookup.ts'
import { StoreMemory } from './store-memory.ts'

const HOUR = 3_600_000
const NOW = 495_000 * HOUR
const scope = { tenants: ['dev'] }
const named = (value: string): readonly Matcher[] => [{ name: METRIC_NAME, operator: '=', value }]
const one: readonly FoundSeries[] = [{ id: 1n, labels: { [METRIC_NAME]: 'up' } }]

describe('what is remembered of the store', () => {
  it('is read again when it was written', async () => {
    const changes = new StoreChanges()
    const memory = new StoreMemory(changes)
    // As in another thread.
    const writer = new StoreChanges(changes.memory)
    let reads = 0
    const find = (name: string, startMs = NOW + 60_000): Promise<readonly FoundSeries[]> =>
      memory.series(
        { scope, matchers: named(name), labels: undefined, range: { startMs, endMs: startMs + 60_000 } },
        (range) => {
          reads += 1
          expect(range).toEqual({ startMs: NOW, endMs: NOW + HOUR })
          return Promise.resolve(one)
        },
      )
    await find('up')
    await find('up', NOW + 120_000)
    expect(reads).toBe(1)
    writer.wroteSeries(['down'])
    await find('up')
    expect(reads).toBe(1)
    writer.wroteSeries(['down', 'up'])
    await find('up')
    expect(reads).toBe(2)
  })

  it('is of any metric where none is named', async () => {
    const changes = new StoreChanges()
    const memory = new StoreMemory(changes)
    let reads = 0
    const find = (): Promise<readonly FoundSeries[]> =>
      memory.series({ scope, matchers: [], labels: ['a'], range: { startMs: NOW, endMs: NOW + 1 } }, () => {
        reads += 1
        return Promise.resolve(one)
      })
    await find()
    changes.wroteSeries([])
    await find()
    expect(reads).toBe(1)
    changes.wroteSeries(['x'])
    await find()
    expect(reads).toBe(2)
  })

  it('is of a scope, and cut to the range', async () => {
    const memory = new StoreMemory(new StoreChanges())
    const ask = (tenant: string, startMs: number, endMs: number, found: number): Promise<unknown> =>
      memory.packed({ tenants: [tenant] }, { startMs, endMs }, HOUR, ({ startMs: from }) =>
        Promise.resolve({ startMs: from, endMs: found }),
      )
    expect(await ask('a', NOW + 5, NOW + 2 * HOUR - 5, NOW + HOUR)).toEqual({ startMs: NOW + 5, endMs: NOW + HOUR })
    expect(await ask('a', NOW + 7, NOW + 2 * HOUR - 7, 0)).toEqual({ startMs: NOW + 7, endMs: NOW + HOUR })
    expect(await ask('b', NOW + 5, NOW + 2 * HOUR - 5, NOW + 9)).toEqual({ startMs: NOW + 5, endMs: NOW + 9 })
    expect(await ask('b', NOW + 10, NOW + 2 * HOUR - 5, 0)).toBeUndefined()
  })

  it('is nothing where nobody tells of changes', async () => {
    const memory = new StoreMemory()
    let reads = 0
    const range = { startMs: NOW + 5, endMs: NOW + 6 }
    for (let i = 0; i < 2; i++) {
      await memory.hasNoHistograms(scope, range, (asked) => {
        expect(asked).toEqual(range)
        reads += 1
        return Promise.resolve(true)
      })
    }
    expect(reads).toBe(2)
  })

  it('has a bound, and forgets what was not asked for longest', async () => {
    const memory = new Remembered<string>(10)
    const reads: string[] = []
    const get = (key: string, weight = 3): Promise<string> =>
      memory.get(
        key,
        1,
        () => {
          reads.push(key)
          return Promise.resolve(key)
        },
        () => weight,
      )
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await get(key)
    expect(reads).toEqual(['a', 'b', 'c', 'b'])
    await get('large', 6)
    await get('large', 6)
    expect(reads.slice(4)).toEqual(['large', 'large'])
  })
})
