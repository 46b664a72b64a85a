/** Fields that tell a level, the first one that is there counts. As Loki looks for them by default. */
const LEVEL_FIELDS = [
  'level',
  'LEVEL',
  'Level',
  'log.level',
  'severity',
  'SEVERITY',
  'Severity',
  'SeverityText',
  'lvl',
  'LVL',
  'Lvl',
  'severity_text',
  'Severity_Text',
  'SEVERITY_TEXT',
]

const RANKS: ReadonlyMap<string, number> = new Map(LEVEL_FIELDS.map((field, rank) => [field, rank]))
const RANKS_OF_ANY_CASE: ReadonlyMap<string, number> = new Map(
  [...LEVEL_FIELDS].reverse().map((field) => [field.toLowerCase(), LEVEL_FIELDS.indexOf(field)]),
)

/** A level that a sender has found by itself; it comes before all fields. */
const DETECTED_LEVEL = 'detected_level'

const UNKNOWN_LEVEL = 'unknown'

const NO_RANK = LEVEL_FIELDS.length

const NAMES: Readonly<Record<string, string>> = {
  trace: 'trace',
  trc: 'trace',
  debug: 'debug',
  dbg: 'debug',
  info: 'info',
  inf: 'info',
  information: 'info',
  warn: 'warn',
  wrn: 'warn',
  warning: 'warn',
  error: 'error',
  err: 'error',
  critical: 'critical',
  fatal: 'fatal',
}

const BY_SEVERITY = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const
const NUMBERS_PER_LEVEL = 4

/** Objects in a line of JSON are looked into down to here; the line itself is the first. */
const MAX_DEPTH = 2

/** A level's place among the fields, and what it says; the smaller rank counts. */
export interface FoundLevel {
  readonly rank: number
  readonly value: string
}

export const NO_LEVEL: FoundLevel = { rank: NO_RANK, value: '' }

/** How much a field of this name counts as a level; undefined for all that are none. */
export function levelRank(name: string): number | undefined {
  return name === DETECTED_LEVEL ? -1 : RANKS.get(name)
}

/** The usual spelling of a level; what is none stays as it is. */
export function normalizeLevel(text: string): string {
  const key = text.toLowerCase()
  return Object.hasOwn(NAMES, key) ? (NAMES[key] ?? text) : text
}

/** The level by OTLP's severity number, which must not be 0. */
export function levelOfSeverity(severityNumber: number): string {
  return BY_SEVERITY[Math.floor((severityNumber - 1) / NUMBERS_PER_LEVEL)] ?? UNKNOWN_LEVEL
}

/**
 * The level that a line tells by itself: a field of JSON or logfmt, else words that usually mean one. The text may be
 * bytes read as Latin-1: only ASCII counts.
 */
export function levelOfLine(line: string): string {
  const value = looksLikeJson(line) ? levelInJson(line) : line.includes('=') ? levelInLogfmt(line) : undefined
  const key = value?.toLowerCase() ?? ''
  return Object.hasOwn(NAMES, key) ? (NAMES[key] ?? UNKNOWN_LEVEL) : levelByWords(line)
}

function levelByWords(line: string): string {
  if (/info|INFO/.test(line)) return 'info'
  if (/err:|ERR:|\[err\]|\[ERR\]|error|ERROR/.test(line)) return 'error'
  if (/warn:|WARN:|\[warn\]|\[WARN\]|warning|WARNING/.test(line)) return 'warn'
  if (/critical:|CRITICAL:|\[critical\]|\[CRITICAL\]/.test(line)) return 'critical'
  if (/debug|DEBUG/.test(line)) return 'debug'
  return UNKNOWN_LEVEL
}

function looksLikeJson(line: string): boolean {
  let start = 0
  let end = line.length - 1
  while (start < end && isSpace(line.charCodeAt(start))) start++
  while (end > start && isSpace(line.charCodeAt(end))) end--
  return line.charCodeAt(start) === OPEN_BRACE && line.charCodeAt(end) === CLOSE_BRACE
}

const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const COMMA = 0x2c
const EQUALS = 0x3d

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d)
}

/** The first string under the name of a level, in the order of the text. What is broken ends the search. */
function levelInJson(line: string): string | undefined {
  let depth = 0
  let arrays = 0
  let at = 0
  // Whether the next string is a member's name.
  let expectsName = false
  while (at < line.length) {
    const code = line.charCodeAt(at)
    if (code === QUOTE) {
      const end = endOfString(line, at)
      if (end < 0) return undefined
      const isName = expectsName && arrays === 0 && depth <= MAX_DEPTH
      expectsName = false
      if (isName) {
        const valueAt = startOfValue(line, end)
        if (line.charCodeAt(valueAt) === QUOTE && RANKS.has(line.slice(at + 1, end - 1))) {
          const valueEnd = endOfString(line, valueAt)
          return valueEnd < 0 ? undefined : line.slice(valueAt + 1, valueEnd - 1)
        }
        at = valueAt
        if (line.charCodeAt(at) !== QUOTE) continue
        at = endOfString(line, at)
        if (at < 0) return undefined
        continue
      }
      at = end
      continue
    }
    if (code === OPEN_BRACE) {
      depth++
      expectsName = true
    } else if (code === CLOSE_BRACE) depth--
    else if (code === OPEN_BRACKET) arrays++
    else if (code === CLOSE_BRACKET) arrays--
    else if (code === COMMA) expectsName = arrays === 0
    at++
  }
  return undefined
}

/** Behind the closing quote of the string that begins at `at`, or -1. */
function endOfString(line: string, at: number): number {
  for (let i = at + 1; i < line.length; i++) {
    const code = line.charCodeAt(i)
    if (code === BACKSLASH) i++
    else if (code === QUOTE) return i + 1
  }
  return -1
}

function startOfValue(line: string, from: number): number {
  let at = from
  while (at < line.length && (isSpace(line.charCodeAt(at)) || line.charCodeAt(at) === COLON)) at++
  return at
}

/** The value of the highest-ranking field, whose name may be in any case. */
function levelInLogfmt(line: string): string | undefined {
  let best = NO_RANK
  let found: string | undefined
  let at = 0
  while (at < line.length) {
    while (at < line.length && line.charCodeAt(at) <= 0x20) at++
    const nameAt = at
    while (at < line.length && line.charCodeAt(at) > 0x20 && line.charCodeAt(at) !== EQUALS) at++
    if (line.charCodeAt(at) !== EQUALS) continue
    const rank =
      at - nameAt > MAX_FIELD_LENGTH ? undefined : RANKS_OF_ANY_CASE.get(line.slice(nameAt, at).toLowerCase())
    at++
    const valueAt = at
    let value: string | undefined
    if (line.charCodeAt(at) === QUOTE) {
      const end = endOfString(line, at)
      if (end < 0) return found
      value = line.slice(valueAt + 1, end - 1)
      at = end
    } else {
      while (at < line.length && line.charCodeAt(at) > 0x20) at++
      value = line.slice(valueAt, at)
    }
    if (rank === 0) return value
    if (rank !== undefined && rank < best) {
      best = rank
      found = value
    }
  }
  return found
}

const MAX_FIELD_LENGTH = Math.max(...LEVEL_FIELDS.map(({ length }) => length))
