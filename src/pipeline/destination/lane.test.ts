import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Lane } from './lane.ts'
import { LaneRig, until, wordBatch } from './testing/lane-rig.ts'

const words = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${String(i)}`)

describe('lane', () => {
  let rig: LaneRig

  beforeEach(async () => {
    rig = await LaneRig.open()
  })
  afterEach(() => rig.close())

  /** Appends and waits until the cursor is behind everything. */
  async function finish(lane: Lane): Promise<void> {
    await until(() => lane.report().position === rig.log.durableEnd, 'everything is done with')
  }

  it('sends what comes after it was added, in groups by count, and commits', async () => {
    await rig.append(wordBatch('before'))
    const lane = await rig.startLane({ limits: { items: 3, bytes: 1 << 20, waitMs: 5, concurrency: 1 } })
    await rig.append(...words('w', 10).map((word) => wordBatch(word)))
    await finish(lane)
    expect(rig.vendor.taken).toEqual(words('w', 10))
    expect(rig.vendor.requests).toBe(4)
    expect(lane.report()).toMatchObject({
      state: 'up',
      lagMs: 0,
      inFlight: { items: 0, bytes: 0 },
      counts: { deliveredItems: 10, requests: { delivered: 4 }, undelivered: {}, deadLetters: {} },
      clusters: [{ delivered: 10, lost: 0, filtered: 0, waiting: 0 }],
    })
  })

  it('begins in the past when it is asked to, and after a restart where it was', async () => {
    const old = Date.now() - 7_200_000
    await rig.append(...words('old', 400).map((word) => wordBatch(word, old)))
    await rig.append(...words('recent', 400).map((word) => wordBatch(word)))
    const first = await rig.startLane({}, 3_600_000)
    await finish(first)
    await first.stop()
    await rig.append(wordBatch('later'))
    await finish(await rig.startLane({}, 3_600_000))
    expect(rig.vendor.taken).toEqual([...words('recent', 400), 'later'])
  })

  it('finds one poisoned item among thousands and puts it aside', async () => {
    rig.vendor.answer = ({ words: sent }) =>
      sent.includes('poison') ? { t: 'refused', reason: 'no_poison', detail: 'bad' } : { t: 'delivered' }
    const lane = await rig.startLane()
    const good = words('w', 4_095)
    await rig.append(wordBatch([...good.slice(0, 1_234), 'poison', ...good.slice(1_234)].join(' ')))
    await finish(lane)
    expect(rig.vendor.taken).toEqual(good)
    expect(rig.vendor.requests).toBe(1 + 2 * 12)
    expect(await rig.deadLetters()).toEqual(['no_poison: poison'])
    expect(lane.report()).toMatchObject({
      state: 'up',
      counts: { deliveredItems: 4_095, deadLetters: { no_poison: 1 } },
      clusters: [{ delivered: 4_095, lost: 1, waiting: 0 }],
    })
  })

  it('delivers what was put aside when somebody wants it, and says when it is refused again', async () => {
    let refuses = true
    rig.vendor.answer = ({ words: sent }) =>
      refuses && sent.includes('poison') ? { t: 'refused', reason: 'no_poison', detail: 'bad' } : { t: 'delivered' }
    const lane = await rig.startLane()
    await rig.append(wordBatch('a poison b'))
    await finish(lane)
    const [name] = (await rig.box.list()).letters
    const letter = name && (await rig.box.read(name))
    if (letter === undefined) throw new Error('there is no letter')
    const { signal } = new AbortController()
    expect(await lane.redeliver(letter, signal)).toBe('refused')
    refuses = false
    expect(await lane.redeliver(letter, signal)).toBe('delivered')
    expect(rig.vendor.taken).toEqual(['a', 'b', 'poison'])
  })

  it('cuts what is too large, and puts aside what stays too large', async () => {
    rig.vendor.answer = ({ words: sent }) =>
      sent.join(' ').length > 10 ? { t: 'too-large', detail: 'limit' } : { t: 'delivered' }
    const lane = await rig.startLane()
    await rig.append(wordBatch('aa bb cc dd ee enormousword ff'))
    await finish(lane)
    expect(rig.vendor.taken).toEqual(['aa', 'bb', 'cc', 'dd', 'ee', 'ff'])
    expect(await rig.deadLetters()).toEqual(['too_large: enormousword'])
  })

  it('tries slowly and cuts no more when everything is refused, and goes on when that ends', async () => {
    let refuses = true
    rig.vendor.answer = () => (refuses ? { t: 'refused', reason: 'no', detail: 'no' } : { t: 'delivered' })
    const lane = await rig.startLane({ limits: { items: 100, bytes: 1 << 20, waitMs: 5, concurrency: 1 } })
    await rig.append(...words('w', 1_000).map((word) => wordBatch(`${word} ${word}`)))
    await until(() => lane.report().state === 'misconfigured', 'it is seen')
    await until(() => rig.vendor.requests >= 40, 'it goes on trying')
    refuses = false
    await finish(lane)
    const { deliveredItems, deadLetters } = lane.report().counts
    expect(deliveredItems + (deadLetters['no'] ?? 0)).toBe(2_000)
    // 2000 items alone would be 4000 requests.
    expect(rig.vendor.requests).toBeLessThan(200)
    expect(lane.report().state).toBe('up')
  })

  it('loses nothing while the vendor is away, asks one at a time, and goes on after a restart in the middle', async () => {
    let isAway = true
    rig.vendor.answer = () => (isAway ? { t: 'retry', detail: 'connection refused' } : { t: 'delivered' })
    const options = { limits: { items: 10, bytes: 1 << 20, waitMs: 5, concurrency: 4 } }
    const before = await rig.startLane(options)
    await rig.append(...words('w', 200).map((word) => wordBatch(word)))
    await until(() => rig.vendor.requests > 20, 'it has failed often')
    expect(before.report()).toMatchObject({ state: 'retrying', trouble: { message: 'connection refused' } })
    rig.vendor.mostUnderWay = 0
    await until(() => rig.vendor.requests > 30, 'it has failed more often')
    expect(rig.vendor.mostUnderWay).toBe(1)
    await before.stop()
    isAway = false
    await finish(await rig.startLane(options))
    expect([...rig.vendor.taken].sort()).toEqual([...words('w', 200)].sort())
  })

  it('keeps the order where the protocol needs it', async () => {
    rig.vendor.ordered = true
    rig.vendor.answer = async (_request, count) => {
      await new Promise((resolve) => setTimeout(resolve, count % 3))
      return count % 4 === 0 ? { t: 'retry', detail: 'busy' } : { t: 'delivered' }
    }
    const lane = await rig.startLane({ limits: { items: 5, bytes: 1 << 20, waitMs: 5, concurrency: 8 } })
    await rig.append(...words('w', 100).map((word) => wordBatch(word)))
    await finish(lane)
    expect(rig.vendor.taken).toEqual(words('w', 100))
    expect(rig.vendor.mostUnderWay).toBe(1)
  })

  it('sends the rest of what was taken in part', async () => {
    rig.vendor.answer = (request, count) => {
      const [done, rest] = request.split() ?? []
      if (done === undefined || rest === undefined || count > 5) return { t: 'delivered' }
      return count === 3 ? { t: 'partly', rest: request } : { t: 'partly', rest, afterMs: 1 }
    }
    const lane = await rig.startLane()
    await rig.append(wordBatch(words('w', 64).join(' ')))
    await finish(lane)
    expect(rig.vendor.taken).toEqual(words('w', 64))
    expect(lane.report().counts.deliveredItems).toBe(64)
  })

  it('counts what the protocol cannot send, what the vendor left out, and puts damaged batches aside alone', async () => {
    rig.vendor.answer = () => ({ t: 'delivered', undelivered: [{ reason: 'vendor_limit', items: 1 }] })
    const lane = await rig.startLane()
    await rig.append(wordBatch('a stale b'), wordBatch('damaged x'), wordBatch('c'))
    await finish(lane)
    expect(await rig.deadLetters()).toEqual(['undecodable: damaged x'])
    expect(lane.report().counts).toMatchObject({
      deliveredItems: 1,
      undelivered: { too_old: 1, vendor_limit: 2 },
      deadLetters: { undecodable: 2 },
    })
  })

  it('drops what it is told to, counts each item of it, and holds nothing back', async () => {
    let isAway = true
    rig.vendor.answer = () => (isAway ? { t: 'misconfigured', detail: '401' } : { t: 'delivered' })
    const lane = await rig.startLane({ limits: { items: 10, bytes: 1 << 20, waitMs: 5, concurrency: 2 } })
    await rig.append(...words('w', 300).map((word) => wordBatch(word)))
    await until(() => lane.report().state === 'misconfigured', 'it fails')
    lane.drop(255, 'backlog_full')
    await until(() => lane.report().position >= 250, 'the cursor has moved')
    isAway = false
    await finish(lane)
    const { deliveredItems, undelivered } = lane.report().counts
    expect(undelivered['backlog_full']).toBe(rig.vendor.taken[0] === 'w250' ? 250 : 255)
    expect(deliveredItems + (undelivered['backlog_full'] ?? 0)).toBe(300)
  })

  it('holds a bounded part of the log in memory', async () => {
    rig.vendor.answer = () => ({ t: 'retry', detail: 'away' })
    const lane = await rig.startLane({ limits: { items: 1_000_000, bytes: 64 * 1024, waitMs: 5, concurrency: 1 } })
    const long = 'x'.repeat(100_000)
    for (let i = 0; i < 10; i++) await rig.append(...words('w', 30).map(() => wordBatch(long)))
    await until(() => lane.report().inFlight.bytes >= 8 * 1024 * 1024, 'memory is full')
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(lane.report().inFlight.bytes).toBeLessThan(8 * 1024 * 1024 + 200_000)
  })
})
