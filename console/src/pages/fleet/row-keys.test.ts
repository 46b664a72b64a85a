import { expect, it } from 'vitest'
import { moveBy } from './row-keys.ts'

it.each([
  [undefined, 1, 'a'],
  [undefined, -1, 'c'],
  ['a', 1, 'b'],
  ['b', -1, 'a'],
  ['a', -1, 'a'],
  ['c', 1, 'c'],
  // Chosen, and then out of sight.
  ['gone', 1, 'a'],
] as const)('from %s by %d is %s', (from, step, to) => expect(moveBy(['a', 'b', 'c'], from, step)).toBe(to))

it('leads nowhere without rows', () => expect(moveBy([], undefined, 1)).toBeUndefined())
