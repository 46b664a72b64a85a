import { maskText } from './mask.ts'
import { normalize } from './pseudonym.ts'
import type { Find } from './resolve-matches.ts'

/** The text with what was found replaced. */
export function replaceFinds(bytes: Uint8Array, start: number, end: number, finds: readonly Find[]): Uint8Array {
  const [first] = finds
  if (finds.length === 1 && first?.start === start && first.end === end) return replacementOf(bytes, first)
  const parts: Uint8Array[] = []
  let from = start
  for (const find of finds) {
    const replacement = replacementOf(bytes, find)
    parts.push(bytes.subarray(from, find.start))
    if (isJsonNumber(bytes, start, end, find)) parts.push(QUOTE, replacement, QUOTE)
    else parts.push(replacement)
    from = find.end
  }
  parts.push(bytes.subarray(from, end))
  return Buffer.concat(parts)
}

const utf8 = new TextDecoder()

function replacementOf(bytes: Uint8Array, { rule, start, end }: Find): Uint8Array {
  if (rule.pseudonym !== undefined) {
    const value = normalize(rule.name, utf8.decode(bytes.subarray(start, end)))
    return Buffer.from(`[${rule.name}:${rule.pseudonym(rule.name, value)}]`)
  }
  return rule.action === 'mask' ? maskText(bytes, start, end) : rule.replacement
}

const QUOTE = Buffer.from('"')

/** Whether the find is a number in a JSON object that is written as text: what replaces it has to be a string. */
function isJsonNumber(bytes: Uint8Array, start: number, end: number, find: Find): boolean {
  if (bytes[start] !== 0x7b) return false
  for (let i = find.start; i < find.end; i++) if ((bytes[i] ?? 0) < 0x30 || (bytes[i] ?? 0) > 0x39) return false
  return (
    BEFORE_VALUE.has(nextOf(bytes, find.start - 1, start, end, -1)) &&
    AFTER_VALUE.has(nextOf(bytes, find.end, start, end, 1))
  )
}

/** `:`, `,` and `[`; and `,`, `}` and `]`. */
const BEFORE_VALUE: ReadonlySet<number> = new Set([0x3a, 0x2c, 0x5b])
const AFTER_VALUE: ReadonlySet<number> = new Set([0x2c, 0x7d, 0x5d])

/** The first byte from `at` on that is no blank, in one direction; 0 at the end of the text. */
function nextOf(bytes: Uint8Array, at: number, start: number, end: number, step: 1 | -1): number {
  let i = at
  while (i >= start && i < end && (bytes[i] === 0x20 || bytes[i] === 0x0a || bytes[i] === 0x09)) i += step
  return i >= start && i < end ? (bytes[i] ?? 0) : 0
}
