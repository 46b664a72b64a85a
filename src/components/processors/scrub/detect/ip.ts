import { CHARS, DIGIT, HEX, isAt, joinsLeft, latin1, WORD } from './chars.ts'

const DOT = 0x2e
const COLON = 0x3a
const VERSION =
  /(?:^|[^a-z])(?:v|ver|version|release|rev|build|firmware|assembly|sdk|chrome|chromium|safari|edg|opr|firefox|fxios|crios|webkit|gecko)[\s=:."'/\\(]*$/

/**
 * Behind the IPv4 address that begins at `at`, or 0: four numbers to 255 without leading zeros, not within a longer row
 * of numbers, and not where the word before says that it is a version.
 */
export function ipv4End(bytes: Uint8Array, at: number, start: number, end: number): number {
  if (joinsLeft(bytes, at, start)) return 0
  const to = quadEnd(bytes, at, end)
  if (to === 0 || isAt(bytes, to, at, end, WORD)) return 0
  if (bytes[to] === DOT && isAt(bytes, to + 1, at, end, DIGIT)) return 0
  if (bytes[to] === 0x2d && isAt(bytes, to + 1, at, end, WORD)) return 0
  const before = latin1(bytes, Math.max(start, at - 16), at).toLowerCase()
  return VERSION.test(before) ? 0 : to
}

/** Behind four numbers with dots between, or 0. */
function quadEnd(bytes: Uint8Array, at: number, end: number): number {
  let pos = at
  for (let part = 0; part < 4; part++) {
    const from = pos
    let value = 0
    while (pos < end && pos - from < 3 && isAt(bytes, pos, from, end, DIGIT))
      value = value * 10 + (bytes[pos++] ?? 0) - 0x30
    if (pos === from || value > 255 || (pos - from > 1 && bytes[from] === 0x30)) return 0
    if (part === 3) break
    if (pos >= end || bytes[pos] !== DOT) return 0
    pos += 1
  }
  return pos
}

export interface Span {
  start: number
  end: number
}

const span: Span = { start: 0, end: 0 }

/**
 * The IPv6 address (RFC 4291) that the colon at `at` is the first one of. Times, hardware addresses, fingerprints and
 * names with `::` between are none.
 */
export function findIpv6(bytes: Uint8Array, at: number, start: number, end: number): Span | undefined {
  let from = at
  while (from > start && at - from < 5 && isAt(bytes, from - 1, start, end, HEX)) from -= 1
  if (at - from > 4) return undefined
  if (from > start && (isAt(bytes, from - 1, start, end, WORD) || isJoint(bytes[from - 1] ?? 0))) return undefined
  const to = groupsEnd(bytes, from, end)
  if (to === 0 || isAt(bytes, to, from, end, WORD)) return undefined
  if (to + 1 < end && bytes[to] === COLON && (bytes[to + 1] === COLON || isAt(bytes, to + 1, from, end, HEX)))
    return undefined
  if (bytes[to] === DOT && isAt(bytes, to + 1, from, end, DIGIT)) return undefined
  span.start = from
  span.end = zoneEnd(bytes, to, end)
  return span
}

function isJoint(byte: number): boolean {
  return byte === COLON || byte === DOT || byte === 0x2d
}

function groupsEnd(bytes: Uint8Array, from: number, end: number): number {
  let groups = 0
  let gap = false
  let pairs = true
  let hasDigit = false
  let pos = from
  for (;;) {
    const group = pos
    while (pos < end && pos - group < 4 && isAt(bytes, pos, group, end, HEX)) {
      if (isAt(bytes, pos, group, end, DIGIT)) hasDigit = true
      pos += 1
    }
    const quad = pos > group && bytes[pos] === DOT ? quadEnd(bytes, group, end) : 0
    if (quad > 0) {
      groups += 2
      pos = quad
      pairs = false
      break
    }
    if (pos > group) groups += 1
    if (pos > group && pos - group !== 2) pairs = false
    if (pos >= end || bytes[pos] !== COLON) break
    if (bytes[pos + 1] === COLON && pos + 1 < end) {
      if (gap) return 0
      gap = true
      pos += 2
    } else {
      // A colon that nothing follows belongs to the sentence.
      if (pos === group || !isAt(bytes, pos + 1, pos, end, HEX)) break
      pos += 1
    }
  }
  if (gap) return groups <= 7 && groups >= 1 && hasDigit ? pos : 0
  return groups === 8 && !pairs && hasDigit ? pos : 0
}

/** A link-local address may name its interface: `fe80::1%eth0`. */
function zoneEnd(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at] !== 0x25 || at + 1 >= end) return at
  let to = at + 1
  while (to < end && to - at < 17 && ((CHARS[bytes[to] ?? 0] ?? 0) & WORD) !== 0) to += 1
  return to > at + 1 ? to : at
}
