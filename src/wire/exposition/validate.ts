import type { MetricType } from '../metric-type.ts'
import type { ExpositionError } from './exposition-error.ts'
import { distinguishingLabel, RULES_OF_TYPE, roleInFamily, type SampleRole } from './family-rules.ts'
import { MetricPoint, type PointSample } from './metric-point.ts'
import { type ExpositionExemplar, ExpositionParser } from './parser.ts'

const EXEMPLAR_LIMIT_CODE_POINTS = 128

interface Family {
  readonly name: string
  type: MetricType | undefined
  unit: string | undefined
  help: string | undefined
  hasSamples: boolean
}

interface OpenMetric {
  readonly labels: string
  timestampMs: number | undefined
  point: MetricPoint
}

/**
 * Checks an exposition against everything that OpenMetrics 1.0 demands of it, grammar and meaning. Throws
 * ExpositionError at the first violation; returns the number of samples otherwise.
 *
 * This is for checks, not for scrapes: like Prometheus, the scraper takes what it can parse, because a target that
 * exposes a wrong histogram is better seen wrong than not at all.
 */
export function validateOpenMetrics(bytes: Uint8Array): number {
  const parser = new ExpositionParser(bytes, { format: 'openmetrics-text', strict: true })
  const validator = new OpenMetricsValidator(parser)
  let samples = 0
  for (let entry = parser.next(); entry !== 'end'; entry = parser.next()) {
    if (entry === 'sample') {
      samples += 1
      validator.sample()
    } else validator.metadata(entry)
  }
  validator.finish()
  return samples
}

/** Follows the families, metrics and points as they open and close. A thing that has closed must not open again. */
class OpenMetricsValidator {
  readonly #parser: ExpositionParser
  readonly #familyNames = new Set<string>()
  /** Names that samples have or could have, with the family that claims them. */
  readonly #sampleNames = new Map<string, string>()
  readonly #closedMetrics = new Set<string>()
  #family: Family | undefined = undefined
  #metric: OpenMetric | undefined = undefined

  constructor(parser: ExpositionParser) {
    this.#parser = parser
  }

  metadata(kind: 'type' | 'help' | 'unit'): void {
    const { family: name, type, text } = this.#parser
    const family = this.#family?.name === name ? this.#family : this.#openFamily(name)
    if (family.hasSamples) throw this.#error(`metadata of ${name} after its samples`)
    if (family[kind] !== undefined) throw this.#error(`a second ${kind.toUpperCase()} of ${name}`)
    if (kind === 'type') family.type = type
    else family[kind] = text
  }

  sample(): void {
    const labels = this.#parser.labels()
    const name = labels[1] ?? ''
    let family = this.#family
    let role = family === undefined ? undefined : roleInFamily(family.name, family.type ?? 'unknown', name)
    if (family === undefined || role === undefined) {
      family = this.#openFamily(name)
      role = 'value'
    }
    if (!family.hasSamples) {
      this.#checkMetadata(family)
      family.hasSamples = true
    }
    const type = family.type ?? 'unknown'
    const { metric, distinguishing } = this.#splitLabels(labels, distinguishingLabel(family.name, type, role))
    this.#checkReservedLabels(type, labels, role)
    const exemplar = this.#parser.hasExemplar ? this.#checkExemplar(type, role) : undefined
    this.#addSample(metric, { role, distinguishing, value: this.#parser.value, exemplarValue: exemplar?.value }, type)
  }

  finish(): void {
    this.#closeFamily()
  }

  #addSample(labels: string, sample: PointSample, type: MetricType): void {
    const { timestampMs } = this.#parser
    let metric = this.#metric
    if (metric?.labels !== labels) {
      this.#closeMetric()
      if (this.#closedMetrics.has(labels)) throw this.#error('samples of metrics must not be interleaved')
      metric = { labels, timestampMs, point: new MetricPoint(type) }
      this.#metric = metric
    } else if (this.#beginsPoint(metric, sample)) {
      this.#fail(metric.point.finish())
      metric.timestampMs = timestampMs
      metric.point = new MetricPoint(type)
    }
    this.#fail(metric.point.add(sample))
  }

