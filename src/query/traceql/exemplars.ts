import type { Field } from './ast.ts'
import { valueOfField } from './fields.ts'
import type { NamedValue } from './search.ts'
import type { Intervals } from './grid.ts'
import type { SpanPlace } from './trace-tree.ts'
import { printField } from './print.ts'

const PER_BUCKET = 2
export const MAX_EXEMPLARS = 100

/**
 * Chooses exemplars as spans come by: one of a trace at most, and as many in each part of the range, so that they are
 * spread over it. A series may have as many as it likes of them.
 */
export class ExemplarChooser {
  readonly #most: number
  readonly #intervals: Intervals
  readonly #counts: number[]
  readonly #traces = new Set<string>()

  constructor(most: number, intervals: Intervals) {
    this.#most = Math.min(most, MAX_EXEMPLARS)
    this.#intervals = intervals
    this.#counts = Array<number>(Math.max(1, Math.floor(this.#most / PER_BUCKET))).fill(0)
  }

  get isFull(): boolean {
    return this.#traces.size >= this.#most
  }

  /** Whether this span becomes one; it is then counted. */
  takes({ span }: SpanPlace): boolean {
    if (this.isFull || this.#traces.has(span.traceId)) return false
    const { startNs, endNs } = this.#intervals
    const part = Number(((span.startNs - startNs) * BigInt(this.#counts.length)) / (endNs - startNs + 1n))
    const count = this.#counts[part]
    if (count === undefined || count >= PER_BUCKET) return false
    this.#counts[part] = count + 1
    this.#traces.add(span.traceId)
    return true
  }
}

const ALWAYS: readonly Field[] = [
  { kind: 'intrinsic', name: 'trace:id' },
  { kind: 'intrinsic', name: 'span:id' },
  { kind: 'attribute', scope: 'resource', parent: false, name: 'service.name' },
  { kind: 'intrinsic', name: 'name' },
  { kind: 'intrinsic', name: 'duration' },
]

/** What tells which span it was, and the fields of the query. */
export function exemplarLabels(place: SpanPlace, fields: readonly Field[]): readonly NamedValue[] {
  const labels = new Map<string, NamedValue>()
  for (const field of [...ALWAYS, ...fields]) {
    const value = valueOfField(field, place)
    const name = printField(field)
    if (value.type !== 'nil') labels.set(name, { name, value })
  }
  return [...labels.values()]
}
