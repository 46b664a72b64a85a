import { describe, expect, it } from 'vitest'
import { Progress } from './progress.ts'

describe('Progress', () => {
  it('moves over what is complete from the front, in whatever order it ends', () => {
    const progress = new Progress(10)
    const [a, b, c] = [progress.begin(15, 50), progress.begin(20, 40), progress.begin(22, 60)]
    const steps: (readonly [number, number | undefined])[] = []
    for (const done of [b, c, a]) {
      done()
      steps.push([progress.position, progress.oldestAtMs])
    }
    expect(steps).toEqual([
      [10, 50],
      [10, 50],
      [22, undefined],
    ])
    progress.begin(30)()
    expect(progress.position).toBe(30)
  })
})
