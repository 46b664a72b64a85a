import { randomUUID } from 'node:crypto'
import { copyFile, type FileHandle, mkdir, open, readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import { crc32 } from 'node:zlib'
import { AppError, type Logger, systemCode } from '../../../core/index.ts'
import {
  type CheckpointStep,
  type FileCheckpoint,
  FINGERPRINT_BYTES,
  fingerprintOf,
  hasFingerprint,
  keyOf,
} from './checkpoint.ts'

/** Past this many bytes of steps the file is written anew as one step. */
const COMPACT_BYTES = 1 << 20
const MAX_FILES = 50_000
/** A shorter beginning says too little to know a file by it alone. */
const TELLING_BYTES = 64

/**
 * The checkpoints of one receiver on disk. Each line is one step:
 *
 *     <crc32 of the JSON, 8 hex digits> SP <JSON of a CheckpointStep> LF
 *
 * The first line holds every file, the others what changed since. A step is appended and synced before the next batch
 * is made; a last line that is torn is ignored. When the steps have grown large, the file is replaced by one line.
 */
export class CheckpointStore {
  /** True when there was no state file: nothing was ever read. */
  readonly isNew: boolean
  /** When the last step of an earlier run was saved; undefined when new. */
  readonly savedAtMs: number | undefined
  readonly #file: string
  readonly #files: Map<string, FileCheckpoint>
  readonly #epoch: string
  #sequence: number
  #handle: FileHandle | undefined
  #stepBytes = 0

  private constructor(file: string, { steps, exists }: StoredSteps) {
    const last = steps.at(-1)
    this.#file = file
    this.isNew = !exists
    this.savedAtMs = last?.atMs
    this.#epoch = last?.epoch ?? randomUUID()
    this.#sequence = last?.sequence ?? 0
    this.#files = new Map()
    for (const step of steps) this.#apply(step)
  }

  /**
   * Opens or makes the state file. `travelled` is the newest step found in a batch of the durable log: when the program
   * was killed after the log took the batch and before the step was saved here, it is one step ahead.
   */
  static async open(
    file: string,
    {
      nowMs,
      log,
      travelled,
    }: { readonly nowMs: number; readonly log: Logger; readonly travelled?: CheckpointStep | undefined },
  ): Promise<CheckpointStore> {
    await mkdir(path.dirname(file), { recursive: true })
    const stored = await readSteps(file)
    if (stored.damagedLines > 0) {
      const aside = `${file}.damaged-${String(nowMs)}`
      await copyFile(file, aside)
      log.error({ file, aside, lines: stored.damagedLines }, 'checkpoints are damaged: some lines may be read twice')
    }
    const store = new CheckpointStore(file, stored)
    if (travelled !== undefined && travelled.epoch === store.#epoch && travelled.sequence > store.#sequence) {
      store.#apply(travelled)
      store.#sequence = travelled.sequence
    }
    // A new state begins with the first commit: until then nothing is known about any file.
    if (!store.isNew) await store.#rewrite(nowMs)
    return store
  }

  get size(): number {
    return this.#files.size
  }

  values(): Iterable<FileCheckpoint> {
    return this.#files.values()
  }

  /** Whether any file under this path was known before. */
  knowsPath(file: string): boolean {
    for (const checkpoint of this.#files.values()) if (checkpoint.path === file) return true
    return false
  }

  /** The checkpoint of the file with these numbers, if its content still fits. */
  match(
    file: { readonly device: string; readonly inode: string; readonly path: string },
    head: Uint8Array,
    size: number,
  ): FileCheckpoint | undefined {
    const exact = this.#files.get(keyOf(file))
    if (exact !== undefined) return fits(exact, head, size) ? exact : undefined
    // Device numbers may change with a reboot; then inode, path and a telling beginning must agree.
    for (const candidate of this.#files.values()) {
      const same = candidate.inode === file.inode && candidate.path === file.path
      if (same && candidate.fingerprint.length >= TELLING_BYTES && fits(candidate, head, size)) return candidate
    }
    return undefined
  }

  /** The checkpoint of whichever file began like this. */
  matchContent(head: Uint8Array): FileCheckpoint | undefined {
    const full = head.length >= FINGERPRINT_BYTES ? fingerprintOf(head.subarray(0, FINGERPRINT_BYTES)).hash : undefined
    for (const candidate of this.#files.values()) {
      const { length, hash } = candidate.fingerprint
      if (length < TELLING_BYTES) continue
      if (length === FINGERPRINT_BYTES ? hash === full : hasFingerprint(head, candidate.fingerprint)) return candidate
    }
    return undefined
  }

  /** The step that would follow now; give it to `commit` once its batch is safe. */
  nextStep(nowMs: number, files: readonly FileCheckpoint[], forgotten: readonly string[] = []): CheckpointStep {
    const step = { epoch: this.#epoch, sequence: this.#sequence + 1, atMs: nowMs, files }
    return forgotten.length === 0 ? step : { ...step, forgotten }
  }

  /** Resolves when the step is on disk and synced. After a failure it may be called again with the same step. */
  async commit(step: CheckpointStep): Promise<void> {
    const line = encodeStep(step)
    if (this.#handle === undefined || this.#stepBytes + line.length > COMPACT_BYTES) {
      this.#apply(step)
      this.#sequence = step.sequence
      await this.#rewrite(step.atMs)
      return
    }
    try {
      await this.#handle.appendFile(line)
      await this.#handle.datasync()
    } catch (reason) {
      // What the file ends with is not known: the next commit writes it anew.
      await this.close()
      throw AppError.from(reason, 'unavailable', `append checkpoint to ${this.#file}`)
    }
    this.#stepBytes += line.length
    this.#apply(step)
    this.#sequence = step.sequence
  }

  async close(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close()
  }

  #apply(step: CheckpointStep): void {
    for (const key of step.forgotten ?? []) this.#files.delete(key)
    for (const file of step.files) {
      // The youngest stand at the end, so that the oldest go first at the limit.
      this.#files.delete(keyOf(file))
      this.#files.set(keyOf(file), file)
    }
    for (const key of this.#files.keys()) {
      if (this.#files.size <= MAX_FILES) break
      this.#files.delete(key)
    }
  }

  async #rewrite(nowMs: number): Promise<void> {
    await this.close()
    const line = encodeStep({
      epoch: this.#epoch,
      sequence: this.#sequence,
      atMs: nowMs,
      files: [...this.#files.values()],
    })
    const next = `${this.#file}.next`
    try {
      const handle = await open(next, 'w', 0o600)
      try {
        await handle.writeFile(line)
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(next, this.#file)
      await syncDir(path.dirname(this.#file))
      this.#handle = await open(this.#file, 'a')
      this.#stepBytes = 0
    } catch (reason) {
      throw AppError.from(reason, 'unavailable', `write checkpoints ${this.#file}`)
    }
  }
}

function fits(checkpoint: FileCheckpoint, head: Uint8Array, size: number): boolean {
  return checkpoint.offset <= size && hasFingerprint(head, checkpoint.fingerprint)
}

function encodeStep(step: CheckpointStep): string {
  const json = JSON.stringify(step)
  return `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`
}

interface StoredSteps {
  readonly steps: readonly CheckpointStep[]
  readonly exists: boolean
  /** Lines behind a damaged one. A torn last line is none: it is what a crash leaves behind. */
  readonly damagedLines: number
}

async function readSteps(file: string): Promise<StoredSteps> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (reason) {
    if (systemCode(reason) === 'ENOENT') return { steps: [], exists: false, damagedLines: 0 }
    throw AppError.from(reason, 'unavailable', `read checkpoints ${file}`)
  }
  const lines = text.split('\n')
  const steps: CheckpointStep[] = []
  for (const line of lines) {
    const json = line.slice(9)
    if (crc32(json) !== Number.parseInt(line.slice(0, 8), 16)) break
    // Checksummed and written by us: its shape needs no second check.
    steps.push(JSON.parse(json) as CheckpointStep)
  }
  // The last element is what stands behind the last line feed.
  return { steps, exists: true, damagedLines: Math.max(0, lines.length - 1 - steps.length) }
}

async function syncDir(dir: string): Promise<void> {
  const handle = await open(dir, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
