import { BUCKET_FACTS, type BucketFact, type Buckets, newBuckets, type RollupSizeMs } from '../../query/index.ts'
import type { StoreClient } from '../client.ts'
import { overLimit } from '../read/limits.ts'
import type { Block } from '../read/native-decoder.ts'
import { bigintOf, numberOf, queryBlocks } from '../read/rows.ts'
import { sql, type Sql, u64, u64Array } from '../sql.ts'
import { bucketsIn, bucketTable, columnOf } from './bucket-table.ts'

export interface FetchRequest {
  readonly sizeMs: RollupSizeMs
  /** The condition on `tenant_id`. */
  readonly tenants: Sql
  readonly ids: readonly bigint[]
  readonly range: { readonly startMs: number; readonly endMs: number }
  readonly facts: readonly BucketFact[]
  /** See `BucketRequest`; counted from `originMs`. */
  readonly windows?: { readonly everyMs: number; readonly spanMs: number; readonly originMs: number } | undefined
  readonly maxRows: number
}

/** The stored buckets of series, by their ids. More than `maxRows` is an error. */
export async function fetchBuckets(
  client: StoreClient,
  request: FetchRequest,
  signal: AbortSignal,
): Promise<ReadonlyMap<bigint, Buckets>> {
  const { sizeMs, tenants, ids, range, facts, windows, maxRows } = request
  const columns = facts.flatMap((fact) => (fact === 'endMs' ? [] : [sql.raw(`, ${columnOf(fact)}`)]))
  const looked = windows === undefined ? sql.raw('') : sql`AND ${lookedAt(windows)}`
  const blocks = await queryBlocks(
    client,
    sql`SELECT series, bucket${sql.join(columns, '')} FROM ${sql.raw(bucketTable(sizeMs))} FINAL
    WHERE ${tenants} AND ${bucketsIn(range)} ${looked} AND series IN ${u64Array(ids)}
    ORDER BY tenant_id, series, bucket LIMIT ${u64(maxRows + 1)}`,
    signal,
  )
  const rows = blocks.reduce((sum, block) => sum + block.rows, 0)
  if (rows > maxRows) throw overLimit('samples', maxRows)
  const found = new Map<bigint, Buckets>()
  for (const run of runsOf(blocks)) found.set(run.id, bucketsOfRun(run, facts, sizeMs))
  return found
}

function lookedAt({ everyMs, spanMs, originMs }: NonNullable<FetchRequest['windows']>): Sql {
  // Positive, because the origin is not before any bucket of the range.
  const behind = sql`(${u64(Math.floor(originMs / 1000))} - bucket) % ${u64(everyMs / 1000)}`
  return sql`${behind} < ${u64(spanMs / 1000)}`
}

/** Rows of one series, which stand together; they may go over the end of a block. */
interface Run {
  readonly id: bigint
  readonly pieces: { readonly block: Block; readonly from: number; readonly to: number }[]
}

function runsOf(blocks: readonly Block[]): Run[] {
  const runs: Run[] = []
  for (const block of blocks) {
    if (block.rows === 0) continue
    const idOf = bigintOf(block, 'series')
    let from = 0
    let id = idOf(0)
    for (let row = 1; row <= block.rows; row++) {
      const next = row < block.rows ? idOf(row) : undefined
      if (next === id) continue
      const last = runs.at(-1)
      const piece = { block, from, to: row }
      if (last?.id === id) last.pieces.push(piece)
      else runs.push({ id, pieces: [piece] })
      from = row
      if (next !== undefined) id = next
    }
  }
  return runs
}

function bucketsOfRun({ pieces }: Run, facts: readonly BucketFact[], sizeMs: number): Buckets {
  const buckets = newBuckets(
    pieces.reduce((sum, { from, to }) => sum + to - from, 0),
    facts,
  )
  const wanted = BUCKET_FACTS.filter((fact) => fact !== 'endMs' && facts.includes(fact)).filter(
    (fact) => fact !== 'endMs',
  )
  let at = 0
  for (const { block, from, to } of pieces) {
    const end = numberOf(block, 'bucket')
    for (let row = from; row < to; row++) buckets.endMs[at + row - from] = end(row) * 1000
    for (const fact of wanted) {
      const read = numberOf(block, columnOf(fact))
      const isTime = fact === 'firstMs' || fact === 'lastMs'
      const target = buckets[fact]
      for (let row = from; row < to; row++) {
        const i = at + row - from
        target[i] = isTime ? (buckets.endMs[i] ?? 0) - sizeMs + read(row) : read(row)
      }
    }
    at += to - from
  }
  return buckets
}
