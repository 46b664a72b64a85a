import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { AppError } from '../../core/index.ts'
import type { Envelope } from '../../model/index.ts'

/** Which records of which log a letter is about, and who could not deliver them. It names the letter for ever. */
export interface LetterOrigin {
  /** The reader of the log: `store`, `hub` (on an edge), or the name of a destination. */
  readonly consumer: string
  /** Of the log. */
  readonly epoch: string
  /** Sequences of the log, both inclusive. */
  readonly first: number
  readonly last: number
  /** Tells letters apart that are about the same records, such as the parts of a request that was cut. */
  readonly part?: string
}

/** Something that can never be delivered as it is, put aside so that it blocks nobody and is not lost. */
export interface DeadLetter {
  readonly origin: LetterOrigin
  /** When it was put aside, ms since the epoch. */
  readonly atMs: number
  /** One or two words, of a small set: a label of counters. */
  readonly reason: string
  /** For people; holds no telemetry. */
  readonly message: string
  /** Absent when the record was no batch: the payload is the record then. */
  readonly envelope?: Envelope
  /** What the payload is when it is not what the envelope's `format` says: a destination's own format. */
  readonly encoding?: string
  readonly payload: Uint8Array
}

/** A letter without its payload. */
export type LetterHead = Omit<DeadLetter, 'payload'>

/**
 * A letter on disk, one file each; integers are little-endian:
 *
 *      0   8  "FGDL", 0, 0, 0, version (1)
 *      8   4  length of the head
 *     12   4  length of the payload
 *     16   4  CRC32 of the head
 *     20   4  CRC32 of the payload
 *     24   4  CRC32 of bytes 0..23
 *     28   …  head, JSON: the letter without its payload
 *      …   …  payload
 */
export const LETTER_HEADER_BYTES = 28
const MAGIC = Buffer.from([0x46, 0x47, 0x44, 0x4c, 0, 0, 0, 1])

/** Lengths in a letter's header that can be trusted. */
export interface LetterFrame {
  readonly headBytes: number
  readonly payloadBytes: number
  readonly headCrc: number
  readonly payloadCrc: number
}

/** The parts of the file, one after the other; the payload is not copied. */
export function encodeLetter(letter: DeadLetter): readonly Uint8Array[] {
  const { payload, ...rest } = letter
  const head = Buffer.from(JSON.stringify(rest))
  const header = Buffer.alloc(LETTER_HEADER_BYTES)
  MAGIC.copy(header, 0)
  header.writeUInt32LE(head.length, 8)
  header.writeUInt32LE(payload.length, 12)
  header.writeUInt32LE(crc32(head), 16)
  header.writeUInt32LE(crc32(payload), 20)
  header.writeUInt32LE(crc32(header.subarray(0, 24)), 24)
  return [header, head, payload]
}

/** Reads the first bytes of a letter. Throws `corrupt`. */
export function decodeLetterFrame(bytes: Buffer): LetterFrame {
  if (bytes.length < LETTER_HEADER_BYTES || !bytes.subarray(0, 8).equals(MAGIC)) {
    throw new AppError('corrupt', 'dead letter: the file does not begin like one')
  }
  if (bytes.readUInt32LE(24) !== crc32(bytes.subarray(0, 24))) {
    throw new AppError('corrupt', 'dead letter: its header is damaged')
  }
  return {
    headBytes: bytes.readUInt32LE(8),
    payloadBytes: bytes.readUInt32LE(12),
    headCrc: bytes.readUInt32LE(16),
    payloadCrc: bytes.readUInt32LE(20),
  }
}

/** Reads the head. Throws `corrupt`. */
export function decodeLetterHead(bytes: Buffer, frame: LetterFrame): LetterHead {
  if (bytes.length !== frame.headBytes || crc32(bytes) !== frame.headCrc) {
    throw new AppError('corrupt', 'dead letter: its head is damaged')
  }
  try {
    // Checksummed, and written by us: its shape needs no second check.
    return JSON.parse(bytes.toString()) as LetterHead
  } catch (reason) {
    throw new AppError('corrupt', 'dead letter: its head is no JSON', { cause: reason })
  }
}

/** Throws `corrupt` unless these are the bytes that the frame speaks of. */
export function checkLetterPayload(bytes: Buffer, frame: LetterFrame): void {
  if (bytes.length === frame.payloadBytes && crc32(bytes) === frame.payloadCrc) return
  throw new AppError('corrupt', 'dead letter: its payload is damaged')
}

const LONGEST_PLAIN = 40

/** The letter's name: the same origin always has the same one, and names sort by sequence. */
export function letterId({ epoch, first, last, part }: LetterOrigin): string {
  const range = [first, last].map((sequence) => String(sequence).padStart(16, '0')).join('-')
  return [plain(epoch), range, ...(part === undefined ? [] : [plain(part)])].join('-')
}

/** The first sequence in a letter's name, if it is about this log. */
export function sequenceIn(id: string, epoch: string): number | undefined {
  const prefix = `${plain(epoch)}-`
  const digits = id.startsWith(prefix) ? /^\d{16}/.exec(id.slice(prefix.length))?.[0] : undefined
  return digits === undefined ? undefined : Number(digits)
}

/** What comes from elsewhere never becomes a path: it is a plain word, or the hash of what it is. */
function plain(text: string): string {
  if (/^[A-Za-z0-9_]+$/.test(text) && text.length <= LONGEST_PLAIN) return text
  return createHash('sha256').update(text).digest('hex').slice(0, LONGEST_PLAIN)
}
