import type { Batch } from '../../../model/index.ts'
import { type AttributeSet, type OtlpVisitor, walkOtlp } from '../../../storage/write/index.ts'
import { ProtoReader } from '../../../wire/index.ts'
import type { Books } from './books.ts'
import { type Resource, Resources } from './resources.ts'
import type { SeriesBook } from './series-book.ts'
import type { ServiceGraph } from './service-graph.ts'
import type { SpanSeries } from './span-series.ts'
import { TimedSpan } from './timed-span.ts'

/** Counts the spans of batches, in one walk over their bytes. */
export class SpanCounter {
  readonly #books: Books
  readonly #series: SpanSeries
  readonly #graph: ServiceGraph
  readonly #resources: Resources
  readonly #span = new TimedSpan()

  constructor(
    books: Books,
    parts: { readonly series: SpanSeries; readonly graph: ServiceGraph; readonly dimensions: readonly string[] },
  ) {
    this.#books = books
    this.#series = parts.series
    this.#graph = parts.graph
    this.#resources = new Resources(parts.dimensions)
  }

  /** `arrivedAtMs` is when the log says that the batch arrived. Returns how many spans were counted. Throws AppError `invalid` where the bytes are none of OTLP's. */
  count({ envelope, payload }: Batch, arrivedAtMs: number): number {
    const book = this.#books.of(envelope.identity)
    const visitor = new Visitor(new ProtoReader(payload), book, {
      isCounting: this.#books.counts(book),
      arrivedAtMs,
      resources: this.#resources,
      series: this.#series,
      graph: this.#graph,
      span: this.#span,
    })
    walkOtlp(visitor.reader, visitor)
    return visitor.counted
  }
}

interface VisitorParts {
  /** Otherwise the spans are in the series already, and only the requests that they belong to are looked for. */
  readonly isCounting: boolean
  readonly arrivedAtMs: number
  readonly resources: Resources
  readonly series: SpanSeries
  readonly graph: ServiceGraph
  readonly span: TimedSpan
}

class Visitor implements OtlpVisitor {
  readonly reader: ProtoReader
  counted = 0
  readonly #book: SeriesBook
  readonly #parts: VisitorParts
  #resource: Resource | undefined

  constructor(reader: ProtoReader, book: SeriesBook, parts: VisitorParts) {
    this.reader = reader
    this.#book = book
    this.#parts = parts
  }

  resource(attributes: AttributeSet): void {
    const { resources, series, isCounting } = this.#parts
    this.#resource = resources.get(this.#book, attributes)
    if (isCounting) series.seeResource(this.#book, this.#resource)
  }

  scope(): void {}

  endResource(): void {}

  item(): void {
    const { series, graph, span, isCounting, arrivedAtMs } = this.#parts
    const resource = this.#resource
    if (!span.read(this.reader) || resource === undefined) return
    if (isCounting) {
      this.counted += 1
      series.count(this.#book, resource, this.reader, span)
    }
    graph.add(resource, this.reader, span, arrivedAtMs)
  }
}