  /** Whether the sample belongs to another point than the one before. */
  #beginsPoint(metric: OpenMetric, sample: PointSample): boolean {
    const { timestampMs } = this.#parser
    const before = metric.timestampMs
    if (timestampMs === undefined || before === undefined) {
      if (timestampMs !== before) throw this.#error('a metric with and without timestamps')
      return false
    }
    if (timestampMs < before) throw this.#error('timestamps of a metric must not go back')
    // Two points may have one timestamp, when their clock is finer than what the exposer prints.
    return timestampMs > before || metric.point.has(sample)
  }

  #openFamily(name: string): Family {
    this.#closeFamily()
    if (this.#familyNames.has(name)) throw this.#error(`the family ${name} comes a second time`)
    this.#familyNames.add(name)
    this.#family = { name, type: undefined, unit: undefined, help: undefined, hasSamples: false }
    return this.#family
  }

  #closeFamily(): void {
    this.#closeMetric()
    this.#closedMetrics.clear()
    if (this.#family !== undefined && !this.#family.hasSamples) this.#checkMetadata(this.#family)
    this.#family = undefined
  }

  #closeMetric(): void {
    if (this.#metric === undefined) return
    this.#fail(this.#metric.point.finish())
    this.#closedMetrics.add(this.#metric.labels)
    this.#metric = undefined
  }

  /** Once all metadata of a family is known. */
  #checkMetadata({ name, type = 'unknown', unit = '' }: Family): void {
    const rules = RULES_OF_TYPE[type]
    if (unit !== '' && rules.unitless) throw this.#error(`${name} is of type ${type} and cannot have a unit`)
    if (unit !== '' && !name.endsWith(`_${unit}`)) throw this.#error(`the name ${name} does not end in its unit`)
    for (const suffix of Object.keys(rules.suffixes)) {
      const other = this.#sampleNames.get(name + suffix)
      if (other !== undefined) throw this.#error(`${name}${suffix} could be a sample of ${name} and of ${other}`)
      this.#sampleNames.set(name + suffix, name)
    }
  }

  /** The labels of the metric, in an order of their own, and the value of the label that its samples differ in. */
  #splitLabels(
    labels: readonly string[],
    distinguishingName: string | undefined,
  ): { metric: string; distinguishing: string | undefined } {
    let distinguishing: string | undefined
    const pairs: string[] = []
    for (let i = 2; i < labels.length; i += 2) {
      if (labels[i] === distinguishingName) distinguishing = labels[i + 1]
      else pairs.push(JSON.stringify(labels.slice(i, i + 2)))
    }
    if (distinguishingName !== undefined && distinguishing === undefined) {
      throw this.#error(`the label ${distinguishingName} is missing`)
    }
    return { metric: pairs.sort().join(), distinguishing }
  }

  /** A metric of these types cannot have a label that its samples are told apart by. */
  #checkReservedLabels(type: MetricType, labels: readonly string[], role: SampleRole): void {
    const isHistogram = type === 'histogram' || type === 'gaugehistogram'
    const reserved = isHistogram && role !== 'bucket' ? 'le' : type === 'summary' && role !== 'value' ? 'quantile' : ''
    for (let i = 2; i < labels.length; i += 2) {
      if (labels[i] === reserved) throw this.#error(`the label ${reserved} has no place here`)
    }
  }

  #checkExemplar(type: MetricType, role: SampleRole): ExpositionExemplar {
    if (RULES_OF_TYPE[type].exemplarOn !== role) throw this.#error(`a sample of this kind cannot have an exemplar`)
    const exemplar = this.#parser.exemplar()
    let codePoints = 0
    for (const text of exemplar.labels) codePoints += Array.from(text).length
    if (codePoints > EXEMPLAR_LIMIT_CODE_POINTS) {
      throw this.#error(`the exemplar's labels have more than ${String(EXEMPLAR_LIMIT_CODE_POINTS)} characters`)
    }
    return exemplar
  }

  #fail(wrong: string | undefined): void {
    if (wrong !== undefined) throw this.#error(wrong)
  }

  #error(what: string): ExpositionError {
    return this.#parser.errorHere(what)
  }
}
