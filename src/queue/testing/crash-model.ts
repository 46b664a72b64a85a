/**
 * Random lives of a log on a forgetful file system: appends, reads, commits, releases, faults, and a crash at any call.
 * After each crash the survivors are held against what was promised before it. A violation is thrown as an Error whose
 * text says which promise was broken.
 */
import { Buffer } from 'node:buffer'
import { AppError, silentLogger } from '../../core/index.ts'
import type { Cursor } from '../cursor.ts'
import type { DurableLog } from '../durable-log.ts'
import type { LogRecord } from '../log-options.ts'
import { openLogReader } from '../log-reader.ts'
import { openLog } from '../open-log.ts'
import { type Fault, MemoryFileSystem } from './memory-file-system.ts'
import { createRandom } from './random.ts'

const DIR = '/log'
const LIVES = 4
const STEPS = 14

class Died extends Error {}

export interface LifeReport {
  readonly acknowledged: number
  readonly crashes: number
  readonly refused: number
}

export async function runLives(seed: number): Promise<LifeReport> {
  const model = new CrashModel(createRandom(seed))
  for (let life = 0; life < LIVES; life += 1) await model.live()
  return model.report()
}

class CrashModel {
  readonly #random: () => number
  #fs: MemoryFileSystem
  /** Calls that the process has still to live, and the chance of a fault at each. */
  #callsLeft = Infinity
  #faultRate = 0
  /** By sequence: what was acknowledged or read, and must be there for ever, or until it is released. */
  readonly #promised = new Map<number, string>()
  /** Everything that was ever handed to the log, and what of that was refused. */
  readonly #submitted = new Set<string>()
  readonly #refused = new Set<string>()
  /**
   * Refused, and others acknowledged since. These must never show up: their senders may have come again and been
   * acknowledged. Until then a refused record may still be found by a later start, and counts as appended from there.
   */
  readonly #gone = new Set<string>()
  /** Positions that the cursor may have after a crash: the last one committed, and those tried since. */
  #positions: number[] = [0]
  #acknowledged = 0
  #crashes = 0
  #refusals = 0
  #serial = 0

  constructor(random: () => number) {
    this.#random = random
    this.#fs = new MemoryFileSystem(this.#options())
  }

