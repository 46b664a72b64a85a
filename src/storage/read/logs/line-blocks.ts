import type { LineColumns, LogBlock } from '../../../query/index.ts'
import { sql, type Sql } from '../../sql.ts'
import type { Block } from '../native-decoder.ts'
import { bigintOf, numberOf, textOf } from '../rows.ts'
import { metadataOf, type MetadataPlan, planMetadata } from './read-metadata.ts'
import type { StoredStream } from './streams.ts'

/** How rows of `logs` become blocks of lines. */
export interface LinePlan {
  /** What to select. */
  readonly columns: Sql
  readonly lines: LineColumns['line']
  readonly metadata: MetadataPlan
}

/**
 * Lines with the same time and text in a stream are one line, so what tells texts apart is always read. The order of
 * equal times is that in which the lines came: it is the order of the table's rows.
 */
export function planLines(columns: LineColumns): LinePlan {
  const metadata = planMetadata(columns)
  const line = columns.line === 'text' ? 'body' : 'cityHash64(body) AS body_hash, toUInt32(length(body)) AS body_bytes'
  return {
    columns: sql.join([sql.raw(`stream, time, ${line}`), ...metadata.columns], ', '),
    lines: columns.line,
    metadata,
  }
}

export const INSERTION_ORDER = '_part_starting_offset + _part_offset'

const NOBODY = { labels: {} }

/** The rows as lines of their streams; `rows` are those that count, if not all; `exact` as `LogBlock` has it. */
export function toLogBlock(
  block: Block,
  plan: LinePlan,
  streams: ReadonlyMap<bigint, StoredStream>,
  { rows, exact }: { readonly rows: Uint32Array | undefined; readonly exact: boolean },
): LogBlock {
  const streamId = bigintOf(block, 'stream')
  const time = bigintOf(block, 'time')
  const text = plan.lines === 'text' ? textOf(block, 'body') : undefined
  const bytes = plan.lines === 'text' ? undefined : numberOf(block, 'body_bytes')
  const metadata = metadataOf(block, plan.metadata, (row) => streams.get(streamId(row))?.labels ?? {})
  const at = rows === undefined ? (row: number): number => row : (row: number): number => rows[row] ?? 0
  const count = rows?.length ?? block.rows
  const timesNs = new BigInt64Array(count)
  for (let row = 0; row < count; row++) timesNs[row] = time(at(row))
  return {
    rows: count,
    exact,
    timesNs,
    stream: (row) => streams.get(streamId(at(row))) ?? NOBODY,
    line: (row) => text?.(at(row)) ?? '',
    bytes: (row) => bytes?.(at(row)) ?? Buffer.byteLength(text?.(at(row)) ?? ''),
    metadata: (row) => metadata(at(row)),
  }
}
