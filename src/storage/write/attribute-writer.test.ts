import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AttributeValue } from '../../query/index.ts'
import { ProtoReader, ProtoWriter } from '../../wire/index.ts'
import { MapColumn } from '../native/array-columns.ts'
import { ByteBuffer } from '../native/byte-buffer.ts'
import { LowCardinalityColumn } from '../native/low-cardinality-column.ts'
import { StringColumn } from '../native/string-column.ts'
import { fromTaggedText, toTaggedText } from '../tagged-text.ts'
import { AttributeWriter } from './attribute-writer.ts'

/** What the writer makes of a KeyValue with this value, as the text in the column. */
function write(writeValue: (writer: ProtoWriter) => void): string {
  const writer = new ProtoWriter()
  writer.string(1, 'key')
  const start = writer.begin(2)
  writeValue(writer)
  writer.end(start)
  const reader = new ProtoReader(writer.finish())
  const column = new MapColumn(new LowCardinalityColumn(), new StringColumn())
  new AttributeWriter().pushOne(reader, 0, reader.end, column)
  const out = new ByteBuffer()
  column.values.writeData(out)
  const bytes = new ProtoReader(out.bytes.subarray(0, out.length))
  return bytes.string()
}

describe('AttributeWriter', () => {
  it('writes the tagged text that the values have elsewhere, and that reads back the same', () => {
    const check = (value: AttributeValue, writeValue: (writer: ProtoWriter) => void): void => {
      const text = write(writeValue)
      expect(text).toBe(toTaggedText(value))
      expect(fromTaggedText(text)).toEqual(value)
    }
    fc.assert(
      fc.property(
        fc.record({
          string: fc.string({ unit: 'binary', maxLength: 200 }),
          big: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
          small: fc.nat(),
          double: fc.double().filter((value) => !Object.is(value, -0)),
          bool: fc.boolean(),
        }),
        ({ string, big, small, double, bool }) => {
          check({ type: 'string', value: string }, (writer) => writer.string(1, string))
          check({ type: 'int', value: big }, (writer) => writer.int64(3, big))
          check({ type: 'int', value: BigInt(small) }, (writer) => writer.int64(3, small))
          check({ type: 'double', value: double }, (writer) => writer.double(4, double))
          check({ type: 'bool', value: bool }, (writer) => writer.bool(2, bool))
        },
      ),
    )
  })

  it('takes the last of several variants, and nothing for none', () => {
    const text = write((writer) => {
      writer.string(1, 'first')
      writer.int64(3, 5)
    })
    expect(text).toBe('\x015')
    expect(write(() => undefined)).toBe('')
  })
})
