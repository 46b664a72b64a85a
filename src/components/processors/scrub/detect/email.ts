import { ALNUM, CHARS, DASH, DIGIT, HEX, isAt, latin1, LETTER, LOCAL, startsWith } from './chars.ts'

const AT = 0x40
const DOT = 0x2e
const HYPHEN = 0x2d
const QUOTE = 0x27
const PERCENT = 0x25
const BACKSLASH = 0x5c
/** n, r, t: of the line ends and tabs that strings escape. */
const ESCAPES: ReadonlySet<number> = new Set([0x6e, 0x72, 0x74])
const MAX_LOCAL = 64

/** Ends of names that look like domains and are none: files, and units of systemd. */
const NO_TLD = new Set(
  (
    'png jpg jpeg gif svg webp ico css js mjs cjs ts tsx jsx json html htm xml txt log yaml yml conf cfg gz tar tgz whl ' +
    'jar lock exe dll pdf csv service socket target timer mount slice scope device swap automount internal localdomain'
  ).split(' '),
)

const LONGEST_NO_TLD = Math.max(...[...NO_TLD].map((name) => name.length))

/** Where the address around an `@` was found; the finder returns one object for all. */
export interface Span {
  start: number
  end: number
}

const span: Span = { start: 0, end: 0 }

/**
 * The e-mail address whose `@` (or `%40`, as in URLs) stands at `at`. The domain must have a dot and end in letters;
 * user information in URLs, `git@host:path`, versions (`pkg@1.2.3`) and file names (`logo@2x.png`) are none.
 */
export function findEmail(bytes: Uint8Array, at: number, start: number, end: number): Span | undefined {
  const domain = at + (bytes[at] === AT ? 1 : 3)
  const from = localStart(bytes, at, start)
  if (from === at) return undefined
  const to = domainEnd(bytes, domain, end)
  if (to === 0 || isUserInformation(bytes, from, start) || isRemote(bytes, from, at, to, end)) return undefined
  span.start = from
  span.end = to
  return span
}

function localStart(bytes: Uint8Array, at: number, start: number): number {
  let from = at
  const least = Math.max(start, at - MAX_LOCAL)
  while (from > least) {
    const byte = bytes[from - 1] ?? 0
    if (((CHARS[byte] ?? 0) & (ALNUM | LOCAL)) !== 0) from -= 1
    else if (isLetterOfTwoBytes(bytes, from - 2, least)) from -= 2
    else break
  }
  // Escapes of URLs and of strings belong to what stands before: %3Calice, \nalice.
  for (let i = from; i + 3 <= at; i++) if (bytes[i] === PERCENT && endsLocal(bytes, i + 1, at)) from = i + 3
  if (from > start && bytes[from - 1] === BACKSLASH && ESCAPES.has(bytes[from] ?? 0)) from += 1
  for (let i = from + 1; i < at; i++) if (bytes[i] === DOT && bytes[i - 1] === DOT) from = i + 1
  while (from < at && (bytes[from] === DOT || bytes[from] === QUOTE || bytes[from] === HYPHEN)) from += 1
  return bytes[at - 1] === DOT ? at : from
}

/** Whether the two hexadecimal digits are of a character that no local part has. */
function endsLocal(bytes: Uint8Array, at: number, end: number): boolean {
  if (!isAt(bytes, at, at, end, HEX) || !isAt(bytes, at + 1, at, end, HEX)) return false
  const code = Number.parseInt(latin1(bytes, at, at + 2), 16)
  return code < 0x80 && ((CHARS[code] ?? 0) & (ALNUM | LOCAL)) === 0
}

