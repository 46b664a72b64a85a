export interface TimeSlice {
  readonly startNs: bigint
  readonly endNs: bigint
}

const FIRST_SLICE_NS = 300_000_000_000n
const GROWTH = 4n

/**
 * A time range in slices from the end at which reading begins, each four times as long as the one before. Who wants
 * the newest hundred lines of a day finds them in the first slice; who finds nothing has looked at a handful.
 */
export function* timeSlices(range: TimeSlice, direction: 'forward' | 'backward'): Generator<TimeSlice> {
  let { startNs, endNs } = range
  for (let length = FIRST_SLICE_NS; startNs < endNs; length *= GROWTH) {
    if (direction === 'forward') {
      const cut = startNs + length < endNs ? startNs + length : endNs
      yield { startNs, endNs: cut }
      startNs = cut
    } else {
      const cut = endNs - length > startNs ? endNs - length : startNs
      yield { startNs: cut, endNs }
      endNs = cut
    }
  }
}
