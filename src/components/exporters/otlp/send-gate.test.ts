import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../core/index.ts'
import { SendGate } from './send-gate.ts'

const forever = new AbortController().signal
const never = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))

function createGate(options: { window?: number; initialMs?: number } = {}): SendGate {
  return new SendGate(systemClock, { window: 4, initialMs: 1, maxMs: 1_000, random: () => 1, ...options })
}

async function enter(gate: SendGate, count: number): Promise<{ inside: number }> {
  const state = { inside: 0 }
  for (let i = 0; i < count; i++) void gate.pass().then(() => (state.inside += 1))
  await new Promise((resolve) => setTimeout(resolve, 5))
  return state
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))

describe('SendGate', () => {
  it('lets as many through as the window allows', async () => {
    const gate = createGate()
    const state = await enter(gate, 6)
    expect(state.inside).toBe(4)
    gate.leave('succeeded')
    await settle()
    expect(state.inside).toBe(5)
    gate.leave('failed')
    await settle()
    expect(state.inside).toBe(6)
  })

  it('lets what is live go before the backlog, which gets every fourth turn', async () => {
    const gate = createGate({ window: 1 })
    await gate.pass()
    const order: string[] = []
    for (const lane of ['backlog', 'live'] as const) {
      for (let i = 0; i < 6; i++) {
        void gate.pass(lane).then(() => {
          order.push(lane)
          gate.leave('succeeded')
        })
      }
    }
    gate.leave('succeeded')
    await settle()
    const turns = order.map((lane) => lane.charAt(0)).join('')
    expect(turns).toBe('lllblllbbbbb')
  })

  it('narrows to one when requests time out, and widens again', async () => {
    const gate = createGate()
    const state = await enter(gate, 8)
    for (let i = 0; i < 4; i++) gate.leave('timed out')
    await settle()
    expect([gate.limit, state.inside]).toEqual([1, 5])
    gate.leave('succeeded')
    await settle()
    expect([gate.limit, state.inside]).toEqual([2, 7])
    gate.leave('succeeded')
    gate.leave('succeeded')
    await settle()
    expect([gate.limit, state.inside]).toEqual([4, 8])
  })

  it('holds everything back after a failure, longer each time, until something succeeds', async () => {
    const gate = createGate({ initialMs: 20 })
    const waits: number[] = []
    for (const how of ['failed', 'failed', 'failed', 'succeeded', 'failed'] as const) {
      const before = performance.now()
      await gate.pass()
      waits.push(performance.now() - before)
      gate.leave(how)
      if (how === 'failed') gate.close(forever, 0, never)
    }
    const [first, second, third, fourth, afterSuccess] = waits as [number, number, number, number, number]
    expect(first).toBeLessThan(15)
    expect(second).toBeGreaterThanOrEqual(19)
    expect(third).toBeGreaterThanOrEqual(39)
    expect(fourth).toBeGreaterThanOrEqual(79)
    expect(afterSuccess).toBeLessThan(15)
  })

  it('opens early for a reason, and when it is no longer wanted', async () => {
    const gate = createGate({ initialMs: 1_000 })
    const before = performance.now()
    gate.close(forever, 60_000, () => Promise.resolve())
    await gate.pass()
    gate.leave('failed')
    const stop = new AbortController()
    gate.close(stop.signal, 60_000, never)
    stop.abort()
    await gate.pass()
    expect(performance.now() - before).toBeLessThan(500)
  })
})
