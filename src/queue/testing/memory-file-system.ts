import { Buffer } from 'node:buffer'
import { dirname } from 'node:path'
import { AppError } from '../../core/index.ts'
import type { FileSystem, OpenFile } from '../file-system.ts'

/**
 * A file system in memory that is as forgetful as POSIX allows: content survives a crash only if the file was synced,
 * a directory entry only if the directory was. What was not synced survives in part, in any combination: writes apart
 * from one another, sectors of one write apart, sizes without the data, renames without the removal before them.
 */
const SECTOR_BYTES = 64

/** What a call shall do instead of working. */
export interface Fault {
  /** The system error to throw; for a write without one, the write is only short. */
  readonly code?: string
  /** For a write: the part of the bytes that gets through, 0 to 1. */
  readonly written?: number
}

export interface MemoryFileSystemOptions {
  /** In [0, 1). */
  readonly random: () => number
  readonly fault?: (operation: string, path: string) => Fault | undefined
  /** Before a call takes effect; a rejection stands for a process that died there. */
  readonly before?: (operation: string, path: string) => void
}

type Change =
  | { readonly kind: 'write'; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly length: number }

interface Inode {
  content: Buffer
  durable: Buffer
  unsynced: Change[]
}

interface NameChange {
  readonly directories: readonly string[]
  readonly apply: (names: Map<string, Inode>) => void
}

export class MemoryFileSystem implements FileSystem {
  readonly #options: MemoryFileSystemOptions
  readonly #directories: Set<string>
  readonly #names: Map<string, Inode>
  #durableNames: Map<string, Inode>
  #unsyncedNames: NameChange[] = []
  #locked = new Set<string>()

  constructor(
    options: MemoryFileSystemOptions,
    names: ReadonlyMap<string, Inode> = new Map(),
    directories: Iterable<string> = [],
  ) {
    this.#options = options
    this.#names = new Map(names)
    this.#durableNames = new Map(names)
    this.#directories = new Set(directories)
  }

