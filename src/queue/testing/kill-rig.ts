/**
 * A program that writes and reads a log until it is killed, and what it told about itself before that. The program runs
 * the real thing on the real file system: the log in its main thread, a reader with a cursor in a worker thread.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const SOURCE = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

const PROGRAM = `
import { writeSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { silentLogger } from './core/index.js'
import { openLog } from './queue/index.js'

const [dir, run] = process.argv.slice(2)
const log = await openLog({ dir, log: silentLogger(), maxBytes: 16e6, segmentBytes: 200_000, onFull: 'refuse' })
const initial = log.firstSequence
const worker = new Worker(new URL('./kill-reader.js', import.meta.url), { workerData: { dir, durable: log.durable, initial } })
worker.on('message', (position) => void log.release([position]).catch(() => undefined))
writeSync(1, 'open\\n')
for (let writer = 0; writer < 6; writer += 1) void write(writer)

async function write(writer) {
  for (let n = 0; ; n += 1) {
    const id = run + ':' + writer + ':' + n
    try {
      const sequence = await log.append([Buffer.from(id + ' '), Buffer.alloc((n * 7919 + writer * 104729) % 20_000, 46)])
      writeSync(1, 'ack ' + sequence + ' ' + id + '\\n')
    } catch (reason) {
      if (reason.code !== 'exhausted') throw reason
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
}
`

const READER = `
import { writeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { openCursor, openLogReader } from './queue/index.js'

const { dir, durable, initial } = workerData
const cursor = await openCursor({ dir, name: 'store', initial })
const onGap = (gap) => { if (gap.reason !== 'skipped') writeSync(1, 'gap ' + gap.from + ' ' + gap.to + '\\n') }
const reader = await openLogReader({ dir, durable, from: cursor.position, onGap })
const { signal } = new AbortController()
for (;;) {
  const records = await reader.next({ maxRecords: 20, maxBytes: 1e6, signal })
  for (const { sequence, bytes } of records) {
    writeSync(1, 'read ' + sequence + ' ' + Buffer.from(bytes).toString().split(' ')[0] + '\\n')
  }
  await cursor.commit(reader.position)
  parentPort.postMessage(cursor.position)
}
`

/** Writes the program and the modules that it needs, as JavaScript, into the directory; returns its path. */
export function buildProgram(directory: string): string {
  for (const folder of ['core', 'queue']) {
    mkdirSync(join(directory, folder), { recursive: true })
    for (const name of readdirSync(join(SOURCE, folder))) {
      if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue
      const text = readFileSync(join(SOURCE, folder, name), 'utf8')
      writeFileSync(join(directory, folder, name.replace(/\.ts$/, '.js')), toJavaScript(text))
    }
  }
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}')
  writeFileSync(join(directory, 'kill-reader.js'), READER)
  writeFileSync(join(directory, 'kill-writer.js'), PROGRAM)
  return join(directory, 'kill-writer.js')
}

/** Runs the program until `killAfterMs` after it has opened its log; returns the lines that it has written by then. */
export async function runUntilKilled(
  program: string,
  args: readonly string[],
  killAfterMs: number,
): Promise<readonly string[]> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  let timer: NodeJS.Timeout | undefined
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    timer ??= setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const signal = await exitSignal(child)
  if (signal !== 'SIGKILL') throw new Error(`the program ended by itself: ${errors}`)
  // The last line may be cut.
  return output.split('\n').slice(0, -1)
}

function exitSignal(child: ChildProcess): Promise<NodeJS.Signals | null> {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (_code, signal) => {
      resolve(signal)
    })
  })
}

function toJavaScript(text: string): string {
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true }
  const { outputText } = ts.transpileModule(text, { compilerOptions })
  return outputText.replaceAll(/(from '\.{1,2}\/[^']*)\.ts'/g, "$1.js'")
}
