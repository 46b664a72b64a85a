import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const name = 'filelog'

const FILES = 50
const LINES_PER_SECOND = 10_000
const SECONDS = 10
const WARM_UP_SECONDS = 3
const BACKLOG_LINES = 1_000_000
const BURST_MS = 50

interface Sample {
  readonly records: number
  readonly batches: number
  readonly cpuMs: number
  readonly rssBytes: number
}

/** Tails CRI logs of 50 containers, a third of the lines JSON, into a synced durable log; then works off a backlog. */
export async function run(): Promise<readonly { what: string; value: number; unit: string }[]> {
  const dir = mkdtempSync(path.join(tmpdir(), 'bench-filelog-'))
  const files = Array.from({ length: FILES }, (_, i) =>
    path.join(dir, `pods/shop_pod-${String(i)}_uid-${String(i)}/app/0.log`),
  )
  for (const file of files) {
    mkdirSync(path.dirname(file), { recursive: true })
    appendFileSync(file, '')
  }
  const child = fork(
    fileURLToPath(new URL(`filelog/receiver-process${path.extname(import.meta.url)}`, import.meta.url)),
    [dir],
  )
  try {
    await once(child, 'message')
    const idle = await sample(child)
    await write(files, WARM_UP_SECONDS)
    const before = await drained(child, WARM_UP_SECONDS * LINES_PER_SECOND)
    const startedAt = performance.now()
    await write(files, SECONDS)
    const after = await drained(child, (WARM_UP_SECONDS + SECONDS) * LINES_PER_SECOND)
    const seconds = (performance.now() - startedAt) / 1_000

    const burst = linesOf(BACKLOG_LINES / FILES)
    for (const file of files) appendFileSync(file, burst)
    const catchUpAt = performance.now()
    const end = await drained(child, (WARM_UP_SECONDS + SECONDS) * LINES_PER_SECOND + BACKLOG_LINES)
    const catchUpSeconds = (performance.now() - catchUpAt) / 1_000
    return [
      { what: 'lines', value: (after.records - before.records) / seconds, unit: 'lines/s' },
      { what: 'processor at that rate', value: (after.cpuMs - before.cpuMs) / seconds / 10, unit: '% of a core' },
      { what: 'batches at that rate', value: (after.batches - before.batches) / seconds, unit: 'batches/s' },
      { what: 'backlog worked off', value: BACKLOG_LINES / catchUpSeconds, unit: 'lines/s' },
      {
        what: 'processor for the backlog',
        value: (end.cpuMs - after.cpuMs) / catchUpSeconds / 10,
        unit: '% of a core',
      },
      { what: 'memory before', value: idle.rssBytes / 2 ** 20, unit: 'MiB' },
      { what: 'memory at that rate', value: after.rssBytes / 2 ** 20, unit: 'MiB' },
      { what: 'memory after the backlog', value: end.rssBytes / 2 ** 20, unit: 'MiB' },
    ]
  } finally {
    child.kill()
    await once(child, 'exit')
    rmSync(dir, { recursive: true, force: true })
  }
}

let sequence = 0

function linesOf(count: number): string {
  let text = ''
  for (let i = 0; i < count; i++) {
    const time = `${new Date().toISOString().slice(0, -1)}000000Z`
    const n = String(sequence++)
    const body =
      sequence % 3 === 0
        ? `{"level":"info","msg":"request done","trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331","n":${n}}`
        : `GET /api/cart/${n} 200 12ms user=4711 session=0af7651916cd43dd upstream=10.0.3.17:8080 bytes=18234 cache=miss retries=0`
    text += `${time} stdout F ${body}\n`
  }
  return text
}

/** Writes at the rate, spread over the files, in bursts as containers do. */
async function write(files: readonly string[], seconds: number): Promise<void> {
  const total = seconds * LINES_PER_SECOND
  const startedAt = performance.now()
  for (let written = 0, turn = 0; written < total; ) {
    const due = Math.min(total, Math.ceil(((performance.now() - startedAt) / 1_000) * LINES_PER_SECOND))
    const share = Math.ceil((due - written) / 10)
    for (let i = 0; i < 10 && written < due; i++) {
      const lines = Math.min(share, due - written)
      const file = files[turn++ % files.length]
      if (file !== undefined && lines > 0) appendFileSync(file, linesOf(lines))
      written += lines
    }
    await new Promise((resolve) => setTimeout(resolve, BURST_MS))
  }
}

async function sample(child: ChildProcess): Promise<Sample> {
  child.send('sample')
  const [message] = (await once(child, 'message')) as [Sample]
  return message
}

async function drained(child: ChildProcess, records: number): Promise<Sample> {
  for (;;) {
    const now = await sample(child)
    if (now.records >= records) return now
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
