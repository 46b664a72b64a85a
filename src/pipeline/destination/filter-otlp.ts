import type { Identity, Signal } from '../../model/index.ts'
import { BYTES, ProtoReader, ProtoWriter, readKeyValue, toPlainText, VARINT } from '../../wire/index.ts'
import { identityValue, type RecordCondition } from './where.ts'

/** What is left of a payload; the payload itself if nothing had to go. */
export interface Filtered {
  readonly payload: Uint8Array
  readonly items: number
}

// The same three levels in every signal: request → Resource… → Scope… → items. Both wrappers say what they are about
// in field 1 and hold what they contain in field 2.
const RESOURCES = 1
const ABOUT = 1
const CONTAINED = 2
const RESOURCE_ATTRIBUTES = 1
const SCOPE_NAME = 1
const SCOPE_ATTRIBUTES = 3
const LOG = { severityNumber: 2, severityText: 3, attributes: 6 } as const
const SPAN = { name: 5, attributes: 9 } as const
const METRIC_NAME = 1
const DATA_POINTS = 1
/** Of Metric: gauge, sum, histogram, exponential histogram, summary; and where their points have attributes. */
const POINT_ATTRIBUTES: Readonly<Record<number, number>> = { 5: 7, 7: 7, 9: 9, 10: 1, 11: 7 }

type Values = Map<string, string>

/** Keeps the log records, spans or data points for which the condition holds. Throws `invalid` for damaged bytes. */
export function filterOtlp(
  signal: Signal,
  payload: Uint8Array,
  identity: Identity,
  condition: RecordCondition,
): Filtered {
  return new OtlpFilter(signal, payload, identity, condition).run()
}

class OtlpFilter {
  readonly #signal: Signal
  readonly #payload: Uint8Array
  readonly #identity: Identity
  readonly #condition: RecordCondition
  readonly #reader: ProtoReader
  readonly #writer: ProtoWriter
  readonly #resource: Values = new Map()
  readonly #scope: Values = new Map()
  readonly #item: Values = new Map()
  /** What all points of the current metric have. */
  #metricName = ''
  #kept = 0
  #dropped = 0

  constructor(signal: Signal, payload: Uint8Array, identity: Identity, condition: RecordCondition) {
    this.#signal = signal
    this.#payload = payload
    this.#identity = identity
    this.#condition = condition
    this.#reader = new ProtoReader(payload)
    this.#writer = new ProtoWriter(payload.length + 64)
  }

