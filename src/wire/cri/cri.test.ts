import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newCriLine, parseCriLine } from './index.ts'

const utf8 = new TextEncoder()

function parse(line: string): string {
  const bytes = utf8.encode(`##${line}##`)
  const into = newCriLine()
  if (!parseCriLine(bytes, 2, bytes.length - 2, into)) return 'no'
  const text = new TextDecoder().decode(bytes.subarray(into.textStart, into.textEnd))
  return `${String(into.timeUnixNano)} ${into.stream} ${into.partial ? 'P' : 'F'} [${text}]`
}

describe('parseCriLine', () => {
  const cases: readonly (readonly [line: string, expected: string])[] = [
    ['2026-01-02T03:04:05.678901234Z stdout F hello world', '1767323045678901234 stdout F [hello world]'],
    ['2026-01-02T03:04:05.678901234Z stderr P half', '1767323045678901234 stderr P [half]'],
    ['2026-01-02T03:04:05Z stdout F no fraction', '1767323045000000000 stdout F [no fraction]'],
    ['2026-01-02T03:04:05.5+04:00 stdout F zone', '1767308645500000000 stdout F [zone]'],
    ['2026-01-02T03:04:05.5-00:30 stdout F zone', '1767324845500000000 stdout F [zone]'],
    ['2026-01-02T03:04:05.1234567899999Z stdout F more digits', '1767323045123456789 stdout F [more digits]'],
    ['2026-01-02T03:04:05.678901234Z stdout F:tag:x tagged', '1767323045678901234 stdout F [tagged]'],
    ['2026-01-02T03:04:05.678901234Z stdout P:tag', '1767323045678901234 stdout P []'],
    ['2026-01-02T03:04:05.678901234Z stdout F ', '1767323045678901234 stdout F []'],
    ['2026-01-02T03:04:05.678901234Z stdout F', '1767323045678901234 stdout F []'],
    [
      '2026-01-02T03:04:05.678901234Z stdout F  leading space kept',
      '1767323045678901234 stdout F [ leading space kept]',
    ],
    ['2024-02-29T00:00:00Z stdout F leap day', '1709164800000000000 stdout F [leap day]'],
    ['2025-02-29T00:00:00Z stdout F no leap day', 'no'],
    ['2026-13-02T03:04:05Z stdout F month', 'no'],
    ['2026-01-02T24:04:05Z stdout F hour', 'no'],
    ['2026-01-02T03:04:05.Z stdout F empty fraction', 'no'],
    ['2026-01-02T03:04:05 stdout F no zone', 'no'],
    ['2026-01-02 03:04:05Z stdout F space', 'no'],
    ['2026-01-02T03:04:05Z stdin F stream', 'no'],
    ['2026-01-02T03:04:05Z stdout X tag', 'no'],
    ['2026-01-02T03:04:05Z stdout Full tag', 'no'],
    ['2026-01-02T03:04:05Z stdout', 'no'],
    ['2026-01-02T03:04:05Z', 'no'],
    ['{"log":"docker"}', 'no'],
    ['', 'no'],
  ]
  it.each(cases)('%s', (line, expected) => {
    expect(parse(line)).toBe(expected)
  })

  it('reads any time that JavaScript prints', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), fc.integer({ min: 0, max: 999_999 }), (ms, nanos) => {
        const stamp = new Date(ms).toISOString().replace('Z', `${String(nanos).padStart(6, '0')}Z`)
        const expected = BigInt(ms) * 1_000_000n + BigInt(nanos)
        expect(parse(`${stamp} stdout F x`)).toBe(`${String(expected)} stdout F [x]`)
      }),
    )
  })

  it('never throws and never looks outside its bounds', () => {
    const good = '2026-01-02T03:04:05.678901234Z stdout F text'
    fc.assert(
      fc.property(fc.nat(good.length), fc.uint8Array({ maxLength: 20 }), (cut, noise) => {
        const bytes = new Uint8Array([...utf8.encode(good.slice(0, cut)), ...noise])
        const into = newCriLine()
        for (let end = 0; end <= bytes.length; end++) {
          // The bytes after `end` would make the line valid; they must not be seen.
          const longer = new Uint8Array([...bytes.subarray(0, end), ...utf8.encode(good.slice(end))])
          if (parseCriLine(longer, 0, end, into)) {
            expect(into.textStart).toBeLessThanOrEqual(end)
            expect(into.textEnd).toBe(end)
            expect(end).toBeGreaterThanOrEqual(29)
          }
        }
      }),
    )
  })
})
