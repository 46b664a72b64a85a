import { AppError } from '../core/index.ts'
import type { Batch, Envelope } from '../model/index.ts'

/**
 * A batch as a record of the durable log:
 *
 *     u8  version (1)
 *     u32 length of the envelope, little-endian
 *     …   envelope, JSON
 *     …   payload, as it came on the wire
 */
const VERSION = 1
const HEADER_BYTES = 5

const utf8 = new TextEncoder()
const text = new TextDecoder()

/** The parts of the record, to be written one after the other; the payload is not copied. */
export function encodeRecord(batch: Batch): readonly [header: Uint8Array, payload: Uint8Array] {
  const envelope = utf8.encode(JSON.stringify(batch.envelope))
  const header = new Uint8Array(HEADER_BYTES + envelope.length)
  const view = new DataView(header.buffer)
  view.setUint8(0, VERSION)
  view.setUint32(1, envelope.length, true)
  header.set(envelope, HEADER_BYTES)
  return [header, batch.payload]
}

/** The payload of the result is a view of `record`. Throws `corrupt` when the record is not ours. */
export function decodeRecord(record: Uint8Array): Batch {
  const version = record[0]
  if (version !== VERSION) throw new AppError('corrupt', `log record: unknown version ${String(version)}`)
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength)
  const payloadAt = record.length < HEADER_BYTES ? Infinity : HEADER_BYTES + view.getUint32(1, true)
  if (payloadAt > record.length) throw new AppError('corrupt', 'log record: shorter than its envelope')
  try {
    // The record was checksummed and written by us: its shape needs no second check.
    const envelope = JSON.parse(text.decode(record.subarray(HEADER_BYTES, payloadAt))) as Envelope
    return { envelope, payload: record.subarray(payloadAt) }
  } catch (reason) {
    throw new AppError('corrupt', 'log record: the envelope is no JSON', { cause: reason })
  }
}
