import type { LogVolumeRequest, StreamVolume } from '../../../query/index.ts'
import type { StoreClient } from '../../client.ts'
import { i64, sql, type Sql, timeNs } from '../../sql.ts'
import { bigintOf, numberOf, queryBlocks } from '../rows.ts'
import { ofStreams, type StoredStream } from './streams.ts'

export interface FoundStreams {
  readonly streams: readonly StoredStream[]
  /** How they were found. */
  readonly where: Sql
}

interface Volume {
  readonly lines: Float64Array
  readonly bytes: Float64Array
  readonly days: Set<number>
}

const NS_PER_DAY = 86_400_000_000_000n

export async function readVolumes(
  client: StoreClient,
  { streams, where }: FoundStreams,
  { startNs, endNs, steps }: LogVolumeRequest,
  signal: AbortSignal,
): Promise<readonly StreamVolume[]> {
  const widthNs = (endNs - startNs + BigInt(steps) - 1n) / BigInt(steps)
  // A bucket never reaches over midnight, so that days can be told apart.
  const statement = sql`SELECT stream,
      intDiv(toUnixTimestamp64Nano(time) - ${i64(startNs)}, ${i64(widthNs)}) AS bucket,
      intDiv(toUnixTimestamp64Nano(time), ${i64(NS_PER_DAY)}) AS day,
      count() AS lines, sum(length(body)) AS bytes
    FROM logs WHERE ${ofStreams(streams, where)} AND time >= ${timeNs(startNs)} AND time < ${timeNs(endNs)}
    GROUP BY stream, bucket, day`
  const volumes = new Map<bigint, Volume>()
  for (const block of await queryBlocks(client, statement, signal)) {
    const stream = bigintOf(block, 'stream')
    const bucket = numberOf(block, 'bucket')
    const day = numberOf(block, 'day')
    const lines = numberOf(block, 'lines')
    const bytes = numberOf(block, 'bytes')
    for (let row = 0; row < block.rows; row++) {
      const id = stream(row)
      const of = volumes.get(id) ?? newVolume(steps)
      volumes.set(id, of)
      const at = bucket(row)
      of.lines[at] = (of.lines[at] ?? 0) + lines(row)
      of.bytes[at] = (of.bytes[at] ?? 0) + bytes(row)
      of.days.add(day(row))
    }
  }
  return streams.flatMap(({ id, labels }) => {
    const of = volumes.get(id)
    return of === undefined ? [] : [{ labels, lines: of.lines, bytes: of.bytes, days: of.days.size }]
  })
}

function newVolume(steps: number): Volume {
  return { lines: new Float64Array(steps), bytes: new Float64Array(steps), days: new Set() }
}
