import { describe, expect, it } from 'vitest'
import { levelOfLine, levelOfSeverity, normalizeLevel } from './log-level.ts'

describe('the level that a line tells', () => {
  it.each([
    ['', 'unknown'],
    ['GET /', 'unknown'],
    ['an INFO line', 'info'],
    ['[err] no', 'error'],
    ['2026 ERROR no', 'error'],
    ['warning: hot', 'warn'],
    ['CRITICAL: hot', 'critical'],
    ['debugging', 'debug'],
    // Infos come first.
    ['error: no information', 'info'],
    ['level=warn msg=info', 'warn'],
    ['severity=info level=warn', 'warn'],
    ['LeVeL=wrn', 'warn'],
    ['level="ERROR" x', 'error'],
    ['level="a\\"b" lvl=trc', 'unknown'],
    ['level=odd error', 'error'],
    ['=info level=debug', 'debug'],
    ['{"level":"info"}', 'info'],
    [' { "x" : [ { "level" : "warn" } ] , "Level" : "ERR" } ', 'error'],
    ['{"msg":"\\"level\\":\\"info\\"","lvl":"dbg"}', 'debug'],
    ['{"a":{"b":{"level":"fatal"}},"severity":"trace"}', 'trace'],
    ['{"level":30,"x":"y"}', 'unknown'],
    ['{"level":"weird"}', 'unknown'],
    ['{"level":{"level":"warn"}}', 'warn'],
    ['{"a":"level","b":"info"}', 'info'],
    ['{"LeVeL":"warn"}', 'unknown'],
    ['{"constructor":"x"}', 'unknown'],
    ['level=constructor', 'unknown'],
    ['{"level":"', 'unknown'],
    ['{"a":1,}', 'unknown'],
  ])('%s', (line, level) => {
    expect(levelOfLine(line)).toBe(level)
  })

  it('knows the numbers of OTLP', () => {
    expect([1, 4, 5, 9, 13, 17, 20, 21, 24, 25].map(levelOfSeverity)).toEqual([
      'trace',
      'trace',
      'debug',
      'info',
      'warn',
      'error',
      'error',
      'fatal',
      'fatal',
      'unknown',
    ])
  })

  it('spells levels in one way and leaves what is none', () => {
    expect(['Information', 'WRN', 'Audit', 'toString'].map(normalizeLevel)).toEqual([
      'info',
      'warn',
      'Audit',
      'toString',
    ])
  })
})
