/**
 * What opening a directory does before anything is appended. It never wipes, and never refuses to start for what it
 * finds: what is not ours goes to the quarantine, what is damaged is passed over and counted.
 *
 * Only the last segment is read whole: in those before it nothing can be torn, since each was synced before the next
 * began, and damage to them is found by whoever reads them. So opening takes as long for a backlog of three days as
 * for none.
 */
import { Buffer } from 'node:buffer'
import { join } from 'node:path'
import { type Logger, messageOf, systemCode } from '../core/index.ts'
import { positionIn } from './cursor.ts'
import { type FileSystem, type OpenFile, readFully, writeFully } from './file-system.ts'
import {
  decodeFrameHeader,
  decodeSegmentHeader,
  FRAME_HEADER_BYTES,
  frameSeed,
  isEpoch,
  parseSegmentName,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
  segmentName,
} from './format.ts'
import { FrameScanner } from './frame-scanner.ts'
import type { Layout } from './layout.ts'
import type { Quarantine } from './quarantine.ts'
import { readableParts } from './readable-parts.ts'
import { openStateFile } from './state-file.ts'

const CHUNK_BYTES = 1024 * 1024
const READ_ATTEMPTS = 3
const ZEROS = Buffer.alloc(CHUNK_BYTES)

/** A segment as the directory shows it. */
export interface SegmentInfo {
  readonly base: number
  readonly continues: number
  readonly createdAtMs: number
  readonly bytes: number
}

/** The end of the log: the last segment after it was read whole. */
interface Tail {
  /** Behind the last good record. */
  readonly validBytes: number
  /** The sequence behind the last good record. */
  readonly end: number
  /** Bytes behind `validBytes` up to the last that is not zero: a torn write, or damage that cannot be told from one. */
  readonly tornBytes: number
  /** How many records those may have been, at most. */
  readonly tornRecords: number
  /** Whether records may be appended right behind: nothing is torn, damaged or left over in the file. */
  readonly clean: boolean
  readonly damagedRanges: number
  readonly damagedRecords: number
}

export interface Recovered {
  readonly epoch: string
  /** In order; the last is the one in `tail`. */
  readonly segments: readonly SegmentInfo[]
  readonly tail: Tail | undefined
  /** Where the log stands: everything below is, or was, durable. */
  readonly end: number
  /** The sequence that the next record gets: beyond `end` when something may have been lost behind it. */
  readonly next: number
  readonly movedAside: number
}

export interface RecoveryOptions {
  readonly fs: FileSystem
  readonly layout: Layout
  readonly quarantine: Quarantine
  /** The epoch on record, or undefined when that is lost or there never was one. */
  readonly knownEpoch: string | undefined
  readonly newEpoch: () => string
  /** No write was ever larger than this. */
  readonly largestWriteBytes: number
  readonly log: Logger
}

interface Candidate {
  readonly name: string
  readonly bytes: number
  readonly isFile: boolean
  readonly header: SegmentHeader | undefined
}

export async function recover(options: RecoveryOptions): Promise<Recovered> {
  const { fs, layout } = options
  const candidates: Candidate[] = []
  for (const name of [...(await fs.list(layout.segments))].sort()) candidates.push(await inspect(options, name))
  const epoch = options.knownEpoch ?? lastEpoch(candidates) ?? options.newEpoch()
  const { segments, movedAside } = await sortOut(options, candidates, epoch)
  // Files may be visible that a power cut would still take back; nothing is published before they are durable.
  await fs.syncDirectory(layout.segments)

  const last = segments.at(-1)
  const tail = last === undefined ? undefined : await recoverTail(options, last, epoch)
  const end = tail?.end ?? 0
  const wanted = await highestPosition(options, epoch)
  if (wanted > end) options.log.warn({ end, wanted }, 'log: a reader was further than the log reaches')
  return { epoch, segments, tail, end, next: Math.max(end + (tail?.tornRecords ?? 0), wanted), movedAside }
}

