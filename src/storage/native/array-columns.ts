import type { ByteBuffer } from './byte-buffer.ts'
import type { Column, RepeatableColumn } from './column.ts'
import { Int64Column } from './fixed-columns.ts'

/** Array(T): the running count of elements a row, then all elements. Push into `elements`, then end the row. */
export class ArrayColumn<E extends Column> implements Column {
  readonly type: string
  readonly elements: E
  readonly #offsets = new Int64Column('UInt64')

  constructor(elements: E) {
    this.type = `Array(${elements.type})`
    this.elements = elements
  }

  get rows(): number {
    return this.#offsets.rows
  }

  /** Ends the row: the elements pushed since the last end are its value. */
  endRow(): void {
    this.#offsets.pushLanes(this.elements.rows, 0)
  }

  writePrefix(out: ByteBuffer): void {
    this.elements.writePrefix(out)
  }

  writeData(out: ByteBuffer): void {
    this.#offsets.writeData(out)
    this.elements.writeData(out)
  }

  reset(): void {
    this.#offsets.reset()
    this.elements.reset()
  }

  save(): void {
    this.#offsets.save()
    this.elements.save()
  }

  restore(): void {
    this.#offsets.restore()
    this.elements.restore()
  }
}

/** Where a row of a map lies, so that it can be repeated. Valid until reset. */
export interface MapMark {
  readonly rows: number
  readonly keys: number
  readonly values: number
}

/** Map(K, V): as an array of pairs, all keys first. Push into `keys` and `values` alike, then end the row. */
export class MapColumn<K extends RepeatableColumn, V extends RepeatableColumn> implements Column {
  readonly type: string
  readonly keys: K
  readonly values: V
  readonly #offsets = new Int64Column('UInt64')

  constructor(keys: K, values: V) {
    this.type = `Map(${keys.type}, ${values.type})`
    this.keys = keys
    this.values = values
  }

  get rows(): number {
    return this.#offsets.rows
  }

  endRow(): void {
    this.#offsets.pushLanes(this.keys.rows, 0)
  }

  /** The present end of the last pair; a row lies between two of them. */
  mark(): MapMark {
    return { rows: this.keys.rows, keys: this.keys.mark(), values: this.values.mark() }
  }

  /** Appends the pairs between two marks once more, as a row of their own. */
  repeatRow(from: MapMark, to: MapMark): void {
    this.keys.repeat(from.keys, to.keys, to.rows - from.rows)
    this.values.repeat(from.values, to.values, to.rows - from.rows)
    this.endRow()
  }

  writePrefix(out: ByteBuffer): void {
    this.keys.writePrefix(out)
    this.values.writePrefix(out)
  }

  writeData(out: ByteBuffer): void {
    this.#offsets.writeData(out)
    this.keys.writeData(out)
    this.values.writeData(out)
  }

  reset(): void {
    this.#offsets.reset()
    this.keys.reset()
    this.values.reset()
  }

  save(): void {
    this.#offsets.save()
    this.keys.save()
    this.values.save()
  }

  restore(): void {
    this.#offsets.restore()
    this.keys.restore()
    this.values.restore()
  }
}
