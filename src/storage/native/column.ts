import type { ByteBuffer } from './byte-buffer.ts'

/** The values of one column of a block, kept in the very bytes that ClickHouse's Native format wants. */
export interface Column {
  /** ClickHouse's name of the type. */
  readonly type: string
  readonly rows: number
  /** What stands before all data of a column: the version of each LowCardinality in it, outermost first. */
  writePrefix(out: ByteBuffer): void
  /** Called only when there are rows. */
  writeData(out: ByteBuffer): void
  /** Forgets all rows and keeps the memory. */
  reset(): void
  /** Remembers the present end; `restore` takes back what was appended after the last `save`. */
  save(): void
  restore(): void
}

/** A column whose earlier rows can be appended once more by copying bytes. */
export interface RepeatableColumn extends Column {
  /** A position that `repeat` understands, valid until reset. */
  mark(): number
  /** Appends the `rows` rows between two marks again. */
  repeat(from: number, to: number, rows: number): void
}
