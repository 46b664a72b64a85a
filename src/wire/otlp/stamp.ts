import { CANONICAL_RESOURCE_ATTRIBUTES, type Identity, type Signal } from '../../model/index.ts'
import { findIdentityLabel, isExportedName, toExportedName } from '../claims.ts'
import { encodeVarint32, ProtoReader, ProtoWriter, type Splicer } from '../proto/index.ts'
import { type CutCounts, type CutLimits, Cuts, DEFAULT_CUT_LIMITS } from './cuts.ts'
import { DEFAULT_OTLP_LIMITS, type OtlpLimits } from './limits.ts'
import type { Shape } from './schema.ts'
import { type AttributeRange, OtlpWalk, type WalkVisitor } from './walk.ts'

export interface Stamped {
  /** The input itself when there was nothing to change. */
  readonly bytes: Uint8Array
  readonly items: number
  /** How many attributes or labels claimed another identity than the sender's. */
  readonly overwritten: number
  /** What was over the limits of one item and cut off. */
  readonly cut?: Readonly<CutCounts>
}

export interface StampSettings {
  readonly limits?: OtlpLimits
  readonly cuts?: CutLimits
  /** Where the stamped copy is put; by default memory of its own. */
  readonly take?: ((bytes: number) => Uint8Array) | undefined
}

/**
 * Writes the sender's identity into an OTLP request and takes away what would contradict it:
 *
 * - on every resource, `k8s.cluster.name`, `deployment.environment.name` and `cloud.region` are the identity's, and
 *   no other attribute has a name that becomes one of the identity's labels;
 * - on scopes, data points, log records and spans, attributes that would shadow those labels are renamed to
 *   `exported_<label>`. They are kept, because two series may differ in nothing else.
 *
 * Checks the whole request on the way, and cuts off what is more than one item may hold. A request that is right already comes back as it is; otherwise everything
 * around the changes is copied as it stands, unknown fields with it, into memory from `take`. Stamping twice changes
 * nothing more.
 */
export function stampOtlp(
  signal: Signal,
  bytes: Uint8Array,
  identity: Identity,
  { limits = DEFAULT_OTLP_LIMITS, cuts = DEFAULT_CUT_LIMITS[signal], take }: StampSettings = {},
): Stamped {
  const walk = new OtlpWalk(bytes, limits)
  const cut = new Cuts(bytes, walk.splicer, cuts)
  const stamp = new StampVisitor(bytes, walk.splicer, identity, cut)
  walk.run(signal, stamp)
  const { overwritten } = stamp
  return { bytes: walk.splicer.apply(bytes, take), items: walk.items, overwritten, cut: cut.counts }
}

const utf8 = new TextEncoder()
const text = new TextDecoder()

const PER_RESOURCE_RESOURCE = 1
const RESOURCE_ATTRIBUTES = 1

class StampVisitor implements WalkVisitor {
  overwritten = 0
  readonly #bytes: Uint8Array
  readonly #splicer: Splicer
  readonly #identity: Identity
  /** The canonical attributes that the current `Resource…` message has, with the right value. */
  readonly #present = new Set<string>()
  #sawResource = false
  /** The shadowing attributes of the current scope or item, and its names that begin with `exported_`. */
  #shadowing: (AttributeRange & { readonly label: string })[] = []
  readonly #exported = new Set<string>()

  readonly #cuts: Cuts

  constructor(bytes: Uint8Array, splicer: Splicer, identity: Identity, cuts: Cuts) {
    this.#bytes = bytes
    this.#splicer = splicer
    this.#identity = identity
    this.#cuts = cuts
  }

  enter(shape: Shape): void {
    if (shape.part === undefined) return
    this.#cuts.enter()
    if (this.#exported.size > 0) this.#exported.clear()
    if (shape.part !== 'per-resource') return
    this.#present.clear()
    this.#sawResource = false
  }

  attribute(owner: Shape, range: AttributeRange): void {
    const found = findIdentityLabel(this.#bytes, range.keyStart, range.keyEnd)
    if (found === undefined) {
      // What was renamed by an earlier stamp does not count as the sender's.
      if (isExportedName(this.#bytes, range.keyStart, range.keyEnd)) this.#exported.add(this.#key(range))
      else this.#cuts.attribute(range)
      return
    }
    const isTrue = found.part !== undefined && this.#stringValue(range) === this.#identity[found.part]
    if (!isTrue) this.overwritten += 1
    if (owner.part !== 'resource') {
      this.#shadowing.push({ ...range, label: found.label })
      return
    }
    const key = this.#key(range)
    const keep = isTrue && Object.hasOwn(CANONICAL_RESOURCE_ATTRIBUTES, key) && !this.#present.has(key)
    if (keep) this.#present.add(key)
    else this.#splicer.remove(range.fieldStart, range.end)
  }

  leave(shape: Shape, bodyStart: number, end: number): void {
    if (shape.part === undefined) return
    if (shape.part !== 'per-resource') this.#cuts.leave(shape, bodyStart, end)
    if (shape.part === 'resource') {
      // A message field that occurs twice is merged by readers, so the attributes may stand in the first occurrence.
      this.#sawResource = true
      this.#splicer.insert(end, this.#missingAttributes())
    } else if (shape.part === 'per-resource') {
      if (!this.#sawResource) this.#splicer.insert(bodyStart, this.#newResource())
    } else if (this.#shadowing.length > 0) {
      for (const range of this.#shadowing) this.#rename(range)
      this.#shadowing = []
    }
  }

  /** The encoded `attributes` fields that a resource lacks; they count as present from then on. */
  #missingAttributes(): Uint8Array {
    const writer = new ProtoWriter()
    for (const [key, part] of Object.entries(CANONICAL_RESOURCE_ATTRIBUTES)) {
      const value = this.#identity[part]
      if (value === '' || this.#present.has(key)) continue
      this.#present.add(key)
      const attribute = writer.begin(RESOURCE_ATTRIBUTES)
      writer.string(1, key)
      const any = writer.begin(2)
      writer.string(1, value)
      writer.end(any)
      writer.end(attribute)
    }
    return writer.finish()
  }

  #newResource(): Uint8Array {
    const writer = new ProtoWriter()
    writer.bytes(PER_RESOURCE_RESOURCE, this.#missingAttributes())
    return writer.finish()
  }

  #rename(range: AttributeRange & { readonly label: string }): void {
    const name = toExportedName(range.label, this.#exported)
    this.#exported.add(name)
    const key = encodeString(name)
    const attribute = this.#splicer.open()
    this.#splicer.replace(range.keyLengthStart, range.keyEnd, key)
    const change = key.length - (range.keyEnd - range.keyLengthStart)
    this.#splicer.close(attribute, range.lengthStart, range.bodyStart, range.end, change)
  }

  #key(range: AttributeRange): string {
    return text.decode(this.#bytes.subarray(range.keyStart, range.keyEnd))
  }

  /** The value if it is a string; of a value written twice, the last one, as every reader of protobuf takes it. */
  #stringValue(range: AttributeRange): string | undefined {
    const reader = new ProtoReader(this.#bytes, range.valueStart, range.valueEnd)
    let value: string | undefined
    while (reader.next()) {
      if (reader.field === 1) {
        value = reader.string()
      } else {
        value = undefined
        reader.skip()
      }
    }
    return value
  }
}

/** A string's length and its UTF-8 bytes. */
function encodeString(value: string): Uint8Array {
  const bytes = utf8.encode(value)
  const length = encodeVarint32(bytes.length)
  const both = new Uint8Array(length.length + bytes.length)
  both.set(length)
  both.set(bytes, length.length)
  return both
}
