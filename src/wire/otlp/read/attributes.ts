import { BYTES, type ProtoReader } from '../../proto/index.ts'
import { type AnyValue, readKeyValue } from './any-value.ts'

/** Attributes by name, in the order of the payload. Of a name that is given twice the last value counts. */
export type AttributeMap = ReadonlyMap<string, AnyValue>

/** Reads the KeyValue at the reader's current field into the map. */
export function takeAttribute(reader: ProtoReader, into: Map<string, AnyValue>): void {
  reader.expect(BYTES)
  const outer = reader.enter()
  const [key, value] = readKeyValue(reader)
  reader.leave(outer)
  into.set(key, value)
}
