import { expect, it } from 'vitest'
import { createTurns } from './turns.ts'

const never = new AbortController().signal
const deferred = (): { promise: Promise<void>; resolve: () => void } => {
  let resolve = (): void => undefined
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

it('runs no more than the limit at once, in order', async () => {
  const take = createTurns(2)
  const gates = Array.from({ length: 4 }, deferred)
  const started: number[] = []
  const runs = gates.map(({ promise }, index) =>
    take(async () => {
      started.push(index)
      await promise
    }, never),
  )
  await Promise.resolve()
  expect(started).toEqual([0, 1])
  gates[1]?.resolve()
  await runs[1]
  await Promise.resolve()
  expect(started).toEqual([0, 1, 2])
  for (const { resolve } of gates) resolve()
  await Promise.all(runs)
  expect(started).toEqual([0, 1, 2, 3])
})

it('one that is no longer needed gives its turn up', async () => {
  const take = createTurns(1)
  const gate = deferred()
  const first = take(() => gate.promise, never)
  const leaving = new AbortController()
  const second = take(() => Promise.resolve('second'), leaving.signal)
  const third = take(() => Promise.resolve('third'), never)
  leaving.abort()
  await expect(second).rejects.toThrow(/abort/i)
  gate.resolve()
  await first
  await expect(third).resolves.toBe('third')
})

it('a task that fails leaves its turn to the next', async () => {
  const take = createTurns(1)
  await expect(take(() => Promise.reject(new Error('no')), never)).rejects.toThrow('no')
  await expect(take(() => Promise.resolve(1), never)).resolves.toBe(1)
})
