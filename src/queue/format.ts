/**
 * The durable log on disk. `docs/format/log.md` tells the same at more length.
 *
 *     <dir>/lock.<n>                 symbolic link that names the process which writes here
 *     <dir>/meta.0, meta.1           the epoch, as a state file (state-file.ts)
 *     <dir>/segments/<base>.seg      records, in order; the name is the first sequence, 20 digits
 *     <dir>/cursors/<name>.0, .1     positions of readers, as state files
 *     <dir>/quarantine/              copies of damaged bytes, and whatever in segments/ was not ours
 *
 * A segment is a header and frames one after the other. Integers are little-endian.
 *
 *     segment header, 52 bytes                       frame, 24 bytes and the payload
 *      0   8  "FGLOG", 0, 0, version (1)              0  4  magic f7 46 47 1e
 *      8  16  epoch                                   4  4  length of the payload
 *     24   8  base: the first sequence here           8  8  sequence
 *     32   8  continues: where the log stood         16  4  CRC32 of the payload
 *     40   8  created, ms since the Unix epoch       20  4  CRC32 of bytes 0..19, seeded with CRC32 of the epoch
 *     48   4  CRC32 of bytes 0..47                   24  …  payload
 *
 * What must stay true:
 *
 *  1. The sequences inside a segment have no holes. A hole is made only by beginning a new segment: `continues` is
 *     where the log stood before, `base` where it goes on, and what lies between never held anything.
 *  2. A frame whose sequence is not below the base of the *next* segment does not exist. So a segment can be closed
 *     at its last durable record without touching it: after a failed fdatasync nobody can say what the disk holds.
 *  3. A sequence that was ever published as durable is never given to another record, not even after damage: others
 *     recognise records by (epoch, sequence). Whoever finds torn bytes at the end goes on behind all they could hold.
 *  4. The header of a frame has its own CRC, so that its length can be trusted when the payload is damaged; the seed
 *     keeps frames of other logs, and of payloads that quote a log, from being taken for ours.
 */
import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'

export const SEGMENT_HEADER_BYTES = 52
export const FRAME_HEADER_BYTES = 24
export const FRAME_MAGIC: Uint8Array = new Uint8Array([0xf7, 0x46, 0x47, 0x1e])

const SEGMENT_MAGIC = Buffer.from([0x46, 0x47, 0x4c, 0x4f, 0x47, 0, 0, 1])
const FRAME_MAGIC_WORD = 0x1e4746f7
const SEGMENT_NAME = /^(\d{20})\.seg$/
const EPOCH = /^[0-9a-f]{32}$/

export interface SegmentHeader {
  readonly epoch: string
  readonly base: number
  readonly continues: number
  readonly createdAtMs: number
}

export interface FrameHeader {
  readonly length: number
  readonly sequence: number
  readonly payloadCrc: number
}

/** Whether the text can be an epoch: 16 bytes in hexadecimal. */
export function isEpoch(text: unknown): text is string {
  return typeof text === 'string' && EPOCH.test(text)
}

export function segmentName(base: number): string {
  return `${String(base).padStart(20, '0')}.seg`
}

/** The base sequence in the name of a segment file, or undefined when the name is not one. */
export function parseSegmentName(name: string): number | undefined {
  const digits = SEGMENT_NAME.exec(name)?.[1]
  if (digits === undefined) return undefined
  const base = Number(digits)
  return Number.isSafeInteger(base) ? base : undefined
}

export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES)
  SEGMENT_MAGIC.copy(bytes, 0)
  bytes.write(header.epoch, 8, 'hex')
  writeU64(bytes, header.base, 24)
  writeU64(bytes, header.continues, 32)
  writeU64(bytes, header.createdAtMs, 40)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 48)), 48)
  return bytes
}

/** Undefined when the bytes are not a whole, undamaged header. */
export function decodeSegmentHeader(bytes: Buffer): SegmentHeader | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES) return undefined
  if (!bytes.subarray(0, 8).equals(SEGMENT_MAGIC)) return undefined
  if (bytes.readUInt32LE(48) !== crc32(bytes.subarray(0, 48))) return undefined
  return {
    epoch: bytes.toString('hex', 8, 24),
    base: readU64(bytes, 24),
    continues: readU64(bytes, 32),
    createdAtMs: readU64(bytes, 40),
  }
}

/** What the CRC of every frame header in a log of this epoch begins with. */
export function frameSeed(epoch: string): number {
  return crc32(Buffer.from(epoch, 'hex'))
}

/** The header of the frame whose payload is `parts`, one after the other. */
export function encodeFrameHeader(sequence: number, parts: readonly Uint8Array[], seed: number): Uint8Array {
  let length = 0
  let payloadCrc = 0
  for (const part of parts) {
    length += part.length
    payloadCrc = crc32(part, payloadCrc)
  }
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES)
  bytes.writeUInt32LE(FRAME_MAGIC_WORD, 0)
  bytes.writeUInt32LE(length, 4)
  writeU64(bytes, sequence, 8)
  bytes.writeUInt32LE(payloadCrc, 16)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 20), seed), 20)
  return bytes
}

/** Undefined when no undamaged frame header of this log stands at the start of `bytes` (at least 24 bytes). */
export function decodeFrameHeader(bytes: Buffer, seed: number): FrameHeader | undefined {
  if (bytes.readUInt32LE(0) !== FRAME_MAGIC_WORD) return undefined
  if (bytes.readUInt32LE(20) !== crc32(bytes.subarray(0, 20), seed)) return undefined
  return { length: bytes.readUInt32LE(4), sequence: readU64(bytes, 8), payloadCrc: bytes.readUInt32LE(16) }
}

function writeU64(bytes: Buffer, value: number, at: number): void {
  bytes.writeUInt32LE(value % 2 ** 32, at)
  bytes.writeUInt32LE(Math.floor(value / 2 ** 32), at + 4)
}

function readU64(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32
}
