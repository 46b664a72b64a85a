import { Buffer } from 'node:buffer'
import { systemCode } from '../../core/index.ts'
import { type FileSystem, readFully } from '../../queue/index.ts'
import {
  checkLetterPayload,
  type DeadLetter,
  decodeLetterFrame,
  decodeLetterHead,
  LETTER_HEADER_BYTES,
  type LetterHead,
} from './letter.ts'

/** A head is small; a length that says otherwise is damage that met the right checksum by chance. */
const MAX_HEAD_BYTES = 1 << 20

/** What of a letter is read without its payload. */
export interface ReadHead {
  readonly head: LetterHead
  readonly payloadBytes: number
}

/** Reads a whole letter. Throws `corrupt`, or the system's error. */
export async function readLetter(fs: FileSystem, file: string): Promise<DeadLetter> {
  const open = await fs.open(file, 'read')
  try {
    const bytes = await readFully(open, Buffer.alloc(await open.size()), 0)
    const frame = decodeLetterFrame(bytes)
    const payloadAt = LETTER_HEADER_BYTES + frame.headBytes
    const head = decodeLetterHead(bytes.subarray(LETTER_HEADER_BYTES, payloadAt), frame)
    const payload = bytes.subarray(payloadAt)
    checkLetterPayload(payload, frame)
    return { ...head, payload }
  } finally {
    await open.close()
  }
}

/** Reads a letter's head only, for lists. Throws `corrupt`, or the system's error. */
export async function readLetterHead(fs: FileSystem, file: string): Promise<ReadHead> {
  const open = await fs.open(file, 'read')
  try {
    const frame = decodeLetterFrame(await readFully(open, Buffer.alloc(LETTER_HEADER_BYTES), 0))
    const wanted = Math.min(frame.headBytes, MAX_HEAD_BYTES)
    const bytes = await readFully(open, Buffer.alloc(wanted), LETTER_HEADER_BYTES)
    return { head: decodeLetterHead(bytes, frame), payloadBytes: frame.payloadBytes }
  } finally {
    await open.close()
  }
}

/** 0 for what is gone meanwhile, or is no file. */
export async function sizeOf(fs: FileSystem, file: string): Promise<number> {
  try {
    const open = await fs.open(file, 'read')
    try {
      return await open.size()
    } finally {
      await open.close()
    }
  } catch (reason) {
    if (systemCode(reason) === 'ENOENT' || systemCode(reason) === 'EISDIR') return 0
    throw reason
  }
}
