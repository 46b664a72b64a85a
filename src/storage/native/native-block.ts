import { AppError } from '../../core/index.ts'
import { ByteBuffer } from './byte-buffer.ts'
import type { Column } from './column.ts'

/**
 * Rows in ClickHouse's Native format:
 *
 *     varint number of columns, varint number of rows
 *     for each column: its name, its type (each a varint length and text), and, if there are rows, prefix and data
 *
 * This is the form of protocol revision 0, which the HTTP interface and `file()` read. A block may be inserted into
 * columns of other but convertible types, such as SimpleAggregateFunction(any, T) for T.
 */
export class NativeBlock {
  readonly columns: Readonly<Record<string, Column>>
  readonly names: readonly string[]
  readonly #columns: readonly Column[]

  constructor(columns: Readonly<Record<string, Column>>) {
    this.columns = columns
    this.names = Object.keys(columns)
    this.#columns = Object.values(columns)
  }

  get rows(): number {
    return this.#columns[0]?.rows ?? 0
  }

  reset(): void {
    for (const column of this.#columns) column.reset()
  }

  save(): void {
    for (const column of this.#columns) column.save()
  }

  restore(): void {
    for (const column of this.#columns) column.restore()
  }

  /** The block's bytes, in the memory of `out` and not of the columns. `empty` writes the header alone: no rows. */
  encode(options: { readonly empty?: boolean; readonly out?: ByteBuffer } = {}): Uint8Array {
    const rows = options.empty === true ? 0 : this.rows
    const out = options.out ?? new ByteBuffer(4_096)
    out.length = 0
    out.varint(this.#columns.length)
    out.varint(rows)
    for (const [name, column] of Object.entries(this.columns)) {
      if (column.rows !== this.rows) {
        const found = `${String(column.rows)} rows of ${String(this.rows)}`
        throw new AppError('internal', `BUG: native block: column ${name} has ${found}`)
      }
      writeName(out, name)
      writeName(out, column.type)
      if (rows === 0) continue
      column.writePrefix(out)
      column.writeData(out)
    }
    return out.bytes.subarray(0, out.length)
  }
}

function writeName(out: ByteBuffer, name: string): void {
  const bytes = Buffer.from(name)
  out.varint(bytes.length)
  out.append(bytes)
}
