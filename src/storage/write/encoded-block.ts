import type { ByteBuffer } from '../native/byte-buffer.ts'
import type { AnyTable } from './tables.ts'

/** The rows of one table as an insert wants them. */
export interface EncodedBlock {
  readonly table: string
  readonly columns: readonly string[]
  readonly rows: number
  readonly bytes: Uint8Array
  /** The same block without rows: what the engine says to it tells a bad block from an engine that takes none. */
  readonly empty: Uint8Array
  /** Whose memory `bytes` is, if it may be used again. */
  readonly buffer?: ByteBuffer
}

export function encodeTable({ name, block }: AnyTable, buffer?: ByteBuffer): EncodedBlock {
  return {
    table: name,
    columns: block.names,
    rows: block.rows,
    bytes: block.encode(buffer === undefined ? {} : { out: buffer }),
    empty: block.encode({ empty: true }),
    ...(buffer === undefined ? {} : { buffer }),
  }
}
