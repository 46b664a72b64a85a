import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../core/index.ts'
import { Admission } from './admission.ts'

const forever = new AbortController().signal

function createAdmission(options: { limitBytes?: number; maxWaiting?: number; maxWaitMs?: number } = {}): Admission {
  return new Admission({ clock: systemClock, limitBytes: 100, maxWaiting: 10, maxWaitMs: 1_000, ...options })
}

describe('Admission', () => {
  it('lets in what fits, and the next ones in order as there is room', async () => {
    const admission = createAdmission()
    const first = await admission.reserve(80, forever)
    const entered: string[] = []
    const large = admission.reserve(50, forever).then((reservation) => {
      entered.push('large')
      return reservation
    })
    // It would fit now, but nobody overtakes: a large request would wait for ever.
    const small = admission.reserve(10, forever).then((reservation) => {
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
    const one = await admission.reserve(60, forever)
    await admission.reserve(30, forever)
    one.release()
    one.release()
    one.resize(500)
    expect(admission.reservedBytes).toBe(30)
  })

  it('counts what is taken beyond the reservation', async () => {
    const admission = createAdmission({ maxWaitMs: 30 })
    const liar = await admission.reserve(1, forever)
    liar.resize(200)
    await expect(admission.reserve(1, forever)).rejects.toMatchObject({ code: 'unavailable' })
    liar.release()
    expect(admission.reservedBytes).toBe(0)
  })

  it('turns away whom the line has no place for, and who waits too long', async () => {
    const admission = createAdmission({ maxWaiting: 1, maxWaitMs: 30 })
    const one = await admission.reserve(100, forever)
    const waiting = admission.reserve(1, forever)
    const refusal = { code: 'unavailable', retryAfterMs: 1_000 }
    await expect(admission.reserve(1, forever)).rejects.toMatchObject(refusal)
    await expect(waiting).rejects.toMatchObject(refusal)
    expect(admission.waiting).toBe(0)
    one.release()
    expect((await admission.reserve(100, forever)).bytes).toBe(100)
  })

  it('keeps no place for senders that have gone', async () => {
    const admission = createAdmission()
    const one = await admission.reserve(100, forever)
    const gone = new AbortController()
    const left = admission.reserve(90, gone.signal)
    const next = admission.reserve(20, forever)
    one.resize(50)
    gone.abort()
    await expect(left).rejects.toMatchObject({ code: 'cancelled' })
    expect((await next).bytes).toBe(20)
    expect(admission.reservedBytes).toBe(70)
  })

  it('lets a request in alone that is larger than everything', async () => {
    const admission = createAdmission()
    const one = await admission.reserve(1_000, forever)
    expect(admission.reservedBytes).toBe(100)
    one.release()
    expect(admission.reservedBytes).toBe(0)
  })
})
