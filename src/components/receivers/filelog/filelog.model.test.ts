import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError, systemClock } from '../../../core/index.ts'
import { createHarness, type Harness } from './testing/harness.ts'

/*
 * A container writes, its files are rotated, compressed and cut off, the receiver is stopped and killed, the pipeline
 * refuses, all in any order. However it goes, every line arrives exactly once.
 */
const STEPS = [
  'write',
  'write',
  'write a lot',
  'write in parts',
  'write half a line',
  'rotate',
  'rotate',
  'compress',
  'copy and cut off',
  'wait',
  'stop',
  'start',
  'kill before the log',
  'kill behind the log',
  'refuse',
] as const
type Step = (typeof STEPS)[number]

/** The kubelet rotates at megabytes; files shorter than a fingerprint are not told apart by content. */
const ROTATE_BYTES = 2_048

class World {
  readonly h: Harness = createHarness()
  readonly expected: string[] = []
  readonly #file: string
  #timeMs = Date.UTC(2026, 0, 1)
  #rotations = 0
  #rotated: string[] = []
  #rest = ''
  #running = false

  constructor() {
    const dir = path.join(this.h.dir, 'logs/pods/ns_pod_uid/app')
    mkdirSync(dir, { recursive: true })
    this.#file = path.join(dir, '0.log')
    writeFileSync(this.#file, '')
  }

  async apply(step: Step): Promise<void> {
    switch (step) {
      case 'write':
        this.#write(3)
        return
      case 'write a lot':
        this.#write(300)
        return
      case 'write in parts':
        this.#writeInParts()
        return
      case 'write half a line':
        this.#append(this.#line(this.#text()), true)
        return
      case 'rotate':
        this.#rotate()
        return
      case 'compress':
        this.#compress()
        return
      case 'copy and cut off':
        await this.#cutOff()
        return
      case 'wait':
        await systemClock.sleep(60)
        return
      case 'start':
        await this.start()
        return
      case 'stop':
        await this.#stop()
        return
      case 'refuse':
        this.#refuseOnce()
        return
      case 'kill before the log':
      case 'kill behind the log':
        await this.#kill(step === 'kill behind the log')
    }
  }

  async start(): Promise<void> {
    if (this.#running) return
    this.#running = true
    await this.h.start({ pollInterval: '5ms', discoverInterval: '10ms', rotateWait: '60ms', batchRecords: 50 })
  }

  /** What happens before the receiver has seen the files for the first time is none of its business. */
  async firstStep(): Promise<void> {
    while (!existsSync(path.join(this.h.dir, 'state/files.checkpoints'))) await systemClock.sleep(1)
  }

  async finish(): Promise<void> {
    this.#append('', false)
    await this.start()
    await this.h.expectBodies(this.expected)
  }

  #write(lines: number): void {
    let text = ''
    for (let i = 0; i < lines; i++) text += this.#line(this.#text())
    this.#append(text, false)
  }

  #writeInParts(): void {
    const text = this.#text()
    const pieces = [text.slice(0, 9), text.slice(9, 14), text.slice(14)]
    const lines = pieces.map((piece, i) => this.#line(piece, i < 2 ? 'P' : 'F'))
    lines.splice(1, 0, this.#line(this.#text(), 'F', 'stderr'))
    this.#append(lines.join(''), false)
  }

  /** With `torn`, the last half waits for the next write. */
  #append(text: string, torn: boolean): void {
    const half = torn ? Math.floor(text.length / 2) : text.length
    appendFileSync(this.#file, this.#rest + text.slice(0, half))
    this.#rest = text.slice(half)
  }

  #rotate(): void {
    if (statSync(this.#file).size < ROTATE_BYTES) return
    this.#append('', false)
    const to = `${this.#file}.20260101-${String(this.#rotations++).padStart(6, '0')}`
    renameSync(this.#file, to)
    writeFileSync(this.#file, '')
    this.#rotated.push(to)
  }

  /** As the kubelet does: the youngest rotated file stays as it is. */
  #compress(): void {
    for (const file of this.#rotated.slice(0, -1)) {
      writeFileSync(`${file}.tmp`, gzipSync(readFileSync(file)))
      renameSync(`${file}.tmp`, `${file}.gz`)
      unlinkSync(file)
    }
    this.#rotated = this.#rotated.slice(-1)
  }

  /** Only what was written before the file was copied is safe; that is all here, since nobody else writes. */
  async #cutOff(): Promise<void> {
    if (statSync(this.#file).size < ROTATE_BYTES) return
    this.#append('', false)
    await systemClock.sleep(30)
    writeFileSync(`${this.#file}-copy${String(this.#rotations++)}`, readFileSync(this.#file))
    truncateSync(this.#file)
    await systemClock.sleep(30)
  }

  #refuseOnce(): void {
    this.h.onBatch = () => {
      this.h.onBatch = () => undefined
      throw new AppError('exhausted', 'full', { retryAfterMs: 5 })
    }
  }

  async #stop(): Promise<void> {
    this.#running = false
    await this.h.stop()
  }

  /** The next batch gets as far as the log, or nearly, and the receiver never hears of it. */
  async #kill(behindTheLog: boolean): Promise<void> {
    if (!this.#running) return
    let dying = (): void => undefined
    const died = new Promise<void>((resolve) => {
      dying = resolve
    })
    const die = async (): Promise<void> => {
      dying()
      while (this.#running) await systemClock.sleep(1)
      throw new AppError('unavailable', 'killed')
    }
    if (behindTheLog) this.h.afterBatch = die
    else this.h.onBatch = die
    this.#write(2)
    await Promise.race([died, systemClock.sleep(500)])
    await this.#stop()
    this.h.afterBatch = () => undefined
    this.h.onBatch = () => undefined
  }

  #text(): string {
    const text = `line ${String(this.expected.length).padStart(6, '0')} ${'.'.repeat(80)}`
    this.expected.push(text)
    return text
  }

  #line(text: string, tag = 'F', stream = 'stdout'): string {
    this.#timeMs += 1
    return `${new Date(this.#timeMs).toISOString().replace('Z', '000000Z')} ${stream} ${tag} ${text}\n`
  }
}

function compare(found: readonly string[], expected: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const seen = new Set<string>()
  const repeated: string[] = []
  for (const line of found) {
    if (seen.has(line)) repeated.push(line.slice(0, 11))
    seen.add(line)
  }
  const wanted = new Set(expected)
  return {
    missing: expected.filter((line) => !seen.has(line)).map((line) => line.slice(0, 11)),
    repeated,
    unknown: [...seen].filter((line) => !wanted.has(line)),
  }
}

describe('the file receiver in any world', () => {
  it('delivers every line exactly once', { timeout: 60_000 }, async () => {
    const runs = Number(process.env['FILELOG_MODEL_RUNS'] ?? 12)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...STEPS), { minLength: 10, maxLength: 40 }), async (steps) => {
        const world = new World()
        try {
          await world.start()
          await world.firstStep()
          for (const step of steps) {
            await world.apply(step)
            await systemClock.sleep(Math.random() * 15)
          }
          await world.finish()
          expect(compare(world.h.bodies(), world.expected)).toEqual({ missing: [], repeated: [], unknown: [] })
        } finally {
          await world.h.dispose()
        }
      }),
      { numRuns: runs, endOnFailure: true },
    )
  })
})
