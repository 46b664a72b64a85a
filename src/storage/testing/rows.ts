import { METRIC_NAME } from '../../model/index.ts'
import type { SeriesSamples } from '../../query/index.ts'
import type { StoreClient } from '../client.ts'
import { sql } from '../sql.ts'

const HOUR_MS = 3_600_000

/** Rows as JSON into a table; columns that are not named get their defaults. */
export async function insertRows(
  client: StoreClient,
  table: string,
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  const columns = Object.keys(rows[0] ?? {})
  const lines = rows.map((row) => JSON.stringify(row)).join('\n')
  await client.command(sql.raw(`INSERT INTO ${table} (${columns.join(', ')}) FORMAT JSONEachRow\n${lines}`))
}

/** Series and their samples as the writer would store them, in one part. Values go in as bits: JSON has no NaN. */
export async function insertSeries(client: StoreClient, all: readonly SeriesSamples[], version = 1): Promise<void> {
  const series = all.map(({ labels, timesMs }) => {
    const { [METRIC_NAME]: name = '', ...others } = labels
    return {
      tenant_id: labels['tenant_id'] ?? '',
      name,
      id: idOf(labels),
      cluster: labels['cluster'] ?? '',
      labels: others,
      first_seen: seconds(Math.floor(Math.min(...timesMs) / HOUR_MS) * HOUR_MS),
      last_seen: seconds(Math.ceil(Math.max(...timesMs) / HOUR_MS) * HOUR_MS),
    }
  })
  await insertRows(client, 'series', series)
  const rows = all.flatMap(({ labels, timesMs, values }) => {
    const bits = new BigUint64Array(values.buffer, values.byteOffset, values.length)
    return [...timesMs].map(
      (time, i) =>
        `('${labels['tenant_id'] ?? ''}', ${idOf(labels)}, fromUnixTimestamp64Milli(${String(time)}), ` +
        `reinterpretAsFloat64(toUInt64(${String(bits[i])})), ${String(version)})`,
    )
  })
  const columns = 'tenant_id, series, time, value, version'
  await client.command(sql.raw(`INSERT INTO samples (${columns}) VALUES ${rows.join(', ')}`))
}

/** Any number will do that differs where labels differ. */
function idOf(labels: Readonly<Record<string, string>>): string {
  const text = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
  let hash = 0xcbf29ce484222325n
  for (const byte of Buffer.from(text)) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffff_ffff_ffff_ffffn
  return hash.toString()
}

/** A time as JSON rows have it: a bare number would be read in the column's own unit. */
export function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}
