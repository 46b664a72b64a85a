import { rm } from 'node:fs/promises'
import path from 'node:path'
import { type Attributes, encodeResource } from '../../../wire/index.ts'
import { type FileCheckpoint, keyOf } from './checkpoint.ts'
import type { CheckpointStore } from './checkpoint-store.ts'
import type { FilelogContext } from './context.ts'
import {
  type FileFacts,
  factsOfHandle,
  factsOfPath,
  isGzip,
  openForReading,
  readHead,
  resolveLinks,
} from './file-system.ts'
import { compileGlobs, findFiles, type Glob, matchesAny } from './glob.ts'
import { podAttributesOfLink } from './pod-path.ts'
import { type Follower, type FoundFile, RotatedFiles } from './rotated-files.ts'
import { TailedFile } from './tailed-file.ts'

/** A file that has not grown for so long is looked at in every fifth pass only. */
const QUIET_MS = 10_000
const QUIET_PASSES = 5
/** Evaluating the globs takes at most this part of the time, however many directories there are. */
const DISCOVERY_SHARE = 1 / 20
const FORGET_EVERY_MS = 3_600_000

/**
 * Knows which files there are and what happens to them: found, grown, renamed, deleted. It holds them open, so that a
 * file that is renamed and deleted while the pipeline is full can still be read. It never reads lines.
 */
export class FileWatcher implements Follower {
  /** By device and inode. */
  readonly tails = new Map<string, TailedFile>()
  readonly #context: FilelogContext
  readonly #store: CheckpointStore
  readonly #include: readonly Glob[]
  readonly #exclude: readonly Glob[]
  readonly #rotated: RotatedFiles
  /** The path of each file that still has it. */
  readonly #attached = new Map<string, TailedFile>()
  /** Files for which no descriptor is left. */
  #waiting = new Set<string>()
  /** Files that hold no lines (compressed ones), by device and inode. */
  readonly #ignored = new Set<string>()
  #passes = 0
  #discoverAtMs = 0
  #discoveredAtMs = 0
  #forgetAtMs: number
  #firstDiscovery = true

  constructor(context: FilelogContext, store: CheckpointStore, unpackDir: string) {
    this.#context = context
    this.#store = store
    this.#include = compileGlobs(context.config.include)
    this.#exclude = compileGlobs(context.config.exclude)
    this.#rotated = new RotatedFiles(context, store, this, unpackDir)
    this.#forgetAtMs = context.clock.now() + FORGET_EVERY_MS
  }

  /** One look at the file system: new files now and then, known ones each time. */
  async pass(): Promise<void> {
    const now = this.#context.clock.now()
    this.#passes += 1
    const look = [...this.tails.values()]
    for (const tail of look) await this.#guard('stat', tail.location, () => this.#look(tail, now))
    if (now >= this.#discoverAtMs) {
      const listedInMs = await this.#discover()
      this.#discoveredAtMs = now
      this.#discoverAtMs = now + Math.max(this.#context.config.discoverInterval, listedInMs / DISCOVERY_SHARE)
    }
    if (now >= this.#forgetAtMs) {
      await this.#guard('list', 'forgotten files', () => this.#rotated.forgetGone(now))
      this.#forgetAtMs = now + FORGET_EVERY_MS
    }
    this.#report()
  }

