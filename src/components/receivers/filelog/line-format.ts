import { newCriLine, type ParsedTime, parseCriLine, parseRfc3339Nano } from '../../../wire/index.ts'
import type { Stream } from './checkpoint.ts'
import type { FilelogConfig } from './config.ts'

export type LineFormat = FilelogConfig['format']

/** A line taken apart. `text` may be a view of the line given. */
export interface ParsedLine {
  readonly text: Uint8Array
  readonly timeUnixNano?: bigint
  readonly stream?: Stream
  /** The text goes on in the next line of the same stream. */
  readonly partial: boolean
  /** The line is not of the configured format; it is passed on as plain text. */
  readonly malformed?: true
}

const OPEN_BRACE = 0x7b
const CARRIAGE_RETURN = 0x0d

const cri = newCriLine()
const time: ParsedTime = { unixNano: 0n, end: 0 }

/** Takes the line at [start, end) apart; it never fails, because a line that is not understood is still a line. */
export function parseLine(format: LineFormat, bytes: Uint8Array, start: number, end: number): ParsedLine {
  switch (format) {
    case 'plain':
      return plain(bytes, start, end)
    case 'cri':
      return parseCri(bytes, start, end) ?? { ...plain(bytes, start, end), malformed: true }
    case 'json':
      return parseDocker(bytes, start, end) ?? { ...plain(bytes, start, end), malformed: true }
    case 'auto':
      return (
        (bytes[start] === OPEN_BRACE ? parseDocker(bytes, start, end) : parseCri(bytes, start, end)) ??
        plain(bytes, start, end)
      )
  }
}

function plain(bytes: Uint8Array, start: number, end: number): ParsedLine {
  const to = end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end
  return { text: bytes.subarray(start, to), partial: false }
}

function parseCri(bytes: Uint8Array, start: number, end: number): ParsedLine | undefined {
  if (!parseCriLine(bytes, start, end, cri)) return undefined
  return {
    text: bytes.subarray(cri.textStart, cri.textEnd),
    timeUnixNano: cri.timeUnixNano,
    stream: cri.stream,
    partial: cri.partial,
  }
}

/** Docker's json-file: `{"log":"text\n","stream":"stdout","time":"…"}`; without the line feed the text goes on. */
function parseDocker(bytes: Uint8Array, start: number, end: number): ParsedLine | undefined {
  const value = parseJson(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8'))
  if (typeof value !== 'object' || value === null) return undefined
  const { log, stream, time: stamp } = value as Readonly<Record<string, unknown>>
  if (typeof log !== 'string' || typeof stamp !== 'string') return undefined
  if (stream !== 'stdout' && stream !== 'stderr') return undefined
  const stampBytes = Buffer.from(stamp)
  if (!parseRfc3339Nano(stampBytes, 0, stampBytes.length, time)) return undefined
  const whole = log.endsWith('\n')
  return { text: Buffer.from(whole ? log.slice(0, -1) : log), timeUnixNano: time.unixNano, stream, partial: !whole }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