/** Behind the last label of the domain, or 0. */
function domainEnd(bytes: Uint8Array, domain: number, end: number): number {
  let at = domain
  let label = domain
  let labels = 0
  let good = 0
  for (;;) {
    while (at < end && isDomainByte(bytes, at, end)) at += 1
    if (at === label || bytes[label] === HYPHEN) break
    labels += 1
    if (labels === 1 && isScale(bytes, label, at)) return 0
    if (labels === 2 && isVersion(bytes, domain, label)) return 0
    if (labels > 1) {
      if (isNoTld(bytes, label, at)) good = 0
      else good = tldEnd(bytes, label, at, end) || good
    }
    if (at + 1 >= end || bytes[at] !== DOT) break
    at += 1
    label = at
  }
  return good
}

/** Behind the letters of a last label; 0 if it cannot be one. */
function tldEnd(bytes: Uint8Array, label: number, labelEnd: number, end: number): number {
  if (startsWith(bytes, label, end, 'xn--')) return labelEnd
  let at = label
  while (at < labelEnd && (isAt(bytes, at, label, labelEnd, LETTER) || (bytes[at] ?? 0) >= 0x80)) at += 1
  // `example.com-1` is an address with something behind it, `example.com1` is none.
  if (at - label < 2 || at - label > 24 || (at < labelEnd && bytes[at] !== HYPHEN)) return 0
  return at < end && bytes[at] === 0x5f ? 0 : at
}

function isNoTld(bytes: Uint8Array, label: number, labelEnd: number): boolean {
  return labelEnd - label <= LONGEST_NO_TLD && NO_TLD.has(latin1(bytes, label, labelEnd).toLowerCase())
}

function isDomainByte(bytes: Uint8Array, at: number, end: number): boolean {
  return isAt(bytes, at, at, end, ALNUM) || bytes[at] === HYPHEN || isPartOfLetter(bytes, at, end)
}

/** Letters of Latin, Greek and Cyrillic script. Others are not taken in, as they may be the words around. */
function isLetterOfTwoBytes(bytes: Uint8Array, at: number, start: number): boolean {
  if (at < start) return false
  const lead = bytes[at] ?? 0
  return lead >= 0xc3 && lead <= 0xd3 && ((bytes[at + 1] ?? 0) & 0xc0) === 0x80
}

function isPartOfLetter(bytes: Uint8Array, at: number, end: number): boolean {
  return (at + 1 < end && isLetterOfTwoBytes(bytes, at, 0)) || isLetterOfTwoBytes(bytes, at - 1, 0)
}

/** `2x`, `3x`: the scale of a picture. */
function isScale(bytes: Uint8Array, label: number, labelEnd: number): boolean {
  return labelEnd - label === 2 && bytes[label + 1] === 0x78 && isAt(bytes, label, label, labelEnd, DIGIT)
}

/** `1.2…`: the first label is a number and the second begins as one. (There are domains such as 163.com.) */
function isVersion(bytes: Uint8Array, domain: number, second: number): boolean {
  for (let at = domain; at < second - 1; at++) if (!isAt(bytes, at, domain, second, DIGIT)) return false
  return isAt(bytes, second, second, second + 1, DIGIT)
}

/** `scheme://user:password@host`: between the `://` and the address nothing ends the part before the path. */
function isUserInformation(bytes: Uint8Array, from: number, start: number): boolean {
  for (let at = from - 1; at >= start && from - at <= 256; at--) {
    const byte = bytes[at] ?? 0
    if (byte === 0x2f) return at >= start + 2 && bytes[at - 1] === 0x2f && bytes[at - 2] === 0x3a
    if (((CHARS[byte] ?? 0) & (ALNUM | LOCAL | DASH)) === 0 && byte !== 0x3a && byte !== 0x7e && byte !== 0x21)
      return false
  }
  return false
}

/** `git@host:path`, as version control writes remotes. */
function isRemote(bytes: Uint8Array, from: number, at: number, to: number, end: number): boolean {
  if (to + 1 >= end || bytes[to] !== 0x3a || !isAt(bytes, to + 1, to, end, ALNUM)) return false
  return startsWith(bytes, from, at, 'git') || startsWith(bytes, from, at, 'hg')
}
