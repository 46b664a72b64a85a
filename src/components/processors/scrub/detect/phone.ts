import { findCallingCode } from './calling-codes.ts'
import { DIGIT, isAt, joinsLeft, latin1, WORD } from './chars.ts'
import type { Context } from './context.ts'

const SPACE = 0x20
const OPEN = 0x28
const CLOSE = 0x29
const PLUS = 0x2b
const HYPHEN = 0x2d
const DOT = 0x2e
const SLASH = 0x2f
const ZERO = 0x30
const ONE = 0x31
const COLON = 0x3a

const MIN_DIGITS = 7
const MAX_DIGITS = 15
/** Words that say that a number follows, and what may stand between. */
const NAMED =
  /(?:phone|mobile|msisdn|whatsapp|(?<![a-z])(?:tel|telephone|cell|call|fax|sms|contact|hotline|dial|dialed|dialled))(?:[\s_.:="'#\\()-]|number|nr|no|us|me|is|at|on|to)*$/
const UNIT = /^ ?(?:bytes?|[kmgt]i?b|[mnu]?s|secs?|seconds?|rows?|items?|points?|requests?|records?|hits?|%)(?![a-z])/i
/** Area and exchange. (The plan has no exchange that begins with 1, but examples and test data do.) */
const AREA = /^[2-9](?!11)[0-9]{2}$/
const EXCHANGE = /^[1-9](?!11)[0-9]{2}$/

/**
 * Behind the phone number in international form (E.164) whose `+` stands at `at`, or 0. Groups may be divided by
 * blanks, hyphens, dots and brackets; the country must exist and the number have a length of that country's.
 */
export function internationalEnd(bytes: Uint8Array, at: number, start: number, end: number): number {
  if (isAt(bytes, at - 1, start, end, WORD) || (at > start && bytes[at - 1] === PLUS)) return 0
  return dialledEnd(bytes, at + 1, end)
}

/** Behind calling code and number. */
function dialledEnd(bytes: Uint8Array, at: number, end: number): number {
  if (!isAt(bytes, at, at, end, DIGIT) || bytes[at] === ZERO) return 0
  const code = findCallingCode(latin1(bytes, at, Math.min(at + 3, end)))
  if (code === undefined) return 0
  const least = code.codeLength + code.least
  const most = Math.min(code.codeLength + code.most, MAX_DIGITS)
  let digits = ''
  let good = 0
  let pos = at
  while (pos < end) {
    const group = pos
    while (pos < end && isAt(bytes, pos, group, end, DIGIT)) pos += 1
    // `+44 (0)20 …`: the nought is dialled at home only.
    const isTrunk = pos - group === 1 && bytes[group] === ZERO && bytes[group - 1] === OPEN && bytes[pos] === CLOSE
    if (!isTrunk) digits += latin1(bytes, group, pos)
    if (digits.length > most) break
    if (digits.length >= least && !goesOn(bytes, pos, end)) good = pos
    const next = skipDivider(bytes, pos, end)
    if (next === pos) break
    pos = next
  }
  if (good === 0 || isCounted(bytes, good, end)) return 0
  if (digits.startsWith('1') && !isNorthAmerican(digits.slice(1, 11))) return 0
  return /0{6}$/.test(digits) ? 0 : good
}

/** To the next digit over at most two dividing characters; `at` itself if none follows. */
function skipDivider(bytes: Uint8Array, at: number, end: number): number {
  let to = at
  while (to < end && to - at < 2 && isDivider(bytes[to] ?? 0)) to += 1
  return isAt(bytes, to, at, end, DIGIT) ? to : at
}

function isDivider(byte: number): boolean {
  return byte === SPACE || byte === HYPHEN || byte === DOT || byte === OPEN || byte === CLOSE
}

/** A number that goes on with letters, or behind a point or hyphen with digits, is another one. `x12` is an extension. */
function goesOn(bytes: Uint8Array, at: number, end: number): boolean {
  if (at < end && ((bytes[at] ?? 0) | 0x20) === 0x78 && isAt(bytes, at + 1, at, end, DIGIT)) return false
  return isAt(bytes, at, at, end, WORD)
}

/**
 * Behind the phone number in a national form that begins at `at` with a run of `run` digits, or 0. Known are North
 * American numbers (`202-555-0101`, `1-202-555-0101`), such with the trunk prefix 0 in the groups of several countries
 * (`020 7946 0958`, `06 12 34 56 78`), and `00` before the calling code. With blanks alone or in one run, a number is
 * one only where a word before it says so.
 */
export function nationalEnd(
  bytes: Uint8Array,
  at: number,
  start: number,
  end: number,
  run: number,
  context: Context,
): number {
  if (joinsLeft(bytes, at, start) || (at > start && bytes[at - 1] === SLASH)) return 0
  const found = formedEnd(bytes, at, end, run)
  if (found > 0) return found
  // Anything that could be dialled, where the word right before it says that it is.
  const to = dialableEnd(bytes, at, end)
  return to > 0 && context.saysDirectly(bytes, at, NAMED) && !isCounted(bytes, to, end) ? to : 0
}

/** Of the forms that are plain without any words. */
function formedEnd(bytes: Uint8Array, at: number, end: number, run: number): number {
  if (bytes[at] === ZERO) {
    if (!isAt(bytes, at + 1, at, end, DIGIT) || bytes[at + 1] !== ZERO) return shapedEnd(bytes, at, end, TRUNK)
    // `00` and the calling code. In one run it could be any number with noughts before it.
    const to = dialledEnd(bytes, at + 2, end)
    return to > at + run ? to : 0
  }
  if (run === 3) return northAmericanEnd(bytes, at, end, false)
  if (run !== 1 || bytes[at] !== ONE) return 0
  const next = skipDivider(bytes, at + 1, end)
  return next === at + 1 ? 0 : northAmericanEnd(bytes, next, end, true)
}

/** Behind seven to fifteen digits in groups; 0 if there are fewer or more. */
function dialableEnd(bytes: Uint8Array, at: number, end: number): number {
  let count = 0
  let pos = at
  for (;;) {
    const group = pos
    while (pos < end && isAt(bytes, pos, group, end, DIGIT)) pos += 1
    count += pos - group
    const next = skipDivider(bytes, pos, end)
    if (next === pos) break
    pos = next
  }
  return count >= MIN_DIGITS && count <= MAX_DIGITS && !isNumberBehind(bytes, pos, end) ? pos : 0
}

function isCounted(bytes: Uint8Array, at: number, end: number): boolean {
  return UNIT.test(latin1(bytes, at, Math.min(at + 12, end)))
}

/** Behind the number whose area code stands in brackets: `(202) 555-0101`, `(020) 7946 0958`. */
export function bracketedEnd(bytes: Uint8Array, at: number, start: number, end: number): number {
  if (isAt(bytes, at - 1, start, end, WORD)) return 0
  const area = at + 1
  if (!isAt(bytes, area, at, end, DIGIT)) return 0
  if (bytes[area] === ZERO) {
    let close = area
    while (close - area < 5 && isAt(bytes, close, at, end, DIGIT)) close += 1
    const next = bytes[close + 1] === SPACE ? close + 2 : close + 1
    if (close - area < 2 || close >= end || bytes[close] !== CLOSE) return 0
    return shapedEnd(bytes, next, end, BRACKETED)
  }
  return bytes[area + 3] === CLOSE && area + 3 < end ? northAmericanEnd(bytes, area, end, true) : 0
}

/** Area, exchange and line of a North American number. `isSure` when what stands before the area says what it is. */
function northAmericanEnd(bytes: Uint8Array, at: number, end: number, isSure: boolean): number {
  const exchange = skipDivider(bytes, at + 3, end)
  const line = skipDivider(bytes, exchange + 3, end)
  const to = line + 4
  if (exchange === at + 3 || line === exchange + 3 || to > end || line - exchange !== 4) return 0
  const digits = latin1(bytes, at, at + 3) + latin1(bytes, exchange, exchange + 3) + latin1(bytes, line, to)
  if (!/^[0-9]{10}$/.test(digits) || isNumberBehind(bytes, to, end)) return 0
  const first = bytes[at + 3]
  const second = bytes[line - 1]
  if (!isSure && first !== second) return 0
  return isNorthAmerican(digits) && (isSure || first === HYPHEN || first === DOT) ? to : 0
}

function isNorthAmerican(digits: string): boolean {
  return digits.length === 10 && AREA.test(digits.slice(0, 3)) && EXCHANGE.test(digits.slice(3, 6))
}

/** Groups of digits, with the dividers that may stand between them. */
interface Shape {
  readonly groups: readonly number[]
  readonly dividers: readonly number[]
}

const ANY = [SPACE, HYPHEN, DOT]

const TRUNK: readonly Shape[] = [
  { groups: [5, 6], dividers: [SPACE, HYPHEN] },
  { groups: [5, 3, 3], dividers: ANY },
  { groups: [3, 4, 4], dividers: ANY },
  { groups: [4, 3, 4], dividers: ANY },
  { groups: [4, 3, 3], dividers: ANY },
  { groups: [3, 3, 4], dividers: ANY },
  { groups: [2, 3, 4], dividers: ANY },
  { groups: [2, 4, 4], dividers: ANY },
  { groups: [3, 7], dividers: [SPACE, HYPHEN, SLASH] },
  { groups: [3, 8], dividers: [SPACE, HYPHEN, SLASH] },
  { groups: [4, 7], dividers: [SPACE, HYPHEN, SLASH] },
  { groups: [4, 8], dividers: [SPACE, HYPHEN, SLASH] },
  { groups: [3, 6], dividers: [SLASH] },
  { groups: [4, 6], dividers: [SLASH] },
  { groups: [5, 5], dividers: [SPACE, SLASH] },
  { groups: [2, 2, 2, 2, 2], dividers: [SPACE, DOT] },
]

const BRACKETED: readonly Shape[] = [[4, 4], [3, 4], [3, 3], [6], [7], [8]].map((groups) => ({ groups, dividers: ANY }))

function shapedEnd(bytes: Uint8Array, at: number, end: number, shapes: readonly Shape[]): number {
  for (const { groups, dividers } of shapes) {
    const to = groupsEnd(bytes, at, end, groups, dividers)
    if (to > 0 && !isNumberBehind(bytes, to, end)) return to
  }
  return 0
}

function groupsEnd(
  bytes: Uint8Array,
  at: number,
  end: number,
  groups: readonly number[],
  dividers: readonly number[],
): number {
  let pos = at
  let divider: number | undefined
  for (const [i, length] of groups.entries()) {
    if (i > 0) {
      divider ??= bytes[pos] ?? 0
      if (!dividers.includes(divider) || bytes[pos] !== divider) return 0
      pos += 1
    }
    const to = pos + length
    for (; pos < to; pos++) if (!isAt(bytes, pos, at, end, DIGIT)) return 0
  }
  return pos
}

/** Whether more of a number follows: then what was found is only its beginning. */
function isNumberBehind(bytes: Uint8Array, at: number, end: number): boolean {
  if (at >= end) return false
  const next = bytes[at] ?? 0
  if (next === SPACE || next === SLASH || next === COLON) return isAt(bytes, at + 1, at, end, DIGIT)
  if (next === DOT || next === HYPHEN) return isAt(bytes, at + 1, at, end, WORD)
  return goesOn(bytes, at, end)
}