  /** Opens the file if it was closed to save descriptors. False when that is not possible now, or no more. */
  async ensureOpen(tail: TailedFile): Promise<boolean> {
    if (tail.handle !== undefined) return true
    if (!(await this.#makeRoom())) return false
    const handle = await openForReading(tail.location)
    const facts = handle === undefined ? undefined : await factsOfHandle(handle)
    if (facts !== undefined && keyOf(facts) === tail.key) {
      tail.handle = handle
      return true
    }
    await handle?.close()
    const before = tail.location
    await this.#rotated.settle(tail.path, this.#context.clock.now())
    if (tail.location !== before) return this.ensureOpen(tail)
    await this.#lose(tail)
    return false
  }

  /** The file was cut off at its top and begins anew with `head`. What was cut off may live on in a copy. */
  async truncated(tail: TailedFile, head: Uint8Array): Promise<void> {
    this.#context.meters.fileEvents.inc({ receiver: this.#context.name, event: 'truncated' })
    const before = tail.toCheckpoint(this.#context.clock.now())
    tail.rewind(head)
    await this.#rotated.settleTruncated(tail.path, before)
  }

  /** The file is done: nothing more will be read from it. */
  async release(tail: TailedFile): Promise<void> {
    this.tails.delete(tail.key)
    if (this.#attached.get(tail.path) === tail) this.#attached.delete(tail.path)
    const handle = tail.handle
    tail.handle = undefined
    await handle?.close()
    if (tail.temporary) await rm(tail.location, { force: true })
  }

  async close(): Promise<void> {
    for (const tail of [...this.tails.values()]) await this.release(tail)
  }

  /** What has to be saved beside the tailed files: rotated files that are known to be read, and those gone. */
  takeSettled(): { readonly files: readonly FileCheckpoint[]; readonly forgotten: readonly string[] } {
    return this.#rotated.takeSettled()
  }

  wants(file: string): boolean {
    return matchesAny(this.#include, file) && !matchesAny(this.#exclude, file)
  }

  /** Starts tailing an open file that is named differently by now, or has no name. The handle becomes the tail's. */
  async follow(file: FoundFile): Promise<TailedFile> {
    const tail = await this.#newTail(file)
    tail.detachedAtMs = this.#context.clock.now()
    tail.temporary = file.temporary ?? false
    this.tails.set(tail.key, tail)
    return tail
  }

  #report(): void {
    const { meters, name } = this.#context
    const counts = { open: 0, closed: 0, rotated: 0, waiting: this.#waiting.size }
    let lag = 0
    for (const tail of this.tails.values()) {
      counts[tail.detachedAtMs !== undefined ? 'rotated' : tail.handle === undefined ? 'closed' : 'open'] += 1
      lag += Math.max(0, tail.status.size - tail.position)
    }
    for (const [state, count] of Object.entries(counts)) meters.files.set({ receiver: name, state }, count)
    meters.lagBytes.set({ receiver: name }, lag)
  }

  /** Returns how long the evaluation of the globs took. */
  async #discover(): Promise<number> {
    const { clock, reportError } = this.#context
    const sinceMs = this.#firstDiscovery ? (this.#store.savedAtMs ?? clock.now()) : this.#discoveredAtMs
    const startedAtMs = clock.now()
    const found = await findFiles(this.#include, (dir, reason) => {
      reportError('list', dir, reason)
    })
    const listedInMs = clock.now() - startedAtMs
    const waited = this.#waiting
    this.#waiting = new Set()
    for (const file of found) {
      if (this.#attached.has(file) || !this.wants(file)) continue
      await this.#guard('open', file, () => this.#adopt(file, sinceMs))
    }
    for (const file of waited)
      if (!found.has(file)) this.#context.meters.lostFiles.inc({ receiver: this.#context.name })
    if (this.#firstDiscovery) await this.#guard('list', 'rotated files', () => this.#rotated.findOrphans())
    this.#firstDiscovery = false
    return listedInMs
  }

  /** Begins to tail the file by that name, if it is not tailed by another name. */
  async #adopt(file: string, sinceMs: number): Promise<void> {
    const seen = await factsOfPath(file)
    if (seen === undefined || this.#ignored.has(keyOf(seen))) return
    const tail = this.tails.get(keyOf(seen))
    if (tail !== undefined) {
      if (tail.detachedAtMs !== undefined && !tail.temporary) this.#attach(tail, file)
      return
    }
    if (!(await this.#makeRoom())) {
      this.#waiting.add(file)
      return
    }
    const location = await resolveLinks(file)
    const handle = await openForReading(file)
    if (handle === undefined) return
    // The name may lead to another file than a moment ago: what counts is what was opened.
    const facts = await factsOfHandle(handle)
    if (facts === undefined || this.tails.has(keyOf(facts))) {
      await handle.close()
      return
    }
    const head = await readHead(handle)
    if (isGzip(head)) {
      this.#ignored.add(keyOf(facts))
      await handle.close()
      return
    }
    const checkpoint = this.#store.match({ ...facts, path: file }, head, facts.size)
    const fresh = await this.#newTail({ handle, facts, head, path: file, location, checkpoint })
    if (checkpoint === undefined) await this.#placeAtStart(fresh, facts)
    this.tails.set(fresh.key, fresh)
    this.#attached.set(file, fresh)
    await this.#rotated.settle(file, sinceMs)
  }

  async #newTail(file: FoundFile): Promise<TailedFile> {
    const { config } = this.#context
    const pod = await podAttributesOfLink(file.path)
    const named = config.fileNames === 'always' || (config.fileNames === 'auto' && pod === undefined)
    const resource: Attributes = { ...pod, ...config.resource }
    const tail = new TailedFile({
      ...file.facts,
      path: file.path,
      location: file.location,
      resource: encodeResource(resource),
      names: named ? { name: path.basename(file.path), path: file.path } : undefined,
      checkpoint: file.checkpoint,
    })
    tail.handle = file.handle
    tail.head = file.head
    tail.status = file.facts
    tail.lastGrowthMs = this.#context.clock.now()
    return tail
  }

  /** With `startAt: end`, what is there at the very first start is skipped up to the next whole line. */
  async #placeAtStart(tail: TailedFile, facts: FileFacts): Promise<void> {
    tail.unsaved = true
    if (!this.#firstDiscovery || !this.#store.isNew || this.#context.config.startAt === 'beginning') return
    tail.position = facts.size
    if (facts.size === 0 || tail.handle === undefined) return
    const last = new Uint8Array(1)
    await tail.handle.read(last, 0, 1, facts.size - 1)
    tail.skipping = last[0] !== 0x0a
  }

  async #look(tail: TailedFile, now: number): Promise<void> {
    if (!this.tails.has(tail.key)) return
    if (tail.detachedAtMs !== undefined) {
      await this.#lookAtDetached(tail, now)
      return
    }
    if (now - tail.lastGrowthMs > QUIET_MS && this.#passes % QUIET_PASSES !== 0) return
    const facts = await factsOfPath(tail.path)
    if (facts !== undefined && keyOf(facts) === tail.key) {
      this.#update(tail, facts, now)
      return
    }
    tail.detachedAtMs = now
    this.#attached.delete(tail.path)
    this.#context.meters.fileEvents.inc({ receiver: this.#context.name, event: 'rotated' })
    if (facts !== undefined) await this.#adopt(tail.path, now)
    else this.#discoverAtMs = now
    await this.#lookAtDetached(tail, now)
  }

  async #lookAtDetached(tail: TailedFile, now: number): Promise<void> {
    if (tail.handle === undefined) {
      if (!(await this.ensureOpen(tail))) return
    }
    const facts = tail.handle === undefined ? undefined : await factsOfHandle(tail.handle)
    if (facts === undefined) return
    this.#update(tail, facts, now)
    if (facts.links === 0 && !tail.deleted) {
      tail.deleted = true
      this.#context.meters.fileEvents.inc({ receiver: this.#context.name, event: 'deleted' })
    }
  }

  #update(tail: TailedFile, facts: FileFacts, now: number): void {
    if (facts.size !== tail.status.size) tail.lastGrowthMs = now
    tail.status = facts
  }

  #attach(tail: TailedFile, file: string): void {
    // It keeps the path by which it was first found: that says which container it belongs to.
    if (file !== tail.path) {
      tail.location = file
      return
    }
    tail.detachedAtMs = undefined
    tail.location = file
    this.#attached.set(file, tail)
  }

  /** Whether one more file may be opened; a quiet one is closed for it if need be. */
  async #makeRoom(): Promise<boolean> {
    let open = 0
    let quietest: TailedFile | undefined
    for (const tail of this.tails.values()) {
      if (tail.handle === undefined) continue
      open += 1
      const idle = tail.detachedAtMs === undefined && !tail.hasNews && tail.isAtEnd
      if (idle && tail.lastGrowthMs < (quietest?.lastGrowthMs ?? Infinity)) quietest = tail
    }
    if (open < this.#context.config.maxOpenFiles) return true
    const handle = quietest?.handle
    if (quietest === undefined || handle === undefined) return false
    quietest.handle = undefined
    await handle.close()
    return true
  }

  async #lose(tail: TailedFile): Promise<void> {
    if (!tail.isAtEnd) this.#context.meters.lostFiles.inc({ receiver: this.#context.name })
    this.#rotated.forget(tail.key)
    await this.release(tail)
  }

  async #guard(operation: string, file: string, act: () => Promise<unknown>): Promise<void> {
    try {
      await act()
    } catch (reason) {
      this.#context.reportError(operation, file, reason)
    }
  }
}
