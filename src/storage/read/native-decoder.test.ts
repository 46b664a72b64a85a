import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '../../core/index.ts'
import { sql } from '../sql.ts'
import { noEngineReason, startTestEngine, type TestEngine } from '../testing/test-engine.ts'
import { decodeNative } from './native-decoder.ts'
import {
  arrayOf,
  bigintOf,
  entriesOf,
  numberListOf,
  hexOf,
  numberOf,
  queryBlocks,
  readBigint,
  readText,
  textOf,
} from './rows.ts'

const signal = new AbortController().signal

describe.skipIf(noEngineReason !== undefined)(`the Native decoder ${noEngineReason ?? ''}`, () => {
  let engine: TestEngine
  beforeAll(async () => {
    engine = await startTestEngine()
  })
  afterAll(async () => {
    await engine.stop()
  })

  it('reads every type that we ask for, over several blocks and empty values', async () => {
    const rows = 1000
    const blocks = await queryBlocks(
      engine.client,
      sql`SELECT
          toUInt8(number % 256) AS u8, number % 2 = 0 AS bool, toInt32(-number) AS i32, toUInt32(number) AS u32,
          toInt64(-number) AS i64, number AS u64, number / 4 AS f64, fromUnixTimestamp64Nano(toInt64(number)) AS time,
          repeat('ü', number % 200) AS text, toLowCardinality(toString(number % 300)) AS low,
          toFixedString(if(number % 2 = 0, '', 'abcd'), 4) AS id,
          arrayMap(x -> toUInt64(x), range(number % 4)) AS list, arrayMap(x -> x / 2, range(number % 3)) AS floats,
          arrayMap(x -> toLowCardinality(toString(x)), range(number % 3)) AS lows,
          CAST(map('k', toString(number)), 'Map(LowCardinality(String), String)') AS labels,
          CAST(if(number % 2 = 0, map(), map('a', '1', 'b', '')), 'Map(LowCardinality(String), String)') AS sparse
        FROM numbers(1000) SETTINGS max_block_size = 300`,
      signal,
    )
    expect(blocks.length).toBeGreaterThan(1)
    let n = 0
    for (const block of blocks) {
      for (let row = 0; row < block.rows; row++, n++) {
        expect([
          numberOf(block, 'u8')(row),
          numberOf(block, 'bool')(row),
          numberOf(block, 'i32')(row),
          numberOf(block, 'u32')(row),
          bigintOf(block, 'i64')(row),
          bigintOf(block, 'u64')(row),
          numberOf(block, 'f64')(row),
          bigintOf(block, 'time')(row),
          textOf(block, 'text')(row),
          textOf(block, 'low')(row),
          hexOf(block, 'id')(row),
          arrayOf(block, 'list', readBigint)(row),
          Array.from(numberListOf(block, 'floats')(row)),
          arrayOf(block, 'lows', readText)(row),
          entriesOf(block, 'labels')(row),
          entriesOf(block, 'sparse')(row),
        ]).toEqual([
          n % 256,
          n % 2 === 0 ? 1 : 0,
          0 - n,
          n,
          BigInt(-n),
          BigInt(n),
          n / 4,
          BigInt(n),
          'ü'.repeat(n % 200),
          String(n % 300),
          n % 2 === 0 ? '' : '61626364',
          Array.from({ length: n % 4 }, (_, i) => BigInt(i)),
          Array.from({ length: n % 3 }, (_, i) => i / 2),
          Array.from({ length: n % 3 }, (_, i) => String(i)),
          [['k', String(n)]],
          n % 2 === 0
            ? []
            : [
                ['a', '1'],
                ['b', ''],
              ],
        ])
      }
    }
    expect(n).toBe(rows)
  })

  it('says of bytes that end too early, or of other types, that they are corrupt', async () => {
    const statement = sql`SELECT toLowCardinality('a') AS a, ['x'] AS b, 1.5 AS c`
    const bytes = await engine.client.query(statement, { format: 'Native' })
    expect(decodeNative(bytes)).toHaveLength(1)
    for (let length = 1; length < bytes.length; length++) {
      expect(() => decodeNative(bytes.subarray(0, length))).toThrow(AppError)
    }
    const other = await engine.client.query(sql`SELECT toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0')`, {
      format: 'Native',
    })
    expect(() => decodeNative(other)).toThrow(expect.objectContaining({ code: 'corrupt' }))
    expect(decodeNative(new Uint8Array(0))).toEqual([])
  })
})
