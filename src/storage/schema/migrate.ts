import { AppError, type Logger } from '../../core/index.ts'
import type { StoreClient } from '../client.ts'
import { queryJson } from '../query-json.ts'
import { sql, str, u64 } from '../sql.ts'
import { initial } from './0001-initial.ts'
import { ledgerByDay } from './0002-ledger-by-day.ts'
import { sampleCodecs } from './0003-sample-codecs.ts'
import { sampleStarts } from './0004-sample-starts.ts'
import { arrival } from './0005-arrival.ts'
import { lateSamples } from './0006-late-samples.ts'
import { logSearch } from './0007-log-search.ts'
import { spanSearch } from './0008-span-search.ts'
import { wholeSpans } from './0009-whole-spans.ts'
import { rollups } from './0010-rollups.ts'
import { fineSamples } from './0011-fine-samples.ts'
import { spanElsewhere } from './0012-span-elsewhere.ts'
import { fineLogs } from './0013-fine-logs.ts'
import { fineSpans } from './0014-fine-spans.ts'
import { packedSamples } from './0015-packed-samples.ts'
import { samplesBySlot } from './0016-samples-by-slot.ts'
import type { Migration } from './migration.ts'

/** In their order; numbers are never used twice. */
export const MIGRATIONS: readonly Migration[] = [
  initial,
  ledgerByDay,
  sampleCodecs,
  sampleStarts,
  arrival,
  lateSamples,
  logSearch,
  spanSearch,
  wholeSpans,
  rollups,
  fineSamples,
  spanElsewhere,
  fineLogs,
  fineSpans,
  packedSamples,
  samplesBySlot,
]

/**
 * Brings the database to the schema of this program: makes it if it is absent and applies what is missing, each step
 * recorded when it is done. A schema that is newer than the program is refused, because it would be written wrongly.
 */
export async function migrate(
  client: StoreClient,
  log: Logger,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  await client.createDatabase()
  await client.command(sql`CREATE TABLE IF NOT EXISTS schema_migrations (
    number UInt64, title String, applied_at DateTime64(3) DEFAULT now64(3)
  ) ENGINE = MergeTree ORDER BY number SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`)
  const applied = new Set(
    (await queryJson<{ number: number }>(client, sql`SELECT toUInt32(number) AS number FROM schema_migrations`)).map(
      ({ number }) => number,
    ),
  )
  refuseNewer(applied, migrations)
  for (const migration of migrations) {
    if (applied.has(migration.number)) continue
    log.info({ migration: migration.number, title: migration.title }, 'changing the schema')
    for (const statement of migration.statements) await client.command(sql.raw(statement))
    await client.command(
      sql`INSERT INTO schema_migrations (number, title) SELECT ${u64(migration.number)}, ${str(migration.title)}`,
    )
  }
}

function refuseNewer(applied: ReadonlySet<number>, migrations: readonly Migration[]): void {
  const known = Math.max(0, ...migrations.map(({ number }) => number))
  const newest = Math.max(0, ...applied)
  if (newest <= known) return
  throw new AppError(
    'conflict',
    `The store's schema has version ${String(newest)}, this program knows versions up to ${String(known)}: ` +
      'a newer Fleetglass has used it. Run that version or a newer one, or restore a backup from before the upgrade.',
  )
}
