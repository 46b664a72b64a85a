import type { FileHandle } from 'node:fs/promises'
import { type FileCheckpoint, type Fingerprint, fingerprintOf, type PartialLine, type Stream } from './checkpoint.ts'

/** What the file system said about a file when it was last asked. */
export interface FileStatus {
  readonly size: number
  readonly mtimeNs: bigint
}

export interface TailedFileOptions {
  readonly device: string
  readonly inode: string
  readonly path: string
  readonly location: string
  /** OTLP bytes, from `encodeResource`. */
  readonly resource: Uint8Array
  /** Set when records carry the file's name. */
  readonly names?: { readonly name: string; readonly path: string } | undefined
  /** Goes on from here, if the file is known. */
  readonly checkpoint?: FileCheckpoint | undefined
}

/**
 * A file that is being read. The file itself is the buffer: what is kept here is where the next unread line begins,
 * and where the lines stand that wait for their last part. The watcher tells what happens to it, the reader reads it.
 */
export class TailedFile {
  readonly key: string
  readonly device: string
  readonly inode: string
  /** By which a glob found it. */
  readonly path: string
  readonly resource: Uint8Array
  readonly names: { readonly name: string; readonly path: string } | undefined
  /** Where it can be opened now. */
  location: string
  handle: FileHandle | undefined
  /** Its first bytes, at most `FINGERPRINT_BYTES`. */
  head: Uint8Array = new Uint8Array()
  status: FileStatus = { size: 0, mtimeNs: 0n }
  /** The status when it was last read to its end; undefined when it was not. */
  readTo: FileStatus | undefined
  /** Where the next line begins. */
  position: number
  skipping: boolean
  readonly partials: Map<Stream, PartialLine>
  /** When its path was found to lead elsewhere or nowhere. */
  detachedAtMs: number | undefined
  lastGrowthMs = 0
  /** It has no name left: nobody can find it again once it is closed. */
  deleted = false
  /** Removed when it is done: the unpacked copy of a compressed file. */
  temporary = false
  finished = false
  /** Something changed since the last checkpoint. */
  unsaved = false
  #fingerprint: Fingerprint | undefined

  constructor(options: TailedFileOptions) {
    this.key = `${options.device}:${options.inode}`
    this.device = options.device
    this.inode = options.inode
    this.path = options.path
    this.location = options.location
    this.resource = options.resource
    this.names = options.names
    this.position = options.checkpoint?.offset ?? 0
    this.skipping = options.checkpoint?.skipping ?? false
    this.partials = new Map(Object.entries(options.checkpoint?.partials ?? {}) as [Stream, PartialLine][])
  }

  /** Whether it changed since it was read to its end. */
  get hasNews(): boolean {
    return this.readTo?.size !== this.status.size || this.readTo.mtimeNs !== this.status.mtimeNs
  }

  get isAtEnd(): boolean {
    return this.position >= this.status.size
  }

  /** Begins again at the top, after its content was cut off. */
  rewind(head: Uint8Array): void {
    this.position = 0
    this.skipping = false
    this.partials.clear()
    this.head = head
    this.#fingerprint = undefined
    this.readTo = undefined
    this.unsaved = true
  }

  toCheckpoint(nowMs: number): FileCheckpoint {
    if (this.#fingerprint?.length !== this.head.length) this.#fingerprint = fingerprintOf(this.head)
    return {
      device: this.device,
      inode: this.inode,
      path: this.path,
      location: this.location,
      fingerprint: this.#fingerprint,
      offset: this.position,
      ...(this.skipping ? { skipping: true as const } : {}),
      ...(this.partials.size === 0 ? {} : { partials: Object.fromEntries(this.partials) }),
      ...(this.finished ? { finished: true as const } : {}),
      seenAtMs: nowMs,
    }
  }
}
