import { describe, expect, it } from 'vitest'
import { ALL_FEATURES } from './features.ts'
import { parsePromql } from './parse.ts'
import { printExpr } from './print.ts'
import { resolveDurations } from './resolve-durations.ts'

const resolve = (query: string): string =>
  printExpr(resolveDurations(parsePromql(query, ALL_FEATURES), { stepMs: 15_000, rangeMs: 3_600_000 }))

describe('duration expressions', () => {
  const cases: [string, string][] = [
    ['foo[5m * 2]', 'foo[10m]'],
    ['foo[24m + ((1.5 * 2m) + 2m)]', 'foo[29m]'],
    ['foo[1h30m % 1h]', 'foo[30m]'],
    ['foo[-2 ^ 2 + 10]', 'foo[6s]'],
    ['foo[2 ^ 3 ^ 2 / 512]', 'foo[1s]'],
    ['foo[step() + 1ms]', 'foo[15s1ms]'],
    ['foo[0.0019 + 0]', 'foo[1ms]'],
    ['foo offset -(1h / 2)', 'foo offset -30m'],
    ['foo offset range()', 'foo offset 1h'],
    ['foo offset -max_of(step(), 5m)', 'foo offset -5m'],
    ['foo offset (5m - 5m)', 'foo'],
    [
      'rate(foo[5m + 5m] offset (1m))[1h - 1m:min_of(1m, step())] offset (2m)',
      'rate(foo[10m] offset 1m)[59m:15s] offset 2m',
    ],
    [
      'sum by (a) (foo offset (1m)) / -topk(1, foo offset (2m))',
      'sum by (a) (foo offset 1m) / -topk(1, foo offset 2m)',
    ],
  ]
  it.each(cases)('%s → %s', (query, expected) => {
    expect(resolve(query)).toBe(expected)
  })

  it('are 0 seconds long at one time', () => {
    const expr = parsePromql('foo offset (step() + range())', ALL_FEATURES)
    expect(printExpr(resolveDurations(expr, { stepMs: 0, rangeMs: 0 }))).toBe('foo')
  })

  const failures: [string, string][] = [
    ['foo[5m - 5m]', '4:11: duration must be greater than 0'],
    ['foo[5m - 6m]', '4:11: duration must be greater than 0'],
    ['foo[1 / (1 - 1)]', '4:15: division by zero'],
    ['foo[1 % (1 - 1)]', '4:15: modulo by zero'],
    ['foo[1e9 * 1e9]', '4:13: duration is out of range'],
    ['foo[10 ^ 1000]', '4:13: duration is NaN or infinite'],
    ['foo offset ((-1) ^ 0.5)', 'duration is NaN or infinite'],
  ]
  it.each(failures)('%s', (query, message) => {
    expect(() => resolve(query)).toThrow(message)
  })
})
