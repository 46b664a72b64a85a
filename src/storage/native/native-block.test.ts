import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { STALE_NAN_HIGH, STALE_NAN_LOW } from '../../model/index.ts'
import { ArrayColumn, MapColumn } from './array-columns.ts'
import { ByteColumn, FixedStringColumn, Int32Column, Int64Column } from './fixed-columns.ts'
import { LowCardinalityColumn } from './low-cardinality-column.ts'
import { NativeBlock } from './native-block.ts'
import { StringColumn } from './string-column.ts'
import { type ChdbStore, openChdbStore } from './testing/chdb-store.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

let store: ChdbStore
beforeAll(async () => {
  store = await openChdbStore()
})
afterAll(() => store.close())

let tables = 0
/** Inserts the block into a fresh table of the given columns and reads it back in order. */
async function roundTrip(block: NativeBlock, definition: string): Promise<readonly Record<string, unknown>[]> {
  const table = `round_trip_${String(tables++)}`
  store.run(`USE fleetglass; CREATE TABLE ${table} (${definition}) ENGINE = MergeTree ORDER BY tuple()`)
  await store.client.insertNative(table, block.names, block.encode(), table)
  return store.select(`SELECT * FROM ${table}`)
}

describe('NativeBlock', () => {
  it('writes fixed-width columns as ClickHouse reads them', async () => {
    const columns = {
      u8: new ByteColumn('UInt8'),
      i8: new ByteColumn('Int8'),
      flag: new ByteColumn('Bool'),
      u32: new Int32Column('UInt32'),
      i32: new Int32Column('Int32'),
      u64: new Int64Column('UInt64'),
      i64: new Int64Column('Int64'),
      f64: new Int64Column('Float64'),
      ms: new Int64Column('DateTime64(3)'),
      ns: new Int64Column('DateTime64(9)'),
      id: new FixedStringColumn(4),
    }
    for (let row = 0; row < 200; row++) {
      columns.u8.push(row)
      columns.i8.push(-row >> 1)
      columns.flag.push(row % 2)
      columns.u32.push(4_000_000_000 + row)
      columns.i32.push(-row)
      columns.u64.pushLanes(row, 0x8000_0000)
      columns.i64.pushInteger(-row)
      columns.f64.pushDouble(row + 0.5)
      columns.ms.pushInteger(1_700_000_000_000 + row)
      columns.ns.pushLanes(row, 0x1790_0000)
      columns.id.push(bytes(`id${String(row % 10)}.`), 0, 4)
    }
    const rows = await roundTrip(
      new NativeBlock(columns),
      'u8 UInt8, i8 Int8, flag Bool, u32 UInt32, i32 Int32, u64 UInt64, i64 Int64, f64 Float64, ms DateTime64(3), ns DateTime64(9), id FixedString(4)',
    )
    expect(rows).toHaveLength(200)
    expect(rows[150]).toEqual({
      u8: 150,
      i8: -75,
      flag: false,
      u32: 4_000_000_150,
      i32: -150,
      u64: String(2n ** 63n + 150n),
      i64: '-150',
      f64: 150.5,
      ms: '2023-11-14 22:13:20.150',
      ns: '2023-10-21 02:57:39.518677142',
      id: 'id0.',
    })
  })

  it('keeps the stale marker to the bit', async () => {
    const columns = { value: new Int64Column('Float64') }
    columns.value.pushLanes(STALE_NAN_LOW, STALE_NAN_HIGH)
    columns.value.pushDouble(Number.NaN)
    const table = 'stale'
    const block = new NativeBlock(columns)
    store.run(`USE fleetglass; CREATE TABLE ${table} (value Float64) ENGINE = MergeTree ORDER BY tuple()`)
    await store.client.insertNative(table, block.names, block.encode(), table)
    const rows = store.select(`SELECT hex(reinterpretAsUInt64(value)) AS bits FROM ${table}`)
    expect(rows.map((row) => row['bits'])).toEqual(['7FF0000000000002', '7FF8000000000000'])
  })

  it.each([3, 255, 256, 300, 65_535, 65_536, 70_000])('writes a dictionary of %i keys', async (distinct) => {
    const columns = { word: new LowCardinalityColumn(), n: new Int32Column('UInt32') }
    for (let row = 0; row < distinct + 10; row++) {
      columns.word.pushText(row % distinct === 0 ? '' : `word ${String(row % distinct)}`)
      columns.n.push(row)
    }
    const block = new NativeBlock(columns)
    const table = `words_${String(distinct)}`
    store.run(
      `USE fleetglass; CREATE TABLE ${table} (word LowCardinality(String), n UInt32) ENGINE = MergeTree ORDER BY n`,
    )
    await store.client.insertNative(table, block.names, block.encode(), table)
    const wrong = `countIf(word != if(n % ${String(distinct)} = 0, '', 'word ' || toString(n % ${String(distinct)})))`
    expect(store.select(`SELECT count() AS rows, ${wrong} AS wrong FROM ${table}`)).toEqual([
      { rows: String(distinct + 10), wrong: '0' },
    ])
  })

  it('writes strings, arrays and maps, empty ones too', async () => {
    const columns = {
      text: new StringColumn(),
      numbers: new ArrayColumn(new Int64Column('Float64')),
      words: new ArrayColumn(new LowCardinalityColumn()),
      labels: new MapColumn(new StringColumn(), new StringColumn()),
      attributes: new MapColumn(new LowCardinalityColumn(), new StringColumn()),
      counts: new MapColumn(new LowCardinalityColumn(), new Int64Column('UInt64')),
      events: new ArrayColumn(new MapColumn(new LowCardinalityColumn(), new StringColumn())),
    }
    const expected: unknown[] = []
    for (let row = 0; row < 5; row++) {
      const text = 'ä'.repeat(row * 70)
      columns.text.pushText(text)
      for (let i = 0; i < row; i++) {
        columns.numbers.elements.pushDouble(i / 4)
        columns.words.elements.pushText(`w${String(i)}`)
        columns.labels.keys.pushText(`k${String(i)}`)
        columns.labels.values.pushText(String(row))
        columns.attributes.keys.pushText(`k${String(i)}`)
        columns.attributes.values.pushTagged(1, bytes(String(row)))
        columns.counts.keys.pushText(`k${String(i)}`)
        columns.counts.values.pushInteger(row)
        columns.events.elements.keys.pushText('event')
        columns.events.elements.values.pushText(String(i))
        columns.events.elements.endRow()
      }
      for (const column of [columns.numbers, columns.words, columns.labels, columns.attributes, columns.counts]) {
        column.endRow()
      }
      columns.events.endRow()
      const keys = Array.from({ length: row }, (_, i) => `k${String(i)}`)
      expected.push({
        text,
        numbers: keys.map((_, i) => i / 4),
        words: keys.map((_, i) => `w${String(i)}`),
        labels: Object.fromEntries(keys.map((key) => [key, String(row)])),
        attributes: Object.fromEntries(keys.map((key) => [key, `\x01${String(row)}`])),
        counts: Object.fromEntries(keys.map((key) => [key, String(row)])),
        events: keys.map((_, i) => ({ event: String(i) })),
      })
    }
    const definition = `text String, numbers Array(Float64), words Array(LowCardinality(String)), labels Map(String, String),
      attributes Map(LowCardinality(String), String), counts Map(LowCardinality(String), UInt64),
      events Array(Map(LowCardinality(String), String))`
    expect(await roundTrip(new NativeBlock(columns), definition)).toEqual(expected)
  })

  it('writes columns whose rows are all empty', async () => {
    const columns = {
      words: new ArrayColumn(new LowCardinalityColumn()),
      attributes: new MapColumn(new LowCardinalityColumn(), new StringColumn()),
      after: new StringColumn(),
    }
    columns.words.endRow()
    columns.attributes.endRow()
    columns.after.pushText('after')
    const rows = await roundTrip(
      new NativeBlock(columns),
      'words Array(LowCardinality(String)), attributes Map(LowCardinality(String), String), after String',
    )
    expect(rows).toEqual([{ words: [], attributes: {}, after: 'after' }])
  })

  it('repeats a row of a map by copying it', async () => {
    const columns = { attributes: new MapColumn(new LowCardinalityColumn(), new StringColumn()) }
    const { attributes } = columns
    attributes.endRow()
    const from = attributes.mark()
    attributes.keys.pushText('a')
    attributes.values.pushText('1'.repeat(200))
    attributes.keys.pushText('b')
    attributes.values.pushText('2')
    const to = attributes.mark()
    attributes.endRow()
    attributes.repeatRow(from, to)
    const whole = { a: '1'.repeat(200), b: '2' }
    const rows = await roundTrip(new NativeBlock(columns), 'attributes Map(LowCardinality(String), String)')
    expect(rows.map((row) => row['attributes'])).toEqual([{}, whole, whole])
  })

  it('forgets rows after the last save on restore, and all on reset', async () => {
    const columns = {
      text: new StringColumn(),
      word: new LowCardinalityColumn(),
      list: new ArrayColumn(new StringColumn()),
    }
    const block = new NativeBlock(columns)
    const push = (text: string): void => {
      columns.text.pushText(text)
      columns.word.pushText(text)
      columns.list.elements.pushText(text)
      columns.list.endRow()
    }
    push('dropped by reset')
    block.reset()
    push('kept')
    block.save()
    push('taken back')
    columns.text.pushText('half a row')
    block.restore()
    push('after')
    const rows = await roundTrip(block, 'text String, word LowCardinality(String), list Array(String)')
    expect(rows).toEqual(['kept', 'after'].map((text) => ({ text, word: text, list: [text] })))
  })

  it('makes a block without rows that can be inserted', async () => {
    const columns = { word: new LowCardinalityColumn() }
    columns.word.pushText('not written')
    const block = new NativeBlock(columns)
    store.run('USE fleetglass; CREATE TABLE nothing (word LowCardinality(String)) ENGINE = MergeTree ORDER BY tuple()')
    await store.client.insertNative('nothing', block.names, block.encode({ empty: true }), 'nothing')
    expect(store.select('SELECT * FROM nothing')).toEqual([])
  })

  it('refuses columns of different length', () => {
    const block = new NativeBlock({ a: new StringColumn(), b: new StringColumn() })
    const column = block.columns['b'] as StringColumn
    column.pushText('alone')
    expect(() => block.encode()).toThrow(/BUG/)
  })
})
