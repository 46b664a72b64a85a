import { Hash64, type SpanRecord } from '../../../storage/write/index.ts'
import type { ProtoReader } from '../../../wire/index.ts'
import { toLabelName } from '../../../wire/prometheus/index.ts'
import { AttributePicker } from './attribute-picker.ts'
import type { Books } from './books.ts'
import { CALLS, SIZE, SPANS, TARGETS } from './families.ts'
import type { Resource } from './resources.ts'
import { type Entry, type SeriesBook, toLabels } from './series-book.ts'
import { SpanNames } from './span-names.ts'
import type { TimedSpan } from './timed-span.ts'

const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER']
const STATUS_CODES = ['UNSET', 'OK', 'ERROR']

/** Labels that a configured dimension must not take the place of; such a one gets two underscores in front. */
const TAKEN: ReadonlySet<string> = new Set([
  'service',
  'span_name',
  'span_kind',
  'status_code',
  'job',
  'le',
  'metric_overflow',
  'cluster',
  'environment',
  'region',
  'cluster_type',
  'tenant_id',
])

export interface SpanSeriesOptions {
  readonly dimensions: readonly string[]
  readonly withoutIds: boolean
}

/** Rates, errors and durations: one set of series for each service, span name, kind, status and dimensions. */
export class SpanSeries {
  readonly #books: Books
  readonly #picker: AttributePicker
  readonly #dimensionLabels: readonly string[]
  readonly #names: SpanNames
  readonly #hash = new Hash64()

  constructor(books: Books, { dimensions, withoutIds }: SpanSeriesOptions) {
    this.#books = books
    this.#picker = new AttributePicker(dimensions)
    this.#dimensionLabels = dimensions.map((name) => {
      const label = toLabelName(name)
      return TAKEN.has(label) ? `__${label}` : label
    })
    this.#names = new SpanNames(withoutIds)
  }

  /** The resource has sent something. */
  seeResource(book: SeriesBook, { target, targetLow, targetHigh }: Resource): void {
    const known = book.find(targetLow, targetHigh)
    if (known !== undefined) known.isTouched = true
    else book.add({ low: targetLow, high: targetHigh }, TARGETS, target, this.#books.startMs)
  }

  count(book: SeriesBook, resource: Resource, reader: ProtoReader, span: TimedSpan): void {
    const { record } = span
    this.#picker.pick(reader, record.attributes)
    const entry = this.#entryOf(book, resource, reader, record)
    if (entry === undefined) return
    entry.add(CALLS, 1)
    entry.add(SIZE, span.bytes)
    entry.histograms[0]?.observe(span.seconds, span.endMs, span)
  }

  #entryOf(book: SeriesBook, resource: Resource, reader: ProtoReader, record: SpanRecord): Entry | undefined {
    const kind = record.kind < KINDS.length ? record.kind : 0
    const status = record.statusCode < STATUS_CODES.length ? record.statusCode : 0
    const hash = this.#hash
    const name = this.#names.key(reader, record.name)
    hash.start(resource.low, resource.high)
    hash.words(name.low, name.high)
    hash.words(kind, status)
    this.#picker.values.forEach((value, i) => {
      const text = value ?? resource.dimensions[i]
      if (text === undefined) hash.words(i, -1)
      else hash.text(text)
    })
    hash.finish()
    const { low, high } = hash
    const known = book.find(low, high)
    if (known !== undefined) return known
    const labelsOf = (): readonly string[] =>
      this.#labels(resource, this.#names.text(reader, record.name), kind, status)
    return book.add({ low, high }, SPANS, labelsOf, this.#books.startMs)
  }

  #labels(resource: Resource, name: string, kind: number, status: number): readonly string[] {
    const labels: Record<string, string | undefined> = {}
    this.#dimensionLabels.forEach((label, i) => {
      labels[label] = this.#picker.values[i] ?? resource.dimensions[i]
    })
    labels['service'] = resource.endpoint.service
    labels['job'] = resource.job
    labels['span_name'] = name
    labels['span_kind'] = `SPAN_KIND_${KINDS[kind] ?? ''}`
    labels['status_code'] = `STATUS_CODE_${STATUS_CODES[status] ?? ''}`
    return toLabels(labels, resource.endpoint.identity)
  }
}
