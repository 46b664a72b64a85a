/** Rollups are kept in buckets of these sizes, the largest first. An hour is a whole number of each. */
export const ROLLUP_SIZES_MS = [3_600_000, 300_000] as const

export type RollupSizeMs = (typeof ROLLUP_SIZES_MS)[number]

/**
 * What is known of the samples of one series in a bucket (end - size, end]. With these, functions over windows made of
 * whole buckets give what they give over the samples.
 */
export const BUCKET_FACTS = [
  /** The end of the bucket, in milliseconds since the epoch. */
  'endMs',
  /** Samples that are no stale markers. The facts below are of these, and mean nothing where there is none. */
  'count',
  /** Stale markers. */
  'stale',
  /** 1 if the last of all is a stale marker. */
  'endsStale',
  'firstMs',
  'first',
  'lastMs',
  'last',
  'min',
  'max',
  'sum',
  /** The sum of the values in front of a lower one: what resets of a counter took away. */
  'dropped',
  /** How many values are lower than the one before. */
  'resets',
  /** How many values are not the one before. */
  'changes',
] as const

export type BucketFact = (typeof BUCKET_FACTS)[number]

/** The buckets of a series that have samples, in the order of time; all facts side by side. */
export type Buckets = Readonly<Record<BucketFact, Float64Array>>

/** Memory for so many buckets, with zeros; facts that nobody looks at have none. `endMs` is always there. */
export function newBuckets(length: number, facts: readonly BucketFact[] = BUCKET_FACTS): Buckets {
  const array = (fact: BucketFact): Float64Array => (facts.includes(fact) ? new Float64Array(length) : NO_VALUES)
  return {
    endMs: new Float64Array(length),
    count: array('count'),
    stale: array('stale'),
    endsStale: array('endsStale'),
    firstMs: array('firstMs'),
    first: array('first'),
    lastMs: array('lastMs'),
    last: array('last'),
    min: array('min'),
    max: array('max'),
    sum: array('sum'),
    dropped: array('dropped'),
    resets: array('resets'),
    changes: array('changes'),
  }
}

const NO_VALUES = new Float64Array(0)

/** The end of the bucket that holds a time. */
export function bucketEnd(timeMs: number, sizeMs: number): number {
  return Math.ceil(timeMs / sizeMs) * sizeMs
}

/** These facts of buckets that follow each other in time, as one list. */
export function concatBuckets(parts: readonly Buckets[], facts: readonly BucketFact[]): Buckets {
  const [only] = parts
  if (only !== undefined && parts.length === 1) return only
  const all = newBuckets(
    parts.reduce((sum, { endMs }) => sum + endMs.length, 0),
    facts,
  )
  let at = 0
  for (const part of parts) {
    all.endMs.set(part.endMs, at)
    for (const fact of facts) all[fact].set(part[fact], at)
    at += part.endMs.length
  }
  return all
}

/**
 * What was known of buckets and what is found of them now. Samples are deleted when they are old, never otherwise: a
 * bucket of which fewer are found than were known keeps what was known.
 */
export function mergeBuckets(known: Buckets, found: Buckets): Buckets {
  const ends = [...new Set([...known.endMs, ...found.endMs])].sort((a, b) => a - b)
  const merged = newBuckets(ends.length)
  let [k, f] = [0, 0]
  ends.forEach((end, at) => {
    const isKnown = known.endMs[k] === end
    const isFound = found.endMs[f] === end
    const keeps = isKnown && (!isFound || samplesIn(known, k) > samplesIn(found, f))
    copyBucket(keeps ? known : found, keeps ? k : f, merged, at)
    if (isKnown) k += 1
    if (isFound) f += 1
  })
  return merged
}

/** Samples and stale markers of a bucket. */
function samplesIn({ count, stale }: Pick<Buckets, 'count' | 'stale'>, at: number): number {
  return (count[at] ?? 0) + (stale[at] ?? 0)
}

function copyBucket(from: Buckets, at: number, to: Buckets, toAt: number): void {
  for (const fact of BUCKET_FACTS) to[fact][toAt] = from[fact][at] ?? 0
}
