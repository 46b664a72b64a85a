import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AgingTable } from './aging-table.ts'
import { DeltaTotals } from './delta-totals.ts'
import { Sightings } from './sightings.ts'

describe('AgingTable', () => {
  it('behaves like a map as long as there is room', () => {
    const key = fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 }))
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.double({ noNaN: true })), { maxLength: 200 }), (writes) => {
        const table = new AgingTable(100, 2)
        const model = new Map<string, number>()
        for (const [[low, high], value] of writes) {
          const found = table.find(low, high)
          expect(found >= 0).toBe(model.has(`${String(low)},${String(high)}`))
          table.set(found >= 0 ? found : table.add(low, high), 1, value)
          model.set(`${String(low)},${String(high)}`, value)
        }
        expect(table.size).toBe(model.size)
        for (const [text, value] of model) {
          const [low = 0, high = 0] = text.split(',').map(Number)
          expect(table.get(table.find(low, high), 1)).toBe(value)
        }
      }),
    )
  })

  it('drops what was not seen for longest, counts it, and keeps what is seen', () => {
    const table = new AgingTable(1000, 1)
    for (let i = 0; i < 10_000; i++) {
      if (table.find(7, 7) < 0) table.set(table.add(7, 7), 0, 42)
      table.set(table.add(i, i + 1), 0, i)
      expect(table.size).toBeLessThanOrEqual(2000)
    }
    expect(table.get(table.find(7, 7), 0)).toBe(42)
    expect(table.find(0, 1)).toBe(-1)
    expect(table.get(table.find(9999, 10_000), 0)).toBe(9999)
    expect(table.dropped).toBe(10_001 - table.size)
  })
})

describe('Sightings', () => {
  it('covers the hours between the first and the last announced, and forgets them on restore', () => {
    const sightings = new Sightings(10)
    sightings.save()
    const entry = sightings.add(1, 2, -5, 6)
    expect(sightings.covers(entry, 100, 7)).toBe(false)
    sightings.extend(entry, { hour: 100, lastDay: 7 }, 1, 2)
    sightings.save()
    sightings.extend(entry, { hour: 102, lastDay: 7 }, 1, 2)
    expect([99, 100, 101, 102, 103].map((hour) => sightings.covers(entry, hour, 7))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ])
    expect(sightings.covers(entry, 101, 8)).toBe(false)
    expect([sightings.idLow(entry), sightings.idHigh(entry)]).toEqual([-5, 6])
    sightings.restore()
    expect(sightings.covers(sightings.find(1, 2), 101, 7)).toBe(false)
    expect(sightings.idLow(sightings.find(1, 2))).toBe(-5)
  })
})

describe('DeltaTotals', () => {
  it('adds up by series and refuses times that do not advance', () => {
    const totals = new DeltaTotals(10)
    expect(totals.add(1, 1, 10, 5)).toBe(true)
    expect(totals.add(1, 2, 10, 50)).toBe(true)
    expect(totals.add(1, 1, 10, 7)).toBe(false)
    expect(totals.add(1, 1, 11, 7)).toBe(true)
    expect(totals.total).toBe(12)
    expect(totals.size).toBe(2)
  })
})
