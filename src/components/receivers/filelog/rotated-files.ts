import type { FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { type FileCheckpoint, FINGERPRINT_BYTES, fingerprintOf, hasFingerprint, keyOf } from './checkpoint.ts'
import type { CheckpointStore } from './checkpoint-store.ts'
import type { FilelogContext } from './context.ts'
import {
  type FileFacts,
  factsOfHandle,
  factsOfPath,
  listNames,
  openForReading,
  readGzipHead,
  readHead,
  resolveLinks,
  sameBytes,
  unpackGzip,
} from './file-system.ts'
import type { TailedFile } from './tailed-file.ts'

const FORGET_AFTER_MS = 24 * 3_600_000

/** A file to tail, with what is known about it. */
export interface FoundFile {
  readonly handle: FileHandle
  readonly facts: FileFacts
  readonly head: Uint8Array
  /** The path that it has, or had before it was rotated. */
  readonly path: string
  readonly location: string
  readonly checkpoint?: FileCheckpoint | undefined
  /** The unpacked copy of a compressed file. */
  readonly temporary?: boolean
}

/** Who tails the files; the watcher. */
export interface Follower {
  readonly tails: ReadonlyMap<string, TailedFile>
  /** Whether the globs name this path. */
  wants(file: string): boolean
  /** Starts tailing an open file that does not have its path any more. */
  follow(file: FoundFile): Promise<TailedFile>
}

/** What to do with a rotated file that nobody knows. */
interface Rule {
  /** It is read when it was made after this; `always` where all earlier ones are known. */
  readonly readSince: number | 'always' | 'never'
  /** What the file at the path was before it was cut off: a copy goes on from there. */
  readonly was?: FileCheckpoint | undefined
}

/**
 * Finds the files that stood at a path before: `0.log` becomes `0.log.20260101-000000` and later
 * `0.log.20260101-000000.gz`, `app.log` becomes `app.log.1`. No glob names them, so without this whatever was written
 * to them while nobody looked would be missing. Every rotated file of a path is either tailed or known to be read;
 * one that is neither appeared in the meantime and is read whole.
 */
export class RotatedFiles {
  readonly #context: FilelogContext
  readonly #store: CheckpointStore
  readonly #follower: Follower
  readonly #unpackDir: string
  /** Paths whose rotated files were settled in this run. */
  readonly #paths = new Set<string>()
  /** Keys of files that need no second look. */
  readonly #done = new Set<string>()
  #settled: FileCheckpoint[] = []
  #forgotten: string[] = []

  constructor(context: FilelogContext, store: CheckpointStore, follower: Follower, unpackDir: string) {
    this.#context = context
    this.#store = store
    this.#follower = follower
    this.#unpackDir = unpackDir
  }

  /** Looks for files that were rotated away from the path. `sinceMs` counts for a path never seen before. */
  async settle(file: string, sinceMs: number): Promise<void> {
    const known = this.#paths.has(file) || this.#store.knowsPath(file)
    this.#paths.add(file)
    await this.#scan(file, { readSince: known ? 'always' : sinceMs })
  }

  /** Looks for a copy of the file that was cut off, to go on there; other unknown files are older copies. */
  async settleTruncated(file: string, was: FileCheckpoint): Promise<void> {
    await this.#scan(file, { readSince: 'never', was })
  }

  /** Finds the files that were being read when an earlier run ended and that have another name now. */
  async findOrphans(): Promise<void> {
    for (const checkpoint of [...this.#store.values()]) {
      if (checkpoint.finished || this.#follower.tails.has(keyOf(checkpoint))) continue
      if (!this.#follower.wants(checkpoint.path) || this.#paths.has(checkpoint.path)) continue
      this.#paths.add(checkpoint.path)
      await this.#scan(checkpoint.path, { readSince: 'always' }, checkpoint.location)
    }
  }

  /**
   * Forgets files that nobody tails and that are gone; a file that is still there stays known. Compressed copies of a
   * file are settled first, because it is by this file's beginning that they are known to be read.
   */
  async forgetGone(nowMs: number): Promise<void> {
    const old = [...this.#store.values()].filter(
      (file) => file.seenAtMs < nowMs - FORGET_AFTER_MS && !this.#follower.tails.has(keyOf(file)),
    )
    for (const file of new Set(old.map((checkpoint) => checkpoint.path)))
      await this.#scan(file, { readSince: 'always' })
    for (const dir of new Set(old.map((file) => path.dirname(file.location)))) {
      const present = await this.#keysIn(dir)
      if (present === undefined) continue
      for (const file of old) {
        if (path.dirname(file.location) !== dir) continue
        if (present.has(keyOf(file))) this.#settled.push({ ...file, seenAtMs: nowMs })
        else this.forget(keyOf(file))
      }
    }
  }

  forget(key: string): void {
    this.#forgotten.push(key)
  }

  /** What to save with the next step. */
  takeSettled(): { readonly files: readonly FileCheckpoint[]; readonly forgotten: readonly string[] } {
    const taken = { files: this.#settled, forgotten: this.#forgotten }
    this.#settled = []
    this.#forgotten = []
    return taken
  }

  async #scan(file: string, rule: Rule, location?: string): Promise<void> {
    const current = location ?? (await resolveLinks(file))
    const dir = path.dirname(current)
    const bases = [path.basename(current), path.basename(file)]
    for (const name of await listNames(dir)) {
      if (name.endsWith('.tmp')) continue
      // A file that was being read may still be where it was; its own name counts only when it is no live file.
      const own = location !== undefined && name === path.basename(location)
      if (!own && !bases.some((base) => name.startsWith(`${base}.`) || name.startsWith(`${base}-`))) continue
      try {
        await this.#consider(path.join(dir, name), file, rule)
      } catch (reason) {
        this.#context.reportError('open', path.join(dir, name), reason)
      }
    }
  }

  async #consider(location: string, file: string, rule: Rule): Promise<void> {
    const facts = await factsOfPath(location)
    if (facts === undefined) return
    const tail = this.#follower.tails.get(keyOf(facts))
    if (tail !== undefined) {
      if (tail.detachedAtMs !== undefined) tail.location = location
      return
    }
    if (this.#done.has(keyOf(facts)) && rule.was === undefined) return
    // A glob names it too: it is a file of its own.
    if (this.#follower.wants(location) && rule.was === undefined) return
    if (location.endsWith('.gz')) await this.#considerCompressed(location, file, rule, facts)
    else await this.#considerPlain(location, file, rule)
  }

  async #considerPlain(location: string, file: string, rule: Rule): Promise<void> {
    const handle = await openForReading(location)
    if (handle === undefined) return
    let kept = false
    try {
      const facts = await factsOfHandle(handle)
      if (facts === undefined || this.#follower.tails.has(keyOf(facts))) return
      const head = await readHead(handle)
      const known = this.#recognise({ ...facts, path: file }, head, facts.size, rule)
      if (known?.finished || (known === undefined && !mayRead(rule, facts))) {
        this.#settle(facts, head, file, location)
        return
      }
      kept = true
      await this.#follow({ handle, facts, head, path: file, location, checkpoint: known })
    } finally {
      if (!kept) await handle.close()
    }
  }

  async #considerCompressed(location: string, file: string, rule: Rule, facts: FileFacts): Promise<void> {
    const head = await readGzipHead(location)
    const known = this.#recognise({ ...facts, path: file }, head, Infinity, rule)
    if (known?.finished || (known === undefined && !mayRead(rule, facts))) {
      this.#settle(facts, head, file, location)
      return
    }
    const copy = path.join(this.#unpackDir, facts.inode)
    await unpackGzip(location, copy, this.#context.signal)
    const handle = await openForReading(copy)
    const size = handle === undefined ? undefined : (await factsOfHandle(handle))?.size
    if (handle === undefined || size === undefined) return
    const unpacked = { ...facts, size }
    await this.#follow({
      handle,
      facts: unpacked,
      head,
      path: file,
      location: copy,
      checkpoint: known,
      temporary: true,
    })
  }

  /**
   * What is known of a file with this beginning, under its own numbers or, for a copy, under another's. A file that
   * is being read, or was, under other numbers counts as finished: this is but a copy of it.
   */
  #recognise(
    file: { readonly device: string; readonly inode: string; readonly path: string },
    head: Uint8Array,
    size: number,
    rule: Rule,
  ): FileCheckpoint | undefined {
    const telling = head.length === FINGERPRINT_BYTES
    if (rule.was !== undefined && telling && hasFingerprint(head, rule.was.fingerprint) && rule.was.offset <= size) {
      return rule.was
    }
    const own = this.#store.match(file, head, size)
    if (own !== undefined || !telling) return own
    const known = this.#store.matchContent(head)
    for (const tail of this.#follower.tails.values()) {
      if (sameBytes(tail.head, head)) return { ...tail.toCheckpoint(0), finished: true }
    }
    return known !== undefined && known.offset <= size ? known : undefined
  }

  async #follow(found: FoundFile): Promise<void> {
    const { name, meters } = this.#context
    meters.fileEvents.inc({ receiver: name, event: 'recovered' })
    const tail = await this.#follower.follow(found)
    const before = found.checkpoint
    // Its place is saved under its own numbers from now on.
    if (before !== undefined && keyOf(before) !== tail.key) {
      tail.unsaved = true
      if (!this.#follower.tails.has(keyOf(before))) this.forget(keyOf(before))
    }
  }

  /** Remembers, over restarts too, that the file is read or need not be. */
  #settle(facts: FileFacts, head: Uint8Array, file: string, location: string): void {
    this.#done.add(keyOf(facts))
    if (this.#store.match({ ...facts, path: file }, head, Infinity)?.finished) return
    this.#settled.push({
      device: facts.device,
      inode: facts.inode,
      path: file,
      location,
      fingerprint: fingerprintOf(head),
      offset: facts.size,
      finished: true,
      seenAtMs: this.#context.clock.now(),
    })
  }

  async #keysIn(dir: string): Promise<ReadonlySet<string> | undefined> {
    const keys = new Set<string>()
    try {
      for (const name of await listNames(dir)) {
        const facts = await factsOfPath(path.join(dir, name))
        if (facts !== undefined) keys.add(keyOf(facts))
      }
      return keys
    } catch (reason) {
      this.#context.reportError('list', dir, reason)
      return undefined
    }
  }
}

function mayRead(rule: Rule, facts: FileFacts): boolean {
  if (typeof rule.readSince === 'number') return facts.bornMs > rule.readSince
  return rule.readSince === 'always'
}
