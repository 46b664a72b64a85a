import { AppError } from '../../core/index.ts'
import type { Labels, Scope } from '../../model/index.ts'
import { formatFloatFixed } from '../go-float.ts'
import { labelValue, sortedNames } from '../labels.ts'
import type { LogSource } from '../log-source.ts'
import { evaluateLogs, evaluateMetric, type LogqlOptions, parseLogql, prettifyLogql } from '../logql/index.ts'
import { parseLogqlScript, type ScriptCommand, type ScriptStream } from './script.ts'

/** Where a script puts its lines and its queries read. */
export interface LogScriptStore {
  /** The script's time zero, in nanoseconds since the epoch. */
  readonly epochNs: bigint
  load(stream: ScriptStream): Promise<void>
  clear(): Promise<void>
  readonly source: LogSource
  readonly scope: Scope
}

/** One evaluation; `problem` is '' when all was as expected. */
export interface LogScriptCase {
  readonly line: number
  readonly query: string
  readonly problem: string
}

type Eval = Exclude<ScriptCommand, { kind: 'clear' | 'load' }>

/**
 * Runs a script of LogQL cases:
 *
 *     load {app="x"}
 *       1s {lvl="warn"} "a=1"
 *     eval logs from 0 to 10s limit 5 backward {app="x"} | logfmt
 *       {a="1", app="x", lvl="warn"} 1s "a=1"
 *     eval instant at 10s sum(rate({app="x"}[10s]))
 *       {} 0.1
 *     eval range from 0 to 20s step 10s count_over_time({app="x"}[10s])
 *       {app="x"} _ 1 _
 *     eval fail at 10s count_over_time({app="x"} | json [10s])
 *       pipeline error
 *     eval format sum(rate({app="x"}[1m]))
 *       sum(rate({app="x"}[1m]))
 *     clear
 *
 * Times are offsets, texts in quotes are JSON. Metrics must be the same whether the source counts or not.
 * Throws AppError `invalid` when the script cannot be read.
 */
export async function runLogqlScript(
  text: string,
  store: LogScriptStore,
  signal: AbortSignal,
): Promise<LogScriptCase[]> {
  const cases: LogScriptCase[] = []
  await store.clear()
  for (const command of parseLogqlScript(text)) {
    if (signal.aborted) throw AppError.from(signal.reason, 'cancelled')
    if (command.kind === 'clear') await store.clear()
    else if (command.kind === 'load') await store.load(command.stream)
    else cases.push({ line: command.line, query: command.query, problem: await problemOf(command, store, signal) })
  }
  return cases
}

async function problemOf(command: Eval, store: LogScriptStore, signal: AbortSignal): Promise<string> {
  const wanted = command.expected.join('\n')
  for (const pushdown of command.kind === 'logs' ? [true] : [true, false]) {
    const options = { source: store.source, scope: store.scope, signal, pushdown }
    try {
      const found = (await answerOf(command, store, options)).join('\n')
      if (command.kind === 'fail') return `it answered: ${found}`
      if (found !== wanted) return `expected\n${wanted}\nbut got\n${found}`
    } catch (reason) {
      const { message } = AppError.from(reason)
      if (command.kind !== 'fail') return message
      if (!message.includes(wanted)) return `expected an error with\n${wanted}\nbut got\n${message}`
    }
  }
  return ''
}

async function answerOf(command: Eval, store: LogScriptStore, options: LogqlOptions): Promise<readonly string[]> {
  const expr = parseLogql(command.query)
  if (command.kind === 'format') {
    const text = prettifyLogql(expr)
    if (prettifyLogql(parseLogql(text)) !== text)
      throw new AppError('invalid', 'it is printed otherwise when read again')
    return text.split('\n')
  }
  const { epochNs } = store
  if (expr.kind === 'logs') {
    const logs = command.kind === 'logs' ? command : { startNs: 0, endNs: 0, limit: 1, direction: 'forward' as const }
    const times = { startNs: epochNs + BigInt(logs.startNs), endNs: epochNs + BigInt(logs.endNs) }
    const { streams } = await evaluateLogs(expr, { ...logs, ...times }, options)
    const rows = streams.flatMap(({ labels, lines }) =>
      lines.map(({ timeNs, line }) => ({
        timeNs,
        text: `${printSet(labels)} ${offset(timeNs - epochNs)} ${JSON.stringify(line)}`,
      })),
    )
    const sign = logs.direction === 'forward' ? 1 : -1
    rows.sort((a, b) => (a.timeNs === b.timeNs ? (a.text < b.text ? -1 : 1) : a.timeNs < b.timeNs ? -sign : sign))
    return rows.map(({ text }) => text)
  }
  const grid = gridOf(command, epochNs)
  const result = await evaluateMetric(expr, grid, options)
  if (result.type === 'scalar') return [[...result.values].map(formatFloatFixed).join(' ')]
  return result.series.map(({ labels, values, present }) => {
    const points = [...values].map((value, step) => (present[step] === 0 ? '_' : formatFloatFixed(value)))
    return `${printSet(labels)} ${points.join(' ')}`
  })
}

function gridOf(command: Eval, epochNs: bigint): { startMs: number; stepMs: number; count: number } {
  const epochMs = Number(epochNs / 1_000_000n)
  if (command.kind !== 'range') {
    return { startMs: epochMs + ('atNs' in command ? command.atNs : 0) / 1e6, stepMs: 1, count: 1 }
  }
  const { startNs, endNs, stepNs } = command
  return { startMs: epochMs + startNs / 1e6, stepMs: stepNs / 1e6, count: Math.floor((endNs - startNs) / stepNs) + 1 }
}

function offset(ns: bigint): string {
  return `${formatFloatFixed(Number(ns) / 1e9)}s`
}

function printSet(labels: Labels): string {
  return `{${sortedNames(labels)
    .map((name) => `${name}=${JSON.stringify(labelValue(labels, name))}`)
    .join(', ')}}`
}
