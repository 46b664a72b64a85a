import { parseRfc3339Nano } from './rfc3339.ts'

const SPACE = 0x20
const COLON = 0x3a
const PARTIAL = 0x50
const FULL = 0x46

/*
 * A line of a container's log file, as the CRI runtimes (containerd, CRI-O) write it:
 *
 *     2026-01-02T03:04:05.678901234Z stdout F the text
 *     <RFC 3339 time> SP <stream> SP <tag>[:<tag>…] SP <text>
 *
 * The first tag is P when the text goes on in the next line of the same stream, F when it ends here.
 */

/** A parsed line; `textStart` and `textEnd` bound the text in the bytes given. One object serves many calls. */
export interface CriLine {
  timeUnixNano: bigint
  stream: 'stdout' | 'stderr'
  partial: boolean
  textStart: number
  textEnd: number
}

export function newCriLine(): CriLine {
  return { timeUnixNano: 0n, stream: 'stdout', partial: false, textStart: 0, textEnd: 0 }
}

const time = { unixNano: 0n, end: 0 }

/** Parses the line at [start, end), without its line feed. False when it is no CRI line. */
export function parseCriLine(bytes: Uint8Array, start: number, end: number, into: CriLine): boolean {
  if (!parseRfc3339Nano(bytes, start, end, time) || bytes[time.end] !== SPACE) return false
  const stream = streamAt(bytes, time.end + 1, end)
  if (stream === undefined) return false
  const tag = time.end + 8
  if (tag >= end) return false
  if (bytes[tag] !== PARTIAL && bytes[tag] !== FULL) return false
  let pos = tag + 1
  if (pos < end && bytes[pos] === COLON) {
    while (pos < end && bytes[pos] !== SPACE) pos += 1
  }
  // An empty text may come without the space before it.
  if (pos < end && bytes[pos] !== SPACE) return false
  into.timeUnixNano = time.unixNano
  into.stream = stream
  into.partial = bytes[tag] === PARTIAL
  into.textStart = Math.min(pos + 1, end)
  into.textEnd = end
  return true
}

/** `stdout ` or `stderr `, or undefined. */
function streamAt(bytes: Uint8Array, at: number, end: number): CriLine['stream'] | undefined {
  if (end - at < 7 || bytes[at] !== 0x73 || bytes[at + 1] !== 0x74 || bytes[at + 2] !== 0x64) return undefined
  if (bytes[at + 6] !== SPACE) return undefined
  if (bytes[at + 3] === 0x6f && bytes[at + 4] === 0x75 && bytes[at + 5] === 0x74) return 'stdout'
  if (bytes[at + 3] === 0x65 && bytes[at + 4] === 0x72 && bytes[at + 5] === 0x72) return 'stderr'
  return undefined
}
