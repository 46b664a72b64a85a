import { beforeEach, describe, expect, it } from 'vitest'
import { createMetrics, silentLogger } from '../../core/index.ts'
import { type Envelope, sourceOf } from '../../model/index.ts'
import { batchId, createBatch } from '../testing/batches.ts'
import { HubLedger, type SettledCounts } from './hub-ledger.ts'
import { IntakeBooks } from './intake-books.ts'

const EPOCH = 'log-1'
const envelope = (n: number, edge = 'dev/a'): Envelope => createBatch('x', { ...batchId(n), edge }).envelope
const settled = (of: Envelope, batches: number, rejected: Record<string, number> = {}): SettledCounts => ({
  source: sourceOf(of),
  batches,
  items: batches * of.items,
  rejected,
})

describe('the ledger of a hub', () => {
  let books: IntakeBooks
  let ledger: HubLedger
  const metrics = createMetrics
  beforeEach(() => {
    books = new IntakeBooks(EPOCH, 0, { isNew: true })
    ledger = new HubLedger({ books, log: silentLogger(), metrics: metrics() })
  })

  it('balances while the store follows, and says what waits', () => {
    ledger.begin(0, [])
    for (let n = 0; n < 5; n += 1) books.logged(envelope(n), n)
    ledger.settle(3, [settled(envelope(0), 3, { too_old: 2 })])
    expect(ledger.differences()).toEqual([])
    expect(ledger.balances()).toMatchObject([
      { batches: 5, logged: 15, stored: 7, discarded: { too_old: 2 }, queued: 6, difference: 0 },
    ])
  })

  it('finds what the store did not settle, at the position where it should have', () => {
    ledger.begin(0, [])
    for (let n = 0; n < 5; n += 1) books.logged(envelope(n), n)
    ledger.settle(3, [settled(envelope(0), 2)])
    expect(ledger.differences()).toEqual([{ cluster: 'dev', signal: 'logs', items: 3 }])
    expect(ledger.balances()).toMatchObject([{ stored: 6, queued: 6, difference: 3 }])
  })

  it('finds what was stored twice', () => {
    ledger.begin(0, [])
    books.logged(envelope(0), 0)
    ledger.settle(1, [settled(envelope(0), 2)])
    expect(ledger.differences()).toEqual([{ cluster: 'dev', signal: 'logs', items: -3 }])
  })

  it('tells sources apart that make up for each other', () => {
    ledger.begin(0, [])
    books.logged(envelope(0), 0)
    books.logged(envelope(0, 'dev/b'), 1)
    ledger.settle(2, [settled(envelope(0), 2)])
    expect(ledger.balances().map(({ difference }) => difference)).toEqual([-3, 3])
  })

  it('compares nothing while the store is far behind, and everything when it has caught up', () => {
    ledger.begin(0, [])
    for (let n = 0; n < 40_000; n += 1) books.logged(envelope(n), n)
    ledger.settle(10_000, [settled(envelope(0), 9_999)])
    expect([ledger.isCurrent, ledger.differences()]).toEqual([false, []])
    ledger.settle(40_000, [settled(envelope(0), 30_000)])
    expect([ledger.isCurrent, ledger.differences()]).toEqual([true, [{ cluster: 'dev', signal: 'logs', items: 3 }]])
  })

  it('keeps its books over a restart, exact as of the position at which they were saved', () => {
    for (let n = 0; n < 5; n += 1) books.logged(envelope(n), n)
    const saved = books.save(3)
    const later = new IntakeBooks(EPOCH, 3, { isNew: false, ...(saved === undefined ? {} : { saved }) })
    later.logged(envelope(3), 3)
    later.logged(envelope(4), 4)
    expect(later.read()).toEqual(books.read())
  })

  it('ignores what comes between the end of the store and its beginning', () => {
    ledger.begin(0, [])
    books.logged(envelope(0), 0)
    ledger.pause()
    ledger.settle(1, [])
    expect(ledger.differences()).toEqual([])
    ledger.begin(1, [settled(envelope(0), 1)])
    expect([ledger.isCurrent, ledger.differences()]).toEqual([true, []])
  })

  it('takes over what was stored before its books were begun', () => {
    books = new IntakeBooks(EPOCH, 5, { isNew: false })
    ledger = new HubLedger({ books, log: silentLogger(), metrics: metrics() })
    // Of seven records only the last two were counted, and one came since.
    for (const n of [5, 6, 7]) books.logged(envelope(n), n)
    ledger.begin(7, [settled(envelope(0), 7)])
    expect(ledger.balances()).toMatchObject([{ logged: 24, stored: 21, queued: 3 }])
    ledger.settle(8, [settled(envelope(0), 1)])
    expect(ledger.differences()).toEqual([])
    expect(ledger.balances()).toMatchObject([{ logged: 24, stored: 24 }])
  })

  it('folds the sources that were silent longest and goes on balancing', () => {
    ledger.begin(0, [])
    const pending: SettledCounts[] = []
    for (let n = 0; n < 5_000; n += 1) {
      const of = envelope(0, `dev/${String(n)}`)
      books.logged(of, n)
      pending.push(settled(of, 1))
      if (n % 500 === 499) ledger.settle(n + 1, pending.splice(0))
    }
    expect(books.read().length).toBeLessThanOrEqual(4_097)
    expect(ledger.differences()).toEqual([])
    expect(ledger.balances().reduce((sum, { stored }) => sum + stored, 0)).toBe(15_000)
    const saved = books.save(5_000) ?? { epochs: [], opened: false, sources: [] }
    const restarted = new IntakeBooks(EPOCH, 5_000, { isNew: false, saved })
    const again = new HubLedger({ books: restarted, log: silentLogger(), metrics: metrics() })
    again.begin(
      5_000,
      Array.from({ length: 5_000 }, (_, n) => settled(envelope(0, `dev/${String(n)}`), 1)),
    )
    expect(again.differences()).toEqual([])
  })

  it('shows the difference as a metric', async () => {
    const registry = metrics()
    const shown = new HubLedger({ books, log: silentLogger(), metrics: registry })
    shown.begin(0, [])
    books.logged(envelope(0), 0)
    shown.settle(1, [])
    const { body } = await registry.render()
    expect(body).toContain('fleetglass_ledger_difference_items{source_cluster="dev",signal="logs"} 3')
  })
})
