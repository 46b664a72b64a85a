import type { ByteRange, RangeList } from '../../../storage/write/index.ts'
import { BYTES, type ProtoReader, readAnyValue, toPlainText } from '../../../wire/index.ts'

interface Wanted {
  readonly bytes: Uint8Array
  readonly index: number
}

const utf8 = new TextEncoder()
const KEY = 1
const VALUE = 2

/** Picks a few attributes out of many by the bytes of their names, so that the others cost no text. */
export class AttributePicker {
  /** In the order of the names; undefined where the span has none of that name. */
  readonly values: (string | undefined)[]
  readonly #byLength = new Map<number, Wanted[]>()

  constructor(names: readonly string[]) {
    this.values = names.map(() => undefined)
    names.forEach((name, index) => {
      const bytes = utf8.encode(name)
      const same = this.#byLength.get(bytes.length)
      if (same === undefined) this.#byLength.set(bytes.length, [{ bytes, index }])
      else same.push({ bytes, index })
    })
  }

  /** Fills `values` from the KeyValues at these ranges; of a name that comes twice, the last. The reader stays. */
  pick(reader: ProtoReader, keyValues: RangeList): void {
    this.values.fill(undefined)
    if (this.values.length === 0) return
    const { pos: outerPos, end: outerEnd } = reader
    for (let i = 0; i < keyValues.count; i++) {
      reader.pos = keyValues.start(i)
      reader.end = keyValues.end(i)
      this.#look(reader)
    }
    reader.pos = outerPos
    reader.end = outerEnd
  }

  #look(reader: ProtoReader): void {
    const { pos: start, end } = reader
    let wanted: Wanted | undefined
    while (reader.next()) {
      if (reader.field !== KEY) {
        reader.skip()
        continue
      }
      reader.expect(BYTES)
      const outer = reader.enter()
      wanted = this.#find(reader.bytes, reader.pos, reader.end)
      reader.leave(outer)
      // Nearly all attributes are not wanted, and their name comes first.
      if (wanted === undefined) return
    }
    if (wanted === undefined) return
    reader.pos = start
    reader.end = end
    this.values[wanted.index] = readValue(reader)
  }

  #find(bytes: Uint8Array, start: number, end: number): Wanted | undefined {
    return this.#byLength.get(end - start)?.find((wanted) => isAt(bytes, start, wanted.bytes))
  }
}

function isAt(bytes: Uint8Array, start: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[start + i] !== wanted[i]) return false
  return true
}

/** The value of the KeyValue that the reader stands in, as plain text; undefined if it is empty. */
function readValue(reader: ProtoReader): string | undefined {
  let text = ''
  while (reader.next()) {
    if (reader.field !== VALUE) {
      reader.skip()
      continue
    }
    reader.expect(BYTES)
    const outer = reader.enter()
    text = toPlainText(readAnyValue(reader))
    reader.leave(outer)
  }
  return text === '' ? undefined : text
}

const text = new TextDecoder()

/** The text of a field. */
export function textOf(reader: ProtoReader, { start, end }: ByteRange): string {
  return text.decode(reader.bytes.subarray(start, end))
}
