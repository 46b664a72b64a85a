import { BYTES, FIXED32, FIXED64, type ProtoReader, VARINT } from './reader.ts'

/** Each takes the value of the reader's current field, whose wire type it checks. */

export function takeFixed64(reader: ProtoReader): bigint {
  reader.expect(FIXED64)
  return reader.fixed64()
}

export function takeSfixed64(reader: ProtoReader): bigint {
  reader.expect(FIXED64)
  return reader.sfixed64()
}

export function takeDouble(reader: ProtoReader): number {
  reader.expect(FIXED64)
  return reader.double()
}

export function takeUint64(reader: ProtoReader): bigint {
  reader.expect(VARINT)
  return reader.uint64()
}

export function takeInt64(reader: ProtoReader): bigint {
  reader.expect(VARINT)
  return reader.int64()
}

export function takeFixed32(reader: ProtoReader): number {
  reader.expect(FIXED32)
  return reader.fixed32()
}

export function takeUint32(reader: ProtoReader): number {
  reader.expect(VARINT)
  return reader.uint32()
}

export function takeInt32(reader: ProtoReader): number {
  reader.expect(VARINT)
  return reader.int32()
}

export function takeSint32(reader: ProtoReader): number {
  reader.expect(VARINT)
  return reader.sint32()
}

export function takeBool(reader: ProtoReader): boolean {
  reader.expect(VARINT)
  return reader.bool()
}

export function takeString(reader: ProtoReader): string {
  reader.expect(BYTES)
  return reader.string()
}

/** Bytes as lower-case hexadecimal: trace and span ids. */
export function takeHex(reader: ProtoReader): string {
  reader.expect(BYTES)
  const bytes = reader.slice()
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

/** Reads the message at the field with the reader inside of it. */
export function takeMessage<T>(reader: ProtoReader, read: (reader: ProtoReader) => T): T {
  reader.expect(BYTES)
  const outer = reader.enter()
  const value = read(reader)
  reader.leave(outer)
  return value
}

/** Appends the elements of a repeated number, packed or not, to `into`. */
export function takeRepeated<T>(reader: ProtoReader, wireType: number, read: () => T, into: T[]): void {
  if (reader.wireType === wireType) {
    into.push(read())
    return
  }
  reader.expect(BYTES)
  const outer = reader.enter()
  while (reader.pos < reader.end) into.push(read())
  reader.leave(outer)
}
