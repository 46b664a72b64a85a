import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { CriWriter } from './load/cri-writer.ts'

export const name = 'filelog'

const FILES = 50
const LINES_PER_SECOND = 10_000
const SECONDS = 10
const WARM_UP_SECONDS = 3
const BACKLOG_LINES = 1_000_000

interface Sample {
  readonly records: number
  readonly batches: number
  readonly cpuMs: number
  readonly rssBytes: number
}

/** Tails CRI logs of 50 containers, a third of the lines JSON, into a synced durable log; then works off a backlog. */
export async function run(): Promise<readonly { what: string; value: number; unit: string }[]> {
  const dir = mkdtempSync(path.join(tmpdir(), 'bench-filelog-'))
  const writer = new CriWriter(dir, FILES)
  const child = fork(
    fileURLToPath(new URL(`filelog/receiver-process${path.extname(import.meta.url)}`, import.meta.url)),
    [dir],
  )
  try {
    await once(child, 'message')
    const idle = await sample(child)
    await writer.write(LINES_PER_SECOND, WARM_UP_SECONDS)
    const before = await drained(child, WARM_UP_SECONDS * LINES_PER_SECOND)
    const startedAt = performance.now()
    await writer.write(LINES_PER_SECOND, SECONDS)
    const after = await drained(child, (WARM_UP_SECONDS + SECONDS) * LINES_PER_SECOND)
    const seconds = (performance.now() - startedAt) / 1_000

    writer.burst(BACKLOG_LINES)
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
