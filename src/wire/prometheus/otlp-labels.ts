import { CANONICAL_LABELS, type Identity, METRIC_NAME } from '../../model/index.ts'
import { type AttributeMap, type ReadScope, toPlainText } from '../otlp/read/index.ts'
import { type NameStrategy, toLabelName } from './metric-names.ts'

export interface LabelOptions {
  readonly names: NameStrategy
  /** Resource attributes that become labels where the data point has none of that name. */
  readonly promoted: readonly string[]
  readonly scopeLabels: boolean
}

/** A series: its labels as name, value, name, value, …, sorted, and the same as one text. */
export interface SeriesName {
  readonly labels: readonly string[]
  readonly key: string
}

type Labels = Map<string, string>
type Pairs = readonly (readonly [name: string, value: string])[]

/** Most requests are about the series of the last one; beyond this many, all are forgotten. */
const MAX_KNOWN = 200_000
const IDENTIFYING: ReadonlySet<string> = new Set(['service.name', 'service.namespace', 'service.instance.id'])

/**
 * Which series data points belong to, by Prometheus' rules of precedence. The caller turns it to request, resource and
 * point in that order. Labels are made once for each series: after that it is found by the texts that name it.
 */
export class OtlpLabels {
  readonly #options: LabelOptions
  readonly #known = new Map<string, SeriesName>()
  #canonical: Pairs = []
  #resource: AttributeMap = new Map()
  #promoted: Pairs = []
  #target: Pairs = []
  /** What names all of the above. */
  #resourceText = ''
  #attributes: AttributeMap = new Map()
  #scope: ReadScope | undefined
  #pointText = ''

  constructor(options: LabelOptions) {
    this.#options = options
  }

  beginRequest(identity: Identity): void {
    this.#canonical = Object.entries(CANONICAL_LABELS).map(([label, part]) => [label, identity[part]] as const)
  }

  beginResource(attributes: AttributeMap): void {
    const textOf = (name: string): string => {
      const value = attributes.get(name)
      return value === undefined ? '' : toPlainText(value)
    }
    this.#resource = attributes
    this.#promoted = this.#options.promoted.flatMap((name) => {
      const value = textOf(name)
      return value === '' ? [] : [[this.labelName(name), value] as const]
    })
    const service = textOf('service.name')
    const namespace = textOf('service.namespace')
    const instance = textOf('service.instance.id')
    this.#target = [
      ...(service === '' ? [] : [['job', namespace === '' ? service : `${namespace}/${service}`] as const]),
      ...(instance === '' ? [] : [['instance', instance] as const]),
    ]
    this.#resourceText = JSON.stringify([this.#canonical, this.#promoted, this.#target])
  }

  /** `target_info`; undefined where there is nobody to tell of, or nothing to tell. */
  targetInfo(): SeriesName | undefined {
    if (this.#target.length === 0) return undefined
    const labels: Labels = new Map()
    this.#addAttributes(labels, this.#resource, IDENTIFYING)
    if (labels.size === 0) return undefined
    for (const [name, value] of [...this.#target, ...this.#canonical]) labels.set(name, value)
    return toSeriesName(labels.set(METRIC_NAME, 'target_info'))
  }

  beginPoint(attributes: AttributeMap, scope: ReadScope): void {
    this.#attributes = attributes
    this.#scope = scope
    let text = ''
    for (const [name, value] of attributes) text += `${name}\u0000${toPlainText(value)}\u0000`
    if (this.#options.scopeLabels) text += `\u0001${scope.name}\u0000${scope.version}`
    this.#pointText = text
  }

  /** A series of the point: of the metric with this name, and with one label more if need be. */
  series(name: string, extra?: readonly [name: string, value: string]): SeriesName {
    const text = `${name}\u0001${extra?.[1] ?? ''}\u0001${this.#pointText}\u0002${this.#resourceText}`
    // Attributes of scopes are rare, and not in the text.
    const isPlain = !this.#options.scopeLabels || this.#scope === undefined || this.#scope.attributes.size === 0
    const known = isPlain ? this.#known.get(text) : undefined
    if (known !== undefined) return known
    const labels = this.#pointLabels()
    if (extra !== undefined) labels.set(...extra)
    const made = toSeriesName(labels.set(METRIC_NAME, name))
    if (this.#known.size >= MAX_KNOWN) this.#known.clear()
    if (isPlain) this.#known.set(text, made)
    return made
  }

  labelName(attribute: string): string {
    return toLabelName(attribute, this.#options.names)
  }

  /** What comes later in here wins over what comes before. */
  #pointLabels(): Labels {
    const labels: Labels = new Map()
    this.#addAttributes(labels, this.#attributes)
    for (const [name, value] of this.#promoted) if (!labels.has(name)) labels.set(name, value)
    for (const [name, value] of this.#target) labels.set(name, value)
    if (this.#options.scopeLabels && this.#scope !== undefined) addScope(labels, this.#scope)
    for (const [name, value] of this.#canonical) labels.set(name, value)
    return labels
  }

  /** Where two attributes come to one name, both values stand in it, in the order of the attributes' names. */
  #addAttributes(labels: Labels, attributes: AttributeMap, without?: ReadonlySet<string>): void {
    for (const attribute of [...attributes.keys()].sort()) {
      const value = attributes.get(attribute)
      if (value === undefined || without?.has(attribute) === true) continue
      const name = this.labelName(attribute)
      const text = toPlainText(value)
      if (name === '' || text === '') continue
      const present = labels.get(name)
      labels.set(name, present === undefined ? text : `${present};${text}`)
    }
  }
}

function addScope(labels: Labels, scope: ReadScope): void {
  if (scope.name !== '') labels.set('otel_scope_name', scope.name)
  if (scope.version !== '') labels.set('otel_scope_version', scope.version)
  for (const [name, value] of scope.attributes) {
    labels.set(`otel_scope_${name.replace(/[^A-Za-z0-9_]/gu, '_')}`, toPlainText(value))
  }
}

function toSeriesName(all: Labels): SeriesName {
  const labels = [...all]
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flat()
  return { labels, key: labels.join('\u0000') }
}
