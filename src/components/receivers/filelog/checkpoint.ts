import { createHash } from 'node:crypto'

/** How many of a file's first bytes tell it from others. */
export const FINGERPRINT_BYTES = 1024

/**
 * What a file's first bytes were. A file shorter than `FINGERPRINT_BYTES` is known by what it had; its fingerprint
 * grows with it.
 */
export interface Fingerprint {
  readonly length: number
  readonly hash: string
}

/** Where a raw line stands in its file: offset and length, without the line feed. */
export type LineRange = readonly [offset: number, length: number]

/** Lines marked partial that wait for their last part. The bytes stay in the file; only their place is kept. */
export interface PartialLine {
  readonly ranges: readonly LineRange[]
  /** Bytes of the raw lines, which bounds the joined text. */
  readonly bytes: number
}

export type Stream = 'stdout' | 'stderr'

/** How far a file has been read. Names do not identify it: device, inode and fingerprint do. */
export interface FileCheckpoint {
  readonly device: string
  readonly inode: string
  /** The path by which a glob found it; it says which container it belongs to. */
  readonly path: string
  /** Where it was last, after renaming. */
  readonly location: string
  readonly fingerprint: Fingerprint
  readonly offset: number
  /** In the middle of a line that was too long: the rest of it is skipped. */
  readonly skipping?: true
  readonly partials?: Readonly<Partial<Record<Stream, PartialLine>>>
  /** Rotated away and read to its end. */
  readonly finished?: true
  readonly seenAtMs: number
}

/** A step of a receiver's checkpoints. It travels in the batch whose records it covers. */
export interface CheckpointStep {
  /** Which state file it belongs to; a new state file starts a new epoch. */
  readonly epoch: string
  /** Counts up by one or more. */
  readonly sequence: number
  readonly atMs: number
  readonly files: readonly FileCheckpoint[]
  /** Keys of files that are gone. */
  readonly forgotten?: readonly string[]
}

export function keyOf(file: { readonly device: string; readonly inode: string }): string {
  return `${file.device}:${file.inode}`
}

export function fingerprintOf(head: Uint8Array): Fingerprint {
  return { length: head.length, hash: createHash('sha256').update(head).digest('hex').slice(0, 32) }
}

/** Whether a file that begins with `head` may be the one with this fingerprint. */
export function hasFingerprint(head: Uint8Array, fingerprint: Fingerprint): boolean {
  if (head.length < fingerprint.length) return false
  return fingerprintOf(head.subarray(0, fingerprint.length)).hash === fingerprint.hash
}