  /** What another process, or the next boot, finds after the power went off now. */
  afterCrash(options: MemoryFileSystemOptions): MemoryFileSystem {
    const names = new Map(this.#durableNames)
    for (const change of this.#unsyncedNames) if (this.#coin()) change.apply(names)
    const survivors = new Map<Inode, Inode>()
    const after = new Map<string, Inode>()
    for (const [path, inode] of names) {
      const content = survivors.get(inode)?.content ?? this.#surviving(inode)
      const survivor = survivors.get(inode) ?? { content, durable: content, unsynced: [] }
      survivors.set(inode, survivor)
      after.set(path, survivor)
    }
    return new MemoryFileSystem(options, after, this.#directories)
  }

  /** What another process finds after this one was killed: the kernel keeps everything that was written. */
  afterKill(options: MemoryFileSystemOptions): MemoryFileSystem {
    const next = new MemoryFileSystem(options, this.#names, this.#directories)
    next.#durableNames = this.#durableNames
    next.#unsyncedNames = this.#unsyncedNames
    return next
  }

  /** The content of a file, to be looked at or damaged by a test. */
  peek(path: string): Buffer {
    return Buffer.from(this.#inodeAt(path).content)
  }

  /** Puts content on the disk behind everybody's back. */
  poke(path: string, content: Uint8Array): void {
    const bytes = Buffer.from(content)
    const inode: Inode = { content: bytes, durable: bytes, unsynced: [] }
    this.#names.set(path, inode)
    this.#durableNames.set(path, inode)
  }

  async open(path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile> {
    await this.#enter('open', path)
    if (mode === 'create') {
      if (this.#names.has(path)) throw systemError('EEXIST', path)
      const inode: Inode = { content: Buffer.alloc(0), durable: Buffer.alloc(0), unsynced: [] }
      this.#rename([dirname(path)], (names) => names.set(path, inode))
    }
    return this.#openFile(path, this.#inodeAt(path))
  }

  async list(directory: string): Promise<readonly string[]> {
    await this.#enter('list', directory)
    const prefix = `${directory}/`
    return [...this.#names.keys()]
      .filter((path) => path.startsWith(prefix) && !path.slice(prefix.length).includes('/'))
      .map((path) => path.slice(prefix.length))
  }

  async makeDirectory(path: string): Promise<void> {
    await this.#enter('makeDirectory', path)
    this.#directories.add(path)
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#enter('rename', from)
    const inode = this.#inodeAt(from)
    this.#rename([dirname(from), dirname(to)], (names) => {
      names.set(to, inode)
      if (names.get(from) === inode) names.delete(from)
    })
  }

  async remove(path: string): Promise<void> {
    await this.#enter('remove', path)
    const inode = this.#inodeAt(path)
    this.#rename([dirname(path)], (names) => {
      if (names.get(path) === inode) names.delete(path)
    })
  }

  async syncDirectory(path: string): Promise<void> {
    await this.#enter('syncDirectory', path)
    const synced = this.#unsyncedNames.filter((change) => change.directories.includes(path))
    for (const change of synced) change.apply(this.#durableNames)
    this.#unsyncedNames = this.#unsyncedNames.filter((change) => !synced.includes(change))
  }

  async lock(path: string): Promise<() => Promise<void>> {
    await this.#enter('lock', path)
    if (this.#locked.has(path)) throw new AppError('conflict', `${path}: locked`)
    this.#locked.add(path)
    return () => {
      this.#locked.delete(path)
      return Promise.resolve()
    }
  }

  #openFile(path: string, inode: Inode): OpenFile {
    return {
      size: () => Promise.resolve(inode.content.length),
      read: async (into, position) => {
        await this.#enter('read', path)
        return inode.content.copy(into, 0, position)
      },
      write: async (parts, position) => {
        const bytes = Buffer.concat(parts)
        const fault = this.#options.fault?.('write', path)
        const taken = bytes.subarray(0, Math.floor(bytes.length * (fault === undefined ? 1 : (fault.written ?? 0))))
        change(inode, { kind: 'write', at: position, bytes: taken })
        // The process may die with the bytes, or some of them, handed over.
        await this.#die('write', path)
        if (fault?.code !== undefined) throw systemError(fault.code, path)
        return taken.length
      },
      truncate: async (length) => {
        await this.#enter('truncate', path)
        change(inode, { kind: 'truncate', length })
      },
      datasync: () => this.#datasync(path, inode),
      close: () => Promise.resolve(),
    }
  }

  async #datasync(path: string, inode: Inode): Promise<void> {
    await this.#die('datasync', path)
    const fault = this.#options.fault?.('datasync', path)
    if (fault?.code !== undefined) {
      // As Linux does: the pages count as clean now, some never reached the disk, and reads still see them.
      inode.durable = this.#surviving(inode)
      inode.unsynced = []
      throw systemError(fault.code, path)
    }
    // Only what was written since the last sync is written out: after a failed sync the rest is lost for good.
    inode.durable = inode.unsynced.reduce(applyChange, inode.durable)
    inode.unsynced = []
  }

  async #enter(operation: string, path: string): Promise<void> {
    await this.#die(operation, path)
    const fault = this.#options.fault?.(operation, path)
    if (fault?.code !== undefined) throw systemError(fault.code, path)
  }

  async #die(operation: string, path: string): Promise<void> {
    await Promise.resolve()
    this.#options.before?.(operation, path)
  }

  #rename(directories: readonly string[], apply: (names: Map<string, Inode>) => void): void {
    apply(this.#names)
    this.#unsyncedNames.push({ directories, apply })
  }

  #inodeAt(path: string): Inode {
    const inode = this.#names.get(path)
    if (inode === undefined) throw systemError('ENOENT', path)
    return inode
  }

  #coin(): boolean {
    return this.#options.random() < 0.5
  }

  /** The durable content, with some of what was not synced. */
  #surviving(inode: Inode): Buffer {
    let content = inode.durable
    for (const unsynced of inode.unsynced) {
      const fate = this.#options.random()
      if (fate < 0.3) continue
      const torn = fate < 0.6 && unsynced.kind === 'write'
      content = torn ? this.#applyTorn(content, unsynced) : applyChange(content, unsynced)
    }
    return content
  }

  /** Some sectors of a write do not get through: they hold what they held before, or zeros where the file has grown. */
  #applyTorn(content: Buffer, write: Change & { readonly kind: 'write' }): Buffer {
    const keep = this.#coin() ? write.bytes.length : Math.floor(this.#options.random() * write.bytes.length)
    let torn = this.#coin() ? resize(content, Math.max(content.length, write.at + keep)) : content
    for (let at = 0; at < keep; at += SECTOR_BYTES) {
      const sector = write.bytes.subarray(at, Math.min(at + SECTOR_BYTES, keep))
      if (this.#coin()) torn = applyChange(torn, { kind: 'write', at: write.at + at, bytes: sector })
    }
    return torn
  }
}

function change(inode: Inode, applied: Change): void {
  inode.content = applyChange(inode.content, applied)
  inode.unsynced.push(applied)
}

function applyChange(content: Buffer, applied: Change): Buffer {
  if (applied.kind === 'truncate') return resize(content, applied.length)
  const next = resize(content, Math.max(content.length, applied.at + applied.bytes.length))
  applied.bytes.copy(next, applied.at)
  return next
}

function resize(content: Buffer, length: number): Buffer {
  const next = Buffer.alloc(length)
  content.copy(next)
  return next
}

function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code })
}
