import { AppError } from '../../core/index.ts'
import type { Labels } from '../../model/index.ts'
import { parseNanoseconds } from '../quantities.ts'

export interface ScriptLine {
  /** Nanoseconds since the script's time zero. */
  readonly offsetNs: number
  readonly line: string
  readonly metadata: Labels
}

export interface ScriptStream {
  readonly labels: Labels
  readonly lines: readonly ScriptLine[]
}

interface At {
  /** Of the script, from 1. */
  readonly line: number
}

interface Eval extends At {
  readonly query: string
  readonly expected: readonly string[]
}

export type ScriptCommand =
  | (At & { readonly kind: 'clear' })
  | (At & { readonly kind: 'load'; readonly stream: ScriptStream })
  | (Eval & {
      readonly kind: 'logs'
      readonly startNs: number
      readonly endNs: number
      readonly limit: number
      readonly direction: 'forward' | 'backward'
    })
  | (Eval & { readonly kind: 'instant'; readonly atNs: number })
  | (Eval & { readonly kind: 'range'; readonly startNs: number; readonly endNs: number; readonly stepNs: number })
  | (Eval & { readonly kind: 'fail'; readonly atNs: number })
  | (Eval & { readonly kind: 'format' })

const LOGS = /^eval logs from (\S+) to (\S+)(?: limit (\d+))?( backward)? (.*)$/
const INSTANT = /^eval (instant|fail) at (\S+) (.*)$/
const RANGE = /^eval range from (\S+) to (\S+) step (\S+) (.*)$/
const FORMAT = /^eval format (.*)$/

/** Reads a script; see `runLogqlScript`. Throws AppError `invalid` that names the line. */
export function parseLogqlScript(text: string): readonly ScriptCommand[] {
  const commands: ScriptCommand[] = []
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const head = lines[at] ?? ''
    if (head.trim() === '' || head.startsWith('#')) continue
    const body: string[] = []
    while (/^ {2}/.test(lines[at + 1] ?? '')) body.push((lines[++at] ?? '').slice(2))
    commands.push(parseCommand(head, body, at - body.length + 1))
  }
  return commands
}

function parseCommand(head: string, expected: readonly string[], line: number): ScriptCommand {
  if (head === 'clear') return { kind: 'clear', line }
  if (head.startsWith('load ')) {
    const { labels } = readLabels(head.slice('load '.length), line)
    return { kind: 'load', line, stream: { labels, lines: expected.map((entry) => readLine(entry, line)) } }
  }
  const logs = LOGS.exec(head)
  if (logs !== null) {
    const [, from = '', to = '', limit = '1000', backward, query = ''] = logs
    const direction = backward === undefined ? 'forward' : 'backward'
    const times = { startNs: readTime(from, line), endNs: readTime(to, line) }
    return { kind: 'logs', line, query, expected, ...times, limit: Number(limit), direction }
  }
  const instant = INSTANT.exec(head)
  if (instant !== null) {
    const kind = instant[1] === 'fail' ? 'fail' : 'instant'
    return { kind, line, atNs: readTime(instant[2] ?? '', line), query: instant[3] ?? '', expected }
  }
  const range = RANGE.exec(head)
  if (range !== null) {
    const [startNs = 0, endNs = 0, stepNs = 0] = range.slice(1, 4).map((time) => readTime(time, line))
    return { kind: 'range', line, startNs, endNs, stepNs, query: range[4] ?? '', expected }
  }
  const format = FORMAT.exec(head)
  if (format !== null) return { kind: 'format', line, query: format[1] ?? '', expected }
  throw unreadable(line, `cannot read ${JSON.stringify(head)}`)
}

function readTime(text: string, line: number): number {
  const ns = text === '0' ? 0 : parseNanoseconds(text)
  if (ns === undefined) throw unreadable(line, `${JSON.stringify(text)} is no time`)
  return ns
}

const PAIR = /\s*([A-Za-z_][A-Za-z0-9_]*)=("(?:[^"\\]|\\.)*")\s*,?/y

/** Reads `{a="b", c="d"}` and says where it ends; the values are written as JSON. */
function readLabels(text: string, line: number): { readonly labels: Labels; readonly end: number } {
  const labels: Record<string, string> = {}
  let at = 1
  for (;;) {
    PAIR.lastIndex = at
    const pair = PAIR.exec(text)
    if (pair === null) break
    labels[pair[1] ?? ''] = String(JSON.parse(pair[2] ?? '""'))
    at += pair[0].length
  }
  if (!text.startsWith('{') || text[at] !== '}') throw unreadable(line, `cannot read the labels ${text}`)
  return { labels, end: at + 1 }
}

/** `1.5s {lvl="warn"} "the line"`. */
function readLine(entry: string, line: number): ScriptLine {
  const space = entry.indexOf(' ')
  const rest = entry.slice(space + 1)
  const { labels: metadata, end } = rest.startsWith('{') ? readLabels(rest, line) : { labels: {}, end: -1 }
  return {
    offsetNs: readTime(entry.slice(0, space), line),
    metadata,
    line: String(JSON.parse(rest.slice(end + 1).trim())),
  }
}

function unreadable(line: number, problem: string): AppError {
  return new AppError('invalid', `line ${String(line)} of the script: ${problem}`)
}