async function inspect({ fs, layout, log }: RecoveryOptions, name: string): Promise<Candidate> {
  try {
    const file = await fs.open(join(layout.segments, name), 'read')
    try {
      const header = decodeSegmentHeader(await readFully(file, Buffer.alloc(SEGMENT_HEADER_BYTES), 0))
      return { name, bytes: await file.size(), isFile: true, header }
    } finally {
      await file.close()
    }
  } catch (reason) {
    log.warn({ name, error: messageOf(reason) }, 'log: cannot read the head of a segment')
    return { name, bytes: 0, isFile: systemCode(reason) !== 'EISDIR', header: undefined }
  }
}

function lastEpoch(candidates: readonly Candidate[]): string | undefined {
  return candidates.map(({ header }) => header?.epoch).findLast(isEpoch)
}

/** Keeps what is ours, under the name that its header says, and moves the rest aside. */
async function sortOut(
  options: RecoveryOptions,
  candidates: readonly Candidate[],
  epoch: string,
): Promise<{ readonly segments: readonly SegmentInfo[]; readonly movedAside: number }> {
  const { fs, layout, quarantine } = options
  const kept = new Map<number, SegmentInfo>()
  const misnamed: Candidate[] = []
  let movedAside = 0
  for (const candidate of candidates) {
    const info = toSegment(candidate, epoch)
    if (info === undefined) movedAside += (await quarantine.moveAside(join(layout.segments, candidate.name))) ? 1 : 0
    else if (segmentName(info.base) === candidate.name) kept.set(info.base, info)
    else misnamed.push(candidate)
  }
  // Out of the way first: two segments may have each other's name. A crash in between leaves names that are no
  // segment's, which the next start finds here again.
  for (const { name } of misnamed)
    await fs.rename(join(layout.segments, name), join(layout.segments, `${name}.misnamed`))
  for (const candidate of misnamed) {
    const info = toSegment(candidate, epoch)
    const from = join(layout.segments, `${candidate.name}.misnamed`)
    if (info === undefined || kept.has(info.base)) {
      movedAside += (await quarantine.moveAside(from)) ? 1 : 0
      continue
    }
    await fs.rename(from, join(layout.segments, segmentName(info.base)))
    options.log.warn({ name: candidate.name, base: info.base }, 'log: a segment had the wrong name')
    kept.set(info.base, info)
  }
  const segments = [...kept.values()].sort((a, b) => a.base - b.base)
  return { segments, movedAside }
}

/** A segment whose header is damaged is known by its name, and its records by their own checksums. */
function toSegment({ name, bytes, isFile, header }: Candidate, epoch: string): SegmentInfo | undefined {
  if (!isFile) return undefined
  if (header !== undefined) return header.epoch === epoch ? { ...header, bytes } : undefined
  const base = parseSegmentName(name)
  return base === undefined ? undefined : { base, continues: base, createdAtMs: 0, bytes }
}

async function recoverTail(options: RecoveryOptions, last: SegmentInfo, epoch: string): Promise<Tail> {
  const path = join(options.layout.segments, segmentName(last.base))
  const file = await options.fs.open(path, 'write')
  try {
    const tail = await scanPatiently(options, file, { base: last.base, epoch })
    await makeDurable(options, file, tail.validBytes)
    return tail
  } finally {
    await file.close()
  }
}

interface ScanStart {
  readonly base: number
  readonly epoch: string
}

/** A disk that does not give some bytes back is asked again; after that they count as damaged, and the log starts. */
async function scanPatiently(options: RecoveryOptions, file: OpenFile, start: ScanStart): Promise<Tail> {
  for (let attempt = 1; attempt < READ_ATTEMPTS; attempt += 1) {
    try {
      return await scanTail(options, file, start)
    } catch (reason) {
      if (systemCode(reason) !== 'EIO') throw reason
      options.log.warn({ segment: start.base, error: messageOf(reason) }, 'log: cannot read the last segment')
    }
  }
  return scanTail(options, readableParts(file), start)
}

