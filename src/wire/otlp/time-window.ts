import type { Signal } from '../../model/index.ts'
import { BYTES, FIXED64, ProtoReader, Splicer } from '../proto/index.ts'
import { DATA_POINTS, METRIC_KINDS, REQUEST_RESOURCES, RESOURCE_SCOPES, SCOPE_ITEMS } from './schema.ts'

/** Milliseconds since the epoch; what lies between is taken, the bounds included. */
export interface TimeWindow {
  readonly fromMs: number
  readonly toMs: number
}

/** A request without the items whose time lies outside of a window. */
export interface WithinWindow {
  /** The input itself when nothing was taken out. */
  readonly bytes: Uint8Array
  /** Those that are left. */
  readonly items: number
  readonly tooOld: number
  readonly tooNew: number
}

/** The fields to go down through, the last of which are the items. */
const ITEM_PATH: readonly (readonly number[])[] = [[REQUEST_RESOURCES], [RESOURCE_SCOPES], [SCOPE_ITEMS]]
const METRIC_PATH: readonly (readonly number[])[] = [...ITEM_PATH, METRIC_KINDS, [DATA_POINTS]]

/**
 * Where an item's time stands, all of them `fixed64` nanoseconds: the later ones count where the first is absent or
 * zero. A span is as old as its end.
 */
const TIME_FIELDS: Readonly<Record<Signal, readonly [number, number?]>> = {
  metrics: [3],
  logs: [1, 11],
  traces: [8, 7],
}

/**
 * Takes the items out whose time lies outside of the window; an item without a time is inside. Looks only as deep as
 * the items' times stand. Throws AppError `invalid` where it meets broken structure.
 */
export function keepWithinWindow(signal: Signal, bytes: Uint8Array, window: TimeWindow): WithinWindow {
  const walk = new WindowWalk(signal, bytes, window)
  walk.run()
  const { items, tooOld, tooNew } = walk
  return { bytes: walk.splicer.apply(bytes), items, tooOld, tooNew }
}

class WindowWalk {
  readonly splicer = new Splicer()
  items = 0
  tooOld = 0
  tooNew = 0
  readonly #reader: ProtoReader
  readonly #path: readonly (readonly number[])[]
  readonly #timeFields: readonly [number, number?]
  readonly #fromNs: number
  readonly #toNs: number

  constructor(signal: Signal, bytes: Uint8Array, { fromMs, toMs }: TimeWindow) {
    this.#reader = new ProtoReader(bytes)
    this.#path = signal === 'metrics' ? METRIC_PATH : ITEM_PATH
    this.#timeFields = TIME_FIELDS[signal]
    this.#fromNs = fromMs * 1e6
    this.#toNs = toMs * 1e6
  }

  run(): void {
    this.#descend(0)
  }

  #descend(level: number): void {
    const reader = this.#reader
    const wanted = this.#path[level] ?? []
    const isItem = level === this.#path.length - 1
    while (reader.next()) {
      if (!wanted.includes(reader.field)) {
        reader.skip()
        continue
      }
      reader.expect(BYTES)
      const { fieldStart } = reader
      const lengthStart = reader.pos
      const outer = reader.enter()
      if (isItem) {
        this.#item(fieldStart)
      } else {
        const bodyStart = reader.pos
        const place = this.splicer.open()
        const deltaBefore = this.splicer.delta
        this.#descend(level + 1)
        this.splicer.close(place, lengthStart, bodyStart, reader.end, this.splicer.delta - deltaBefore)
      }
      reader.leave(outer)
    }
  }

  #item(fieldStart: number): void {
    const ns = this.#time()
    if (ns === 0 || (ns >= this.#fromNs && ns <= this.#toNs)) {
      this.items += 1
      return
    }
    if (ns < this.#fromNs) this.tooOld += 1
    else this.tooNew += 1
    this.splicer.remove(fieldStart, this.#reader.end)
  }

  /** Nanoseconds as a double, which is exact to less than a microsecond; 0 is unknown. */
  #time(): number {
    const reader = this.#reader
    const [field, fallback] = this.#timeFields
    let other = 0
    while (reader.next()) {
      const isTime = reader.field === field || reader.field === fallback
      if (!isTime || reader.wireType !== FIXED64) {
        reader.skip()
        continue
      }
      const { pos, field: found } = reader
      reader.skip()
      const ns = reader.view.getUint32(pos + 4, true) * 2 ** 32 + reader.view.getUint32(pos, true)
      if (found !== field) other = ns
      else if (ns !== 0) return ns
    }
    return other
  }
}
