import type { Identity } from '../../../model/index.ts'
import { type AttributeSet, Hash64, KeyTable, UNKNOWN_SERVICE } from '../../../storage/write/index.ts'
import { toLabelName } from '../../../wire/prometheus/index.ts'
import type { SeriesBook } from './series-book.ts'
import { toLabels } from './series-book.ts'

/** A service in a cluster. */
export interface Endpoint {
  readonly service: string
  readonly identity: Identity
  /** A hash of service, cluster and tenant. */
  readonly low: number
  readonly high: number
}

/** What the spans of a resource have in common. */
export interface Resource {
  readonly endpoint: Endpoint
  /** `namespace/service`, or the service. */
  readonly job: string
  /** The values of the configured dimensions. */
  readonly dimensions: readonly (string | undefined)[]
  /** A hash of everything above: with it begin the keys of the spans' series. */
  readonly low: number
  readonly high: number
  /** The labels of `traces_target_info`, and their hash. */
  readonly target: () => readonly string[]
  readonly targetLow: number
  readonly targetHigh: number
}

const MAX_KNOWN = 20_000
const TARGET_SEED = 0x7a67

/** `job` and `instance` are made of these. */
const IDENTIFYING: ReadonlySet<string> = new Set(['service.name', 'service.namespace', 'service.instance.id'])

/** Resources, remembered by their bytes. Resources come and go with pods: now and then all are forgotten. */
export class Resources {
  readonly #dimensions: readonly string[]
  readonly #hash = new Hash64()
  #table = new KeyTable()
  #known: Resource[] = []

  constructor(dimensions: readonly string[]) {
    this.#dimensions = dimensions
  }

  get(book: SeriesBook, attributes: AttributeSet): Resource {
    const hash = this.#hash
    hash.start()
    hash.text(book.identity.tenant)
    hash.text(book.identity.cluster)
    attributes.hashTo(hash)
    hash.finish()
    const { low, high } = hash
    const known = this.#known[this.#table.find(low, high)]
    if (known !== undefined) return known
    if (this.#known.length >= MAX_KNOWN) {
      this.#known = []
      this.#table = new KeyTable()
    }
    const resource = this.#make(book.identity, attributes)
    this.#table.add(low, high)
    this.#known.push(resource)
    return resource
  }

  #make(identity: Identity, attributes: AttributeSet): Resource {
    const hash = this.#hash
    const service = attributes.text('service.name') || UNKNOWN_SERVICE
    const namespace = attributes.text('service.namespace')
    const job = namespace === '' ? service : `${namespace}/${service}`
    const dimensions = this.#dimensions.map((name) => attributes.text(name) || undefined)
    hash.start()
    for (const part of [identity.tenant, identity.cluster, service]) hash.text(part)
    hash.finish()
    const endpoint = { service, identity, low: hash.low, high: hash.high }
    hash.start(endpoint.low, endpoint.high)
    hash.text(job)
    hash.finish()
    const { low, high } = hash
    const target = targetLabels(job, attributes, identity)
    hash.start(TARGET_SEED)
    for (const part of target) hash.text(part)
    hash.finish()
    return { endpoint, job, dimensions, low, high, target: () => target, targetLow: hash.low, targetHigh: hash.high }
  }
}

function targetLabels(job: string, attributes: AttributeSet, identity: Identity): readonly string[] {
  const labels: Record<string, string> = {}
  for (const name of [...attributes.names].sort()) {
    if (!IDENTIFYING.has(name)) labels[toLabelName(name)] = attributes.text(name)
  }
  labels['job'] = job
  labels['instance'] = attributes.text('service.instance.id')
  return toLabels(labels, identity)
}