  run(): Filtered {
    this.#each(RESOURCES, () => {
      this.#resource.clear()
      this.#readAbout((reader) => {
        if (reader.field === RESOURCE_ATTRIBUTES) this.#takeAttribute(this.#resource)
        else reader.skip()
      })
      return this.#each(CONTAINED, () => {
        this.#readScope()
        return this.#each(CONTAINED, () => this.#keepItem())
      })
    })
    const payload = this.#dropped === 0 ? this.#payload : this.#writer.finish()
    return { payload, items: this.#kept }
  }

  /**
   * Copies the message that the reader is in; each message in `field` is written if `keep` wrote something of it.
   * Returns whether there is one.
   */
  #each(field: number, keep: () => boolean): boolean {
    const reader = this.#reader
    let any = false
    while (reader.next()) {
      if (reader.field !== field) {
        this.#copyField()
        continue
      }
      reader.expect(BYTES)
      const outer = reader.enter()
      const before = this.#writer.length
      const message = this.#writer.begin(field)
      if (keep()) {
        this.#writer.end(message)
        any = true
      } else {
        this.#writer.length = before
      }
      reader.leave(outer)
    }
    return any
  }

  #copyField(): void {
    const reader = this.#reader
    const start = reader.fieldStart
    reader.skip()
    this.#writer.raw(this.#payload.subarray(start, reader.pos))
  }

  #keepItem(): boolean {
    if (this.#signal === 'metrics') return this.#keepPoints()
    const reader = this.#reader
    const { pos, end } = reader
    const passes = this.#signal === 'logs' ? this.#testLog() : this.#testSpan()
    return this.#decide(passes, pos, end)
  }

  #decide(passes: boolean, start: number, end: number): boolean {
    if (passes) {
      this.#kept += 1
      this.#writer.raw(this.#payload.subarray(start, end))
    } else {
      this.#dropped += 1
    }
    return passes
  }

  #testLog(): boolean {
    const reader = this.#reader
    this.#item.clear()
    let severity = 0
    while (reader.next()) {
      if (reader.field === LOG.severityNumber && reader.wireType === VARINT) severity = reader.uint32()
      else if (reader.field === LOG.severityText && reader.wireType === BYTES)
        this.#item.set('severity_text', reader.string())
      else if (reader.field === LOG.attributes) this.#takeAttribute(this.#item)
      else reader.skip()
    }
    if (severity > 0 && severity < this.#condition.minSeverityNumber) return false
    return this.#test()
  }

  #testSpan(): boolean {
    const reader = this.#reader
    this.#item.clear()
    while (reader.next()) {
      if (reader.field === SPAN.name && reader.wireType === BYTES) this.#item.set('span_name', reader.string())
      else if (reader.field === SPAN.attributes) this.#takeAttribute(this.#item)
      else reader.skip()
    }
    return this.#test()
  }

  /** The reader is in a Metric: keeps those of its points that pass, and with them what is said of all. */
  #keepPoints(): boolean {
    this.#metricName = this.#findMetricName()
    const reader = this.#reader
    let any = false
    while (reader.next()) {
      const attributes = POINT_ATTRIBUTES[reader.field]
      if (attributes === undefined) {
        this.#copyField()
        continue
      }
      reader.expect(BYTES)
      const field = reader.field
      const outer = reader.enter()
      const data = this.#writer.begin(field)
      any = this.#each(DATA_POINTS, () => this.#keepPoint(attributes)) || any
      this.#writer.end(data)
      reader.leave(outer)
    }
    return any
  }

  #keepPoint(attributesField: number): boolean {
    const reader = this.#reader
    const { pos, end } = reader
    this.#item.clear()
    this.#item.set('__name__', this.#metricName)
    while (reader.next()) {
      if (reader.field === attributesField) this.#takeAttribute(this.#item)
      else reader.skip()
    }
    return this.#decide(this.#test(), pos, end)
  }

  #findMetricName(): string {
    const reader = this.#reader
    const start = reader.pos
    let name = ''
    while (reader.next()) {
      if (reader.field === METRIC_NAME && reader.wireType === BYTES) name = reader.string()
      else reader.skip()
    }
    reader.pos = start
    return name
  }

  #readScope(): void {
    this.#scope.clear()
    this.#readAbout((reader) => {
      if (reader.field === SCOPE_NAME && reader.wireType === BYTES) this.#scope.set('scope_name', reader.string())
      else if (reader.field === SCOPE_ATTRIBUTES) this.#takeAttribute(this.#scope)
      else reader.skip()
    })
  }

  /** Visits the fields of the resource or scope, wherever it stands in the message, and comes back to the start. */
  #readAbout(visit: (reader: ProtoReader) => void): void {
    const reader = this.#reader
    const start = reader.pos
    while (reader.next()) {
      if (reader.field !== ABOUT) {
        reader.skip()
        continue
      }
      reader.expect(BYTES)
      const outer = reader.enter()
      while (reader.next()) visit(reader)
      reader.leave(outer)
    }
    reader.pos = start
  }

  #takeAttribute(into: Values): void {
    const reader = this.#reader
    reader.expect(BYTES)
    const outer = reader.enter()
    const [key, value] = readKeyValue(reader)
    reader.leave(outer)
    if (this.#condition.names.has(key)) into.set(key, toPlainText(value))
  }

  #test(): boolean {
    return this.#condition.test(
      (name) =>
        identityValue(this.#identity, name) ??
        this.#item.get(name) ??
        this.#scope.get(name) ??
        this.#resource.get(name) ??
        '',
    )
  }
}
