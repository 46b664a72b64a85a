import { AppError, messageOf } from '../../core/index.ts'
import { parseScriptTime } from './script-value.ts'

interface Place {
  /** Of the script, from 1. */
  readonly line: number
}

export interface LoadCommand extends Place {
  readonly kind: 'load'
  readonly stepMs: number
  readonly lines: readonly string[]
  /** Classic histograms are loaded as native ones with custom buckets, too. */
  readonly withCustomBuckets: boolean
}

export interface EvalCommand extends Place {
  readonly kind: 'eval'
  readonly query: string
  readonly when: InstantTime | RangeTimes
  readonly expectations: readonly Expectation[]
  /** The expected rows. */
  readonly rows: readonly string[]
}

export type Command = LoadCommand | EvalCommand | (Place & { readonly kind: 'clear' })

export interface InstantTime {
  readonly timeMs: number
}

export interface RangeTimes {
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
}

export type Expectation =
  | { readonly what: 'fail' | 'warn' | 'info'; readonly matches: (text: string) => boolean; readonly shown: string }
  | { readonly what: 'no_warn' | 'no_info' | 'ordered' }
  | { readonly what: 'string'; readonly text: string }
  | { readonly what: 'range vector'; readonly times: RangeTimes }

const COMMAND = /^(load(_with_nhcb)?|clear|eval(_fail|_warn|_info|_ordered)?)(\s|$)/
const INSTANT = /^eval(?:_\w+)?\s+instant\s+(?:at\s+(\S+)\s+)?(.*)$/s
const RANGE = /^eval(?:_\w+)?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.*)$/s

/** Reads a script in Prometheus' notation. Throws AppError `invalid` with the line that cannot be read. */
export function parseScript(text: string): Command[] {
  const raw: { line: number; head: string; body: string[] }[] = []
  text.split('\n').forEach((whole, i) => {
    const line = whole.trim()
    if (line === '' || line.startsWith('#')) return
    if (COMMAND.test(line)) raw.push({ line: i + 1, head: line, body: [] })
    else raw.at(-1)?.body.push(line)
  })
  return raw.map(({ line, head, body }) => {
    return atLine(line, () => parseCommand(line, head, body))
  })
}

/** Reads something of the script; what cannot be read is named with its line. */
export function atLine<T>(line: number, read: () => T): T {
  try {
    return read()
  } catch (reason) {
    throw new AppError('invalid', `line ${String(line)}: ${messageOf(reason)}`, { cause: reason })
  }
}

function parseCommand(line: number, head: string, body: readonly string[]): Command {
  if (head === 'clear') return { kind: 'clear', line }
  if (head.startsWith('load')) {
    const [word, step = ''] = head.split(/\s+/)
    return { kind: 'load', line, stepMs: parseScriptTime(step), lines: body, withCustomBuckets: word !== 'load' }
  }
  const { when, query } = parseHead(head)
  const expectations = [...parseSuffix(head), ...body.filter(isExpectation).map(parseExpectation)]
  return { kind: 'eval', line, query, when, expectations, rows: body.filter((row) => !isExpectation(row)) }
}

function parseHead(head: string): Pick<EvalCommand, 'when' | 'query'> {
  const instant = INSTANT.exec(head)
  if (instant !== null) {
    return { when: { timeMs: parseScriptTime(instant[1] ?? '0') }, query: instant[2] ?? '' }
  }
  const range = RANGE.exec(head)
  if (range === null) throw new AppError('invalid', `neither instant nor range: ${head}`)
  return { when: parseTimes(range[1], range[2], range[3]), query: range[4] ?? '' }
}

function parseTimes(start = '', end = '', step = ''): RangeTimes {
  return { startMs: parseScriptTime(start), endMs: parseScriptTime(end), stepMs: parseScriptTime(step) }
}

/** `eval_fail` and its like are the older form of `expect fail`. */
function parseSuffix(head: string): Expectation[] {
  const what = /^eval_(\w+)/.exec(head)?.[1]
  if (what === 'ordered') return [{ what }]
  return what === 'fail' || what === 'warn' || what === 'info' ? [{ what, matches: () => true, shown: 'any' }] : []
}

function isExpectation(row: string): boolean {
  return /^(expect\s|expected_fail_)/.test(row)
}

function parseExpectation(row: string): Expectation {
  const older = /^expected_fail_(message|regexp)\s+(.*)$/.exec(row)
  if (older !== null) return textExpectation('fail', older[1] === 'message' ? 'msg' : 'regex', older[2] ?? '')
  const text = row.replace(/^expect\s+/, '')
  const plain = /^(no_warn|no_info|ordered)$/.exec(text)?.[1]
  if (plain === 'no_warn' || plain === 'no_info' || plain === 'ordered') return { what: plain }
  const string = /^string\s+(.*)$/s.exec(text)
  if (string !== null) return { what: 'string', text: unquote(string[1] ?? '') }
  const range = /^range vector from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)$/.exec(text)
  if (range !== null) return { what: 'range vector', times: parseTimes(range[1], range[2], range[3]) }
  const match = /^(fail|warn|info)(?:\s+(msg|regex):\s*(.*))?$/s.exec(text)
  const what = match?.[1]
  if (what !== 'fail' && what !== 'warn' && what !== 'info') throw new AppError('invalid', `unknown: ${row}`)
  return textExpectation(what, match?.[2], match?.[3] ?? '')
}

function textExpectation(what: 'fail' | 'warn' | 'info', how: string | undefined, text: string): Expectation {
  if (how === 'msg') return { what, matches: (actual) => actual === text, shown: text }
  if (how === 'regex') {
    // Scripts are the developer's own files, not a user's input.
    const expression = new RegExp(text)
    return { what, matches: (actual) => expression.test(actual), shown: `/${text}/` }
  }
  return { what, matches: () => true, shown: 'any' }
}

function unquote(text: string): string {
  if (text.startsWith('`')) return text.slice(1, -1)
  const quoted: unknown = JSON.parse(text.startsWith("'") ? `"${text.slice(1, -1).replaceAll('"', '\\"')}"` : text)
  return String(quoted)
}
