import type { Signal } from '../../model/index.ts'
import { BYTES, ProtoReader, ProtoWriter } from '../proto/index.ts'
import { countItems } from './count.ts'
import { DATA_POINTS, METRIC_KINDS, REQUEST_RESOURCES, RESOURCE_SCOPES, SCOPE_ITEMS } from './schema.ts'

export interface SplitPart {
  readonly payload: Uint8Array
  readonly items: number
}

/** From the request down to what is counted: log records, spans or data points. */
const ITEM_PATH: readonly (readonly number[])[] = [[REQUEST_RESOURCES], [RESOURCE_SCOPES], [SCOPE_ITEMS]]
const METRIC_PATH: readonly (readonly number[])[] = [...ITEM_PATH, METRIC_KINDS, [DATA_POINTS]]

/**
 * Two requests that together hold the items of one, in their order; resources, scopes and metrics whose items are cut
 * apart stand in both. Undefined where there are less than two items. Throws AppError `invalid` for damaged bytes.
 */
export function splitOtlp(signal: Signal, payload: Uint8Array): readonly [SplitPart, SplitPart] | undefined {
  const items = countItems(signal, payload)
  if (items < 2) return undefined
  const middle = items >> 1
  const path = signal === 'metrics' ? METRIC_PATH : ITEM_PATH
  return [
    { payload: new Cut(payload, path, 0, middle).run(), items: middle },
    { payload: new Cut(payload, path, middle, items).run(), items: items - middle },
  ]
}

/** Copies the items from one number to another, and around them everything that they stand in. */
class Cut {
  readonly #payload: Uint8Array
  readonly #path: readonly (readonly number[])[]
  readonly #from: number
  readonly #to: number
  readonly #reader: ProtoReader
  readonly #writer: ProtoWriter
  #item = 0

  constructor(payload: Uint8Array, path: readonly (readonly number[])[], from: number, to: number) {
    this.#payload = payload
    this.#path = path
    this.#from = from
    this.#to = to
    this.#reader = new ProtoReader(payload)
    this.#writer = new ProtoWriter(payload.length)
  }

  run(): Uint8Array {
    this.#copy(0)
    return this.#writer.finish()
  }

  /** Copies the message that the reader is in; returns whether an item was in it. */
  #copy(level: number): boolean {
    const reader = this.#reader
    const wanted = this.#path[level] ?? []
    const isDeepest = level === this.#path.length - 1
    let any = false
    while (reader.next()) {
      const { field, fieldStart } = reader
      if (!wanted.includes(field)) {
        reader.skip()
        this.#writer.raw(this.#payload.subarray(fieldStart, reader.pos))
        continue
      }
      reader.expect(BYTES)
      const outer = reader.enter()
      const { end } = reader
      const hasItem = isDeepest ? this.#takesItem() : this.#copyNested(field, level + 1)
      reader.leave(outer)
      if (isDeepest && hasItem) this.#writer.raw(this.#payload.subarray(fieldStart, end))
      any ||= hasItem
    }
    return any
  }

  #copyNested(field: number, level: number): boolean {
    const before = this.#writer.length
    const message = this.#writer.begin(field)
    const any = this.#copy(level)
    if (any) this.#writer.end(message)
    else this.#writer.length = before
    return any
  }

  #takesItem(): boolean {
    const takes = this.#from <= this.#item && this.#item < this.#to
    this.#item += 1
    return takes
  }
}
