import { describe, expect, it } from 'vitest'
import { systemClock } from '../../core/index.ts'
import { Admission, type AdmissionOptions } from './admission.ts'
import { RetryHints } from './retry-hints.ts'

const forever = new AbortController().signal

/** One owner may have everything, unless the test says otherwise. */
function createAdmission(options: Partial<AdmissionOptions> = {}): Admission {
  const hints = new RetryHints(systemClock)
  const limits = { limitBytes: 100, ownerShare: 1, maxWaiting: 10, maxWaitMs: 1_000 }
  return new Admission({ clock: systemClock, hints, ...limits, ...options })
}

describe('Admission', () => {
  it('lets in what fits, and the next ones in order as there is room', async () => {
    const admission = createAdmission()
    const first = await admission.reserve('dev', 80, forever)
    const entered: string[] = []
    const large = admission.reserve('dev', 50, forever).then((reservation) => {
      entered.push('large')
      return reservation
    })
    // It would fit now, but nobody overtakes: a large request would wait for ever.
    const small = admission.reserve('dev', 10, forever).then((reservation) => {
      entered.push('small')
      return reservation
    })
    expect([admission.waiting, admission.reservedBytes]).toEqual([2, 80])
    first.resize(40)
    await Promise.all([large, small])
    expect(entered).toEqual(['large', 'small'])
    for (const reservation of [first, await large, await small]) reservation.release()
    expect(admission.reservedBytes).toBe(0)
  })

  it('gives back once, however often it is told', async () => {
    const admission = createAdmission()
    const one = await admission.reserve('dev', 60, forever)
    await admission.reserve('dev', 30, forever)
    one.release()
    one.release()
    one.resize(500)
    expect(admission.reservedBytes).toBe(30)
  })

  it('counts what is taken beyond the reservation', async () => {
    const admission = createAdmission({ maxWaitMs: 30 })
    const liar = await admission.reserve('dev', 1, forever)
    liar.resize(200)
    await expect(admission.reserve('dev', 1, forever)).rejects.toMatchObject({ code: 'unavailable' })
    liar.release()
    expect(admission.reservedBytes).toBe(0)
  })

  it('turns away whom the line has no place for, and who waits too long', async () => {
    const admission = createAdmission({ maxWaiting: 1, maxWaitMs: 30 })
    const one = await admission.reserve('dev', 100, forever)
    const waiting = admission.reserve('dev', 1, forever)
    const refusal = { code: 'unavailable', retryAfterMs: expect.any(Number) as number }
    await expect(admission.reserve('dev', 1, forever)).rejects.toMatchObject(refusal)
    await expect(waiting).rejects.toMatchObject(refusal)
    expect(admission.waiting).toBe(0)
    one.release()
    expect((await admission.reserve('dev', 100, forever)).bytes).toBe(100)
  })

  it('keeps no place for senders that have gone', async () => {
    const admission = createAdmission()
    const one = await admission.reserve('dev', 100, forever)
    const gone = new AbortController()
    const left = admission.reserve('dev', 90, gone.signal)
    const next = admission.reserve('dev', 20, forever)
    one.resize(50)
    gone.abort()
    await expect(left).rejects.toMatchObject({ code: 'cancelled' })
    expect((await next).bytes).toBe(20)
    expect(admission.reservedBytes).toBe(70)
  })

  it('lets a request in alone that is larger than everything', async () => {
    const admission = createAdmission()
    const one = await admission.reserve('dev', 1_000, forever)
    expect(admission.reservedBytes).toBe(100)
    one.release()
    expect(admission.reservedBytes).toBe(0)
  })

  it('serves whoever holds least first: a flood waits for itself', async () => {
    const admission = createAdmission({ ownerShare: 0.5 })
    const entered: string[] = []
    const enter = async (owner: string): Promise<void> => {
      const reservation = await admission.reserve(owner, 20, forever)
      entered.push(owner)
      await new Promise((resolve) => setTimeout(resolve, 5))
      reservation.release()
    }
    const flood = Array.from({ length: 8 }, () => enter('flood'))
    // Two of the flood are in, which is all that it may have; the others stand in a line of their own.
    expect([admission.reservedBytes, admission.waiting]).toEqual([40, 6])
    await Promise.all([enter('calm'), enter('other')])
    expect(entered.slice(0, 4).sort()).toEqual(['calm', 'flood', 'flood', 'other'])
    await Promise.all(flood)
    expect([admission.reservedBytes, admission.waiting]).toEqual([0, 0])
  })

  it('takes the place of the longest line when there is none left', async () => {
    const admission = createAdmission({ maxWaiting: 2 })
    const one = await admission.reserve('flood', 100, forever)
    const first = admission.reserve('flood', 10, forever)
    const second = admission.reserve('flood', 10, forever)
    const calm = admission.reserve('calm', 10, forever)
    await expect(second).rejects.toMatchObject({ code: 'unavailable' })
    await expect(admission.reserve('flood', 10, forever)).rejects.toMatchObject({ code: 'unavailable' })
    one.release()
    expect([(await first).bytes, (await calm).bytes]).toEqual([10, 10])
  })
})

describe('RetryHints', () => {
  it('spreads senders, and forgets them', () => {
    let nowMs = 0
    const hints = new RetryHints({ now: () => nowMs, sleep: () => Promise.resolve() }, () => 0.5)
    const herd = Array.from({ length: 5_000 }, () => hints.next())
    expect(herd.slice(0, 3)).toEqual([1_000, 1_010, 1_020])
    expect(Math.max(...herd)).toBe(30_000)
    expect(new Set(herd).size).toBeGreaterThan(2_900)
    nowMs = 60_000
    expect(hints.next()).toBe(1_000)
    expect(hints.next(5_000)).toBe(5_000)
  })
})
