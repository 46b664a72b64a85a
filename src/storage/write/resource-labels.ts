import { CANONICAL_LABELS, type Identity } from '../../model/index.ts'
import type { BatchContext } from './batch-context.ts'
import { Hash64 } from './hash64.ts'
import { toLabelName } from '../../wire/prometheus/index.ts'
import type { AttributeSet } from './otlp-walk.ts'

/** What every series of a resource gets from it, worked out once for equal resources. */
export interface ResourceLabels {
  /** Which other labels, promoted attributes, come where the data point has none of that name. */
  readonly promoted: readonly LabelPair[]
  /** `job` and `instance`, as far as they exist; they come before what data points say. */
  readonly target: readonly LabelPair[]
  /** The sender's identity; it comes before everything. */
  readonly canonical: readonly LabelPair[]
  /** The labels of `target_info`, undefined where there is none. */
  readonly targetInfo: ReadonlyMap<string, string> | undefined
  /** A hash of all of the above but `targetInfo`: with it begin the keys of the resource's series. */
  readonly keyLow: number
  readonly keyHigh: number
  /** A hash of `targetInfo`. */
  readonly targetKeyLow: number
  readonly targetKeyHigh: number
}

type LabelPair = readonly [name: string, value: string]

/** `job` and `instance` are made of these, so `target_info` does not repeat them. */
const IDENTIFYING: ReadonlySet<string> = new Set(['service.name', 'service.namespace', 'service.instance.id'])

const TARGET_INFO = 'target_info'

/** The labels of resources, remembered by the resources' bytes. */
export class ResourceCatalog {
  readonly #promoted: readonly string[]
  readonly #limit: number
  readonly #known = new Map<string, ResourceLabels>()
  readonly #hash = new Hash64()

  constructor(promoted: readonly string[], limit: number) {
    this.#promoted = promoted
    this.#limit = limit
  }

  get(batch: BatchContext, attributes: AttributeSet): ResourceLabels {
    const hash = this.#hash
    hash.start()
    hashIdentity(hash, batch.identity)
    attributes.hashTo(hash)
    hash.finish()
    const key = `${String(hash.low)},${String(hash.high)}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    // Resources come and go with pods: forgetting all of them now and then costs little.
    if (this.#known.size >= this.#limit) this.#known.clear()
    const labels = this.#make(batch, attributes)
    this.#known.set(key, labels)
    return labels
  }

  #make(batch: BatchContext, attributes: AttributeSet): ResourceLabels {
    const promoted: LabelPair[] = []
    for (const name of this.#promoted) {
      const value = attributes.text(name)
      if (value !== '') promoted.push([toLabelName(name), value])
    }
    const target = targetLabels(attributes)
    const canonical = canonicalLabels(batch.identity)
    const targetInfo = targetInfoLabels(attributes, target, canonical)
    const hash = this.#hash
    hash.start()
    hash.text(batch.tenant)
    for (const pairs of [promoted, target, canonical]) hashPairs(hash, pairs)
    hash.finish()
    const { low: keyLow, high: keyHigh } = hash
    hash.start(keyLow, keyHigh)
    hashPairs(hash, [...(targetInfo ?? [])])
    hash.finish()
    return {
      promoted,
      target,
      canonical,
      targetInfo,
      keyLow,
      keyHigh,
      targetKeyLow: hash.low,
      targetKeyHigh: hash.high,
    }
  }
}

/** The canonical labels of an identity, as pairs; empty ones are left out. */
export function canonicalLabels(identity: Identity): readonly LabelPair[] {
  return Object.entries(CANONICAL_LABELS)
    .map(([label, part]) => [label, identity[part]] as const)
    .filter(([, value]) => value !== '')
}

function targetLabels(attributes: AttributeSet): readonly LabelPair[] {
  const service = attributes.text('service.name')
  const namespace = attributes.text('service.namespace')
  const instance = attributes.text('service.instance.id')
  const labels: LabelPair[] = []
  if (service !== '') labels.push(['job', namespace === '' ? service : `${namespace}/${service}`])
  if (instance !== '') labels.push(['instance', instance])
  return labels
}

/** All attributes but the identifying ones; nothing to tell, or nobody to tell it of, is no series. */
function targetInfoLabels(
  attributes: AttributeSet,
  target: readonly LabelPair[],
  canonical: readonly LabelPair[],
): ReadonlyMap<string, string> | undefined {
  if (target.length === 0) return undefined
  const labels = new Map<string, string>()
  for (const name of [...attributes.names].sort()) {
    if (!IDENTIFYING.has(name)) joinLabel(labels, toLabelName(name), attributes.text(name))
  }
  if (labels.size === 0) return undefined
  for (const [name, value] of [...target, ...canonical]) labels.set(name, value)
  labels.set('__name__', TARGET_INFO)
  return labels
}

/** Sets a label; where two attributes have come to the same name, both values stand in it. */
export function joinLabel(labels: Map<string, string>, name: string, value: string): void {
  if (name === '' || value === '') return
  const present = labels.get(name)
  labels.set(name, present === undefined ? value : `${present};${value}`)
}

function hashIdentity(hash: Hash64, identity: Identity): void {
  hash.text(identity.tenant)
  hashPairs(hash, canonicalLabels(identity))
}

function hashPairs(hash: Hash64, pairs: readonly LabelPair[]): void {
  hash.words(pairs.length, 0)
  for (const [name, value] of pairs) {
    hash.text(name)
    hash.text(value)
  }
}
