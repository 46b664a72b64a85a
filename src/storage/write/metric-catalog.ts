import type { MetricType, ProtoReader } from '../../wire/index.ts'
import { Hash64 } from './hash64.ts'
import { KeyTable } from './key-table.ts'
import type { MetricMetadata } from './metadata-rows.ts'
import { type OtlpMetricKind, toMetricName, toMetricUnit } from '../../wire/prometheus/index.ts'
import type { ByteRange } from './payload.ts'

/** What the bytes of an OTLP Metric say about all of its points. */
export interface MetricHead {
  readonly name: ByteRange
  readonly unit: ByteRange
  readonly description: ByteRange
  readonly kind: OtlpMetricKind
}

/** The same in Prometheus' words. */
export interface MetricInfo {
  /** Undefined where no name can be made of it. */
  readonly metadata: MetricMetadata | undefined
  /** A hash of the head. */
  readonly keyLow: number
  readonly keyHigh: number
}

const TYPES: Readonly<Record<OtlpMetricKind, MetricType>> = {
  gauge: 'gauge',
  counter: 'counter',
  updowncounter: 'gauge',
  histogram: 'histogram',
  exponential_histogram: 'histogram',
  summary: 'summary',
}
const KINDS = Object.keys(TYPES)

const utf8 = new TextDecoder()

/** Translated metrics, remembered by the bytes of name, unit and description: most requests repeat those of the last. */
export class MetricCatalog {
  readonly #limit: number
  readonly #keys = new KeyTable()
  readonly #metrics: MetricInfo[] = []
  readonly #hash = new Hash64()

  constructor(limit: number) {
    this.#limit = limit
  }

  get(reader: ProtoReader, head: MetricHead): MetricInfo {
    const hash = this.#hash
    hash.start(KINDS.indexOf(head.kind), 0)
    hash.bytes(reader.view, head.name.start, head.name.end)
    hash.bytes(reader.view, head.unit.start, head.unit.end)
    hash.bytes(reader.view, head.description.start, head.description.end)
    hash.finish()
    const known = this.#metrics[this.#keys.find(hash.low, hash.high)]
    if (known !== undefined) return known
    if (this.#keys.size >= this.#limit) {
      this.#keys.clear()
      this.#metrics.length = 0
    }
    this.#keys.add(hash.low, hash.high)
    const info = { metadata: translate(reader.bytes, head), keyLow: hash.low, keyHigh: hash.high }
    this.#metrics.push(info)
    return info
  }
}

function translate(bytes: Uint8Array, head: MetricHead): MetricMetadata | undefined {
  const unit = decode(bytes, head.unit)
  const name = toMetricName(decode(bytes, head.name), unit, head.kind)
  if (name === undefined) return undefined
  return { name, type: TYPES[head.kind], unit: toMetricUnit(unit), help: decode(bytes, head.description) }
}

function decode(bytes: Uint8Array, range: ByteRange): string {
  return utf8.decode(bytes.subarray(range.start, range.end))
}