  report(): LifeReport {
    return { acknowledged: this.#acknowledged, crashes: this.#crashes, refused: this.#refusals }
  }

  /** One process: opens, checks what it finds, works, dies. */
  async live(): Promise<void> {
    this.#callsLeft = Infinity
    this.#faultRate = 0
    const { log, cursor } = await this.#openAndCheck()
    this.#faultRate = this.#random() < 0.5 ? 0 : this.#random() * 0.2
    this.#callsLeft = this.#random() < 0.2 ? Infinity : Math.floor(this.#random() * 120)
    for (let step = 0; step < STEPS && this.#callsLeft > 0; step += 1) await this.#step(log, cursor)
    this.#callsLeft = Math.min(this.#callsLeft, this.#random() < 0.5 ? 0 : 1e6)
    if (this.#callsLeft > 0) await log.close()
    this.#crashes += 1
    this.#fs = this.#random() < 0.7 ? this.#fs.afterCrash(this.#options()) : this.#fs.afterKill(this.#options())
  }

  async #openAndCheck(): Promise<{ readonly log: DurableLog; readonly cursor: Cursor }> {
    if (this.#random() < 0.3) await this.#dieWhileOpening()
    const log = await this.#openLog()
    const cursor = await log.cursor('store')
    // A cursor that was never committed begins with the oldest record.
    const possible = this.#positions.includes(0) ? [...this.#positions, log.firstSequence] : this.#positions
    if (!possible.includes(cursor.position)) {
      throw new Error(`the cursor stands at ${String(cursor.position)}, not at one of ${this.#positions.join()}`)
    }
    this.#positions = [cursor.position]
    await this.#checkRecords(log, cursor.position)
    return { log, cursor }
  }

  /** Recovery may die too, and must have made nothing worse. */
  async #dieWhileOpening(): Promise<void> {
    this.#callsLeft = Math.floor(this.#random() * 25)
    try {
      await (await this.#openLog()).close()
    } catch (reason) {
      if (!isDeath(reason)) throw reason
    }
    this.#callsLeft = Infinity
    this.#fs = this.#fs.afterCrash(this.#options())
  }

  #openLog(): Promise<DurableLog> {
    const options = { segmentBytes: 700, maxRecordBytes: 1000, maxBytes: 1e6, onFull: 'refuse' } as const
    return openLog({ dir: DIR, fs: this.#fs, log: silentLogger(), ...options })
  }

  async #checkRecords(log: DurableLog, from: number): Promise<void> {
    const reader = await openLogReader({ dir: DIR, fs: this.#fs, durable: log.durable, from })
    const found = await this.#readAll(log, reader)
    const highest = Math.max(-1, ...this.#promised.keys())
    for (const [sequence, text] of this.#promised) {
      if (sequence >= from && found.get(sequence) !== text) {
        throw new Error(`record ${String(sequence)} was promised, and is ${String(found.get(sequence))}`)
      }
    }
    const texts = [...found.values()]
    if (new Set(texts).size !== texts.length) throw new Error('a record is there twice')
    for (const [sequence, text] of found) {
      if (this.#gone.has(text)) throw new Error(`record ${String(sequence)} was refused, and is there`)
      if (!this.#submitted.has(text)) throw new Error(`record ${String(sequence)} was never appended: ${text}`)
      if (sequence <= highest && this.#promised.get(sequence) !== text) {
        throw new Error(`record ${String(sequence)} is there, among promised ones, and was never promised`)
      }
      // It was read: from now on it must stay, even if its sender was told that it failed.
      this.#promised.set(sequence, text)
      this.#refused.delete(text)
    }
    if (log.nextSequence <= highest) throw new Error(`sequence ${String(log.nextSequence)} would be given again`)
  }

  async #readAll(
    log: DurableLog,
    reader: Awaited<ReturnType<typeof openLogReader>>,
  ): Promise<ReadonlyMap<number, string>> {
    const found = new Map<number, string>()
    while (reader.position < durableEnd(log)) {
      for (const record of await readSome(reader)) found.set(record.sequence, textOf(record))
    }
    await reader.close()
    return found
  }

  async #step(log: DurableLog, cursor: Cursor): Promise<void> {
    const choice = this.#random()
    try {
      if (choice < 0.6) await this.#append(log)
      else if (choice < 0.7) await this.#readAndCommit(log, cursor)
      else if (choice < 0.8) await cursor.commitIntent({ serial: this.#serial })
      else if (choice < 0.9) await log.release()
      else await this.#read(log, cursor.position)
    } catch (reason) {
      // A promise that was broken is thrown as a plain Error; what the log may say is an AppError.
      if (!(reason instanceof AppError)) throw reason
    }
  }

  async #append(log: DurableLog): Promise<void> {
    const writers = 1 + Math.floor(this.#random() * 3)
    await Promise.all(Array.from({ length: writers }, () => this.#appendOne(log)))
  }

  async #appendOne(log: DurableLog): Promise<void> {
    const texts = Array.from({ length: 1 + Math.floor(this.#random() * 2) }, () => this.#newText())
    for (const text of texts) this.#submitted.add(text)
    try {
      const first = await log.appendAll(
        texts.map((text) => [Buffer.from(text.slice(0, 3)), Buffer.from(text.slice(3))]),
      )
      for (const [index, text] of texts.entries()) {
        if (this.#promised.has(first + index)) throw new Error(`sequence ${String(first + index)} was given twice`)
        this.#promised.set(first + index, text)
      }
      this.#acknowledged += texts.length
      this.#forgetRefused()
    } catch (reason) {
      if (!(reason instanceof AppError)) throw reason
      if (!isDeath(reason)) for (const text of texts) this.#refused.add(text)
    }
  }

  #forgetRefused(): void {
    for (const text of this.#refused) this.#gone.add(text)
    this.#refusals += this.#refused.size
    this.#refused.clear()
  }

  #newText(): string {
    this.#serial += 1
    // Often of one size: then what a refused write left behind lines up with the records that came after it.
    const length = this.#random() < 0.6 ? 40 : Math.floor(this.#random() * 200)
    return `r${String(this.#serial)}`.padEnd(length, '.')
  }

  async #readAndCommit(log: DurableLog, cursor: Cursor): Promise<void> {
    const position = await this.#read(log, cursor.position)
    this.#positions.push(position)
    await cursor.commit(position)
    this.#positions = [position]
  }

  /** Reads some records, which must be those that were promised; returns the position behind them. */
  async #read(log: DurableLog, from: number): Promise<number> {
    const reader = await openLogReader({ dir: DIR, fs: this.#fs, durable: log.durable, from })
    for (const record of await readSome(reader)) {
      if (this.#promised.get(record.sequence) !== textOf(record)) {
        throw new Error(`a reader was shown record ${String(record.sequence)} before it was durable`)
      }
    }
    await reader.close()
    return reader.position
  }

  #options(): ConstructorParameters<typeof MemoryFileSystem>[0] {
    return {
      random: this.#random,
      before: () => {
        if (this.#callsLeft <= 0) throw new Died('the process has died')
        this.#callsLeft -= 1
      },
      fault: (operation) => this.#fault(operation),
    }
  }

  #fault(operation: string): Fault | undefined {
    if (this.#random() >= this.#faultRate) return undefined
    const code = this.#random() < 0.5 ? 'ENOSPC' : 'EIO'
    if (operation !== 'write') return { code: code === 'ENOSPC' && operation !== 'open' ? 'EIO' : code }
    return this.#random() < 0.4 ? { written: 0.5 } : { code, written: this.#random() }
  }
}

function isDeath(reason: unknown): boolean {
  for (let cause = reason; cause instanceof Error; cause = cause.cause) if (cause instanceof Died) return true
  return false
}

function durableEnd(log: DurableLog): number {
  return Number(Atomics.load(new BigInt64Array(log.durable), 0))
}

function readSome(reader: Awaited<ReturnType<typeof openLogReader>>): Promise<readonly LogRecord[]> {
  return reader.next({ maxRecords: 5, maxBytes: 400, waitMs: 0, signal: new AbortController().signal })
}

function textOf(record: LogRecord): string {
  return Buffer.from(record.bytes).toString()
}
