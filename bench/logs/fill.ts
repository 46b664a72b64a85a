import { createMetrics, silentLogger, systemClock } from '../../src/core/index.ts'
import { decodeRecord, encodeRecord } from '../../src/pipeline/index.ts'
import { type StoreClient, StoreWriter } from '../../src/storage/index.ts'
import { queryJson } from '../../src/storage/query-json.ts'
import { i64, sql, type Sql, u64 } from '../../src/storage/sql.ts'
import { LINES_OF_BATCH, logBatch, SPAN_MS, START_MS, type Stretch, STREAMS } from './lines.ts'

/** Stores batches one after the other as the hub does. */
export class BatchStore {
  readonly #writer: StoreWriter
  readonly #epoch = `bench-${String(Date.now())}`
  #sequence = 0

  constructor(client: StoreClient) {
    this.#writer = new StoreWriter({
      client,
      decodeRecord,
      unstorable: { keep: () => Promise.reject(new Error('BUG: nothing may be refused')) },
      clock: systemClock,
      log: silentLogger(),
      metrics: createMetrics(),
    })
  }

  /** The bytes of the lines' texts. */
  async store(batches: readonly (readonly [number, Stretch])[]): Promise<number> {
    let raw = 0
    const first = this.#sequence
    const records = batches.map(([number, stretch]) => {
      const { batch, bytes } = logBatch(number, stretch)
      raw += bytes
      return { sequence: this.#sequence++, bytes: Buffer.concat(encodeRecord(batch)) }
    })
    const range = { epoch: this.#epoch, first, last: this.#sequence - 1 }
    const plan = { range, refused: [], onRefused: () => Promise.resolve() }
    await this.#writer.store(this.#writer.prepare(records), plan, AbortSignal.timeout(120_000))
    return raw
  }
}

const BATCHES_OF_FLUSH = 48
const LINES_OF_CHUNK = 1_000_000

/**
 * Fills the store up to so many lines over one day: first a thousand lines of each stream as the hub stores them, among them
 * the needle; then lines that the engine makes of these with other times and texts, a stretch of time after the other, in
 * the same columns. A store that has some lines already gets what is missing. Tells how many that were.
 */
export async function fill(client: StoreClient, lines: number): Promise<number> {
  const before = await linesIn(client)
  let stored = before
  if (stored === 0) {
    const batches = new BatchStore(client)
    for (let first = 0; first < STREAMS; first += BATCHES_OF_FLUSH) {
      const numbers = Array.from({ length: BATCHES_OF_FLUSH }, (_, i) => first + i)
      const stretchOf = (number: number): Stretch => ({
        fromMs: START_MS + (number % 3) * (SPAN_MS / 3),
        lengthMs: SPAN_MS / 3,
        needle: number === Math.floor(STREAMS / 3),
      })
      await batches.store(numbers.map((number) => [number, stretchOf(number)]))
    }
    stored = await linesIn(client)
  }
  await client.command(sql`CREATE TABLE IF NOT EXISTS log_seeds ENGINE = MergeTree ORDER BY seed AS
    SELECT rowNumberInAllBlocks() AS seed, * FROM (SELECT * FROM logs LIMIT 1 BY stream)`)
  const own = STREAMS * LINES_OF_BATCH
  for (let from = Math.max(0, stored - own); from < lines - own; from += LINES_OF_CHUNK) {
    const count = Math.min(LINES_OF_CHUNK, lines - own - from)
    await client.command(sql`INSERT INTO logs ${made(from, count, lines - own)}`, INSERT_SETTINGS)
  }
  return (await linesIn(client)) - before
}

const INSERT_SETTINGS = {
  max_insert_threads: 1,
  max_threads: 1,
  max_block_size: LINES_OF_CHUNK,
  min_insert_block_size_rows: LINES_OF_CHUNK,
  min_insert_block_size_bytes: 0,
}

/** Of line `number`, independent numbers. */
const hash = (salt: number): Sql => sql`sipHash64(number, ${u64(salt)})`

function made(from: number, count: number, of: number): Sql {
  const startNs = BigInt(START_MS) * 1_000_000n
  const stepNs = BigInt(Math.floor((SPAN_MS * 1e6) / of))
  const time = sql`fromUnixTimestamp64Nano(${i64(startNs)} + toInt64(number) * ${i64(stepNs)} + toInt64(${hash(1)} % 1000), 'UTC')`
  const level = sql`['info', 'info', 'info', 'info', 'info', 'info', 'warn', 'error'][1 + ${hash(2)} % 8]`
  const body = sql`concat('{"level":"', detected_level, '","msg":"GET /api/v1/items/', toString(${hash(3)} % 100000),
    ' finished","status":', toString(200 + ${hash(4)} % 5 * 100), ',"duration_ms":', toString(${hash(5)} % 3000),
    ',"user":"user-', toString(${hash(6)} % 5000), '","request_id":"', lower(hex(${hash(7)})), '"}')`
  return sql`SELECT * EXCEPT (seed, number) REPLACE (${time} AS time, time AS observed_time,
      toDateTime64(time, 3) + 1 AS hub_received_at, ${level} AS detected_level, ${body} AS body,
      map('thread', toString(${hash(8)} % 16)) AS attributes)
    FROM log_seeds INNER JOIN numbers(${u64(from)}, ${u64(count)}) AS numbers
      ON log_seeds.seed = numbers.number % ${u64(STREAMS)}`
}

async function linesIn(client: StoreClient): Promise<number> {
  const [row] = await queryJson<{ lines: string }>(client, sql`SELECT toString(count()) AS lines FROM logs`)
  return Number(row?.lines ?? 0)
}