async function scanTail({ quarantine }: RecoveryOptions, file: OpenFile, { base, epoch }: ScanStart): Promise<Tail> {
  const seed = frameSeed(epoch)
  const headerIsGood = decodeSegmentHeader(await readFully(file, Buffer.alloc(SEGMENT_HEADER_BYTES), 0)) !== undefined
  const offset = headerIsGood ? SEGMENT_HEADER_BYTES : 0
  const scanner = new FrameScanner({ file, seed, offset, sequence: base })
  let end = base
  let damagedRanges = 0
  let damagedRecords = 0
  for (let frame = await scanner.next(0, Infinity); frame !== undefined; frame = await scanner.next(0, Infinity)) {
    damagedRecords += frame.sequence - end
    end = frame.sequence + 1
    if (frame.damagedFrom === undefined) continue
    damagedRanges += 1
    await quarantine.keepCopy(file, { base, from: frame.damagedFrom, to: frame.offset })
  }
  const validBytes = scanner.offset
  const tornBytes = await lengthWithoutZeros(file, validBytes)
  const cutShort = await isCutShort(file, validBytes, seed)
  if (tornBytes > 0 && !cutShort)
    await quarantine.keepCopy(file, { base, from: validBytes, to: validBytes + tornBytes })
  return {
    validBytes,
    end,
    tornBytes,
    tornRecords: mostRecordsIn(tornBytes, cutShort),
    clean: headerIsGood && damagedRanges === 0 && (await file.size()) === validBytes,
    damagedRanges,
    damagedRecords,
  }
}

function mostRecordsIn(bytes: number, cutShort: boolean): number {
  if (bytes === 0) return 0
  return cutShort ? 1 : Math.floor(bytes / FRAME_HEADER_BYTES) + 1
}

/** Whether the file ends inside the frame that begins here, as it does when a process is killed while it writes. */
async function isCutShort(file: OpenFile, at: number, seed: number): Promise<boolean> {
  const bytes = await readFully(file, Buffer.alloc(FRAME_HEADER_BYTES), at)
  if (bytes.length < FRAME_HEADER_BYTES) return true
  const header = decodeFrameHeader(bytes, seed)
  return header !== undefined && at + FRAME_HEADER_BYTES + header.length > (await file.size())
}

/** How many bytes stand behind `from`, not counting zeros at the end: a file may have grown before it was written. */
async function lengthWithoutZeros(file: OpenFile, from: number): Promise<number> {
  const size = await file.size()
  let length = 0
  for (let at = from; at < size; at += CHUNK_BYTES) {
    const bytes = await readFully(file, Buffer.alloc(Math.min(CHUNK_BYTES, size - at)), at)
    if (bytes.equals(ZEROS.subarray(0, bytes.length))) continue
    length = at - from + bytes.findLastIndex((byte) => byte !== 0) + 1
  }
  return length
}

/**
 * The process before us may have died between a write and its sync, or after a sync that failed: then the bytes that
 * we have just read may be in memory only, and counted as clean. Writing the same bytes once more over themselves
 * makes the kernel write them out.
 */
async function makeDurable(options: RecoveryOptions, file: OpenFile, validBytes: number): Promise<void> {
  try {
    for (let at = Math.max(0, validBytes - options.largestWriteBytes); at < validBytes; at += CHUNK_BYTES) {
      const bytes = await readFully(file, Buffer.alloc(Math.min(CHUNK_BYTES, validBytes - at)), at)
      await writeFully(file, [bytes], at)
    }
    await file.datasync()
  } catch (reason) {
    // A disk that cannot be written now must not keep the hub from starting: the log refuses appends until it can.
    options.log.error({ error: messageOf(reason) }, 'log: the end of the log could not be synced')
  }
}

/** The furthest position of any reader: what was read was durable, even if the log has lost it since. */
async function highestPosition({ fs, layout, log }: RecoveryOptions, epoch: string): Promise<number> {
  const names = new Set((await fs.list(layout.cursors)).map((name) => name.replace(/\.[01]$/, '')))
  let highest = 0
  for (const name of names) {
    try {
      const state = await openStateFile({ fs, directory: layout.cursors, name })
      highest = Math.max(highest, positionIn(state, epoch) ?? 0)
    } catch (reason) {
      log.warn({ cursor: name, error: messageOf(reason) }, 'log: cannot read a cursor')
    }
  }
  return highest
}
