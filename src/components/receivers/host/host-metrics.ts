import {
  type Attributes,
  beginGauge,
  beginResourceBlock,
  beginScopeBlock,
  beginSum,
  endMetric,
  ProtoWriter,
  writeNumberPoint,
} from '../../../wire/index.ts'

const SCOPE = 'fleetglass/host'

/** A metric of the semantic conventions. `counter` only grows; `updown` may be summed over attributes, a gauge not. */
export interface MetricDefinition {
  readonly name: string
  readonly instrument: 'counter' | 'updown' | 'gauge'
  readonly type: 'int' | 'double'
  /** UCUM. */
  readonly unit: string
  readonly description: string
}

export interface Point {
  readonly value: number
  readonly attributes?: Attributes
}

/** One scrape as an OTLP metrics request under construction. */
export class HostMetrics {
  readonly #writer = new ProtoWriter(16 * 1024)
  readonly #timeUnixNano: bigint
  readonly #bootUnixNano: bigint | undefined
  readonly #block: number
  readonly #scope: number
  points = 0

  /** `bootUnixNano` is the start time of all sums: the kernel counts since then. */
  constructor(resource: Uint8Array, timeUnixNano: bigint, bootUnixNano: bigint | undefined) {
    this.#timeUnixNano = timeUnixNano
    this.#bootUnixNano = bootUnixNano
    this.#block = beginResourceBlock(this.#writer, resource)
    this.#scope = beginScopeBlock(this.#writer, SCOPE)
  }

  /** Adds the metric with its points; points without a finite value are left out, and so is a metric without points. */
  add(metric: MetricDefinition, points: readonly Point[]): void {
    const finite = points.filter((point) => Number.isFinite(point.value))
    if (finite.length === 0) return
    const sum = metric.instrument !== 'gauge'
    const open = sum
      ? beginSum(this.#writer, metric, { monotonic: metric.instrument === 'counter' })
      : beginGauge(this.#writer, metric)
    for (const { value, attributes = {} } of finite) {
      writeNumberPoint(this.#writer, {
        value: metric.type === 'int' ? Math.round(value) : value,
        type: metric.type,
        timeUnixNano: this.#timeUnixNano,
        ...(sum && this.#bootUnixNano !== undefined ? { startTimeUnixNano: this.#bootUnixNano } : {}),
        attributes,
      })
    }
    endMetric(this.#writer, open)
    this.points += finite.length
  }

  finish(): Uint8Array {
    this.#writer.end(this.#scope)
    this.#writer.end(this.#block)
    return this.#writer.finish()
  }
}
