import type { Matcher, Scope, TimeRange } from '../../model/index.ts'
import { METRIC_NAME } from '../../model/index.ts'
import type { StoreChanges } from '../store-changes.ts'
import { Remembered } from './remembered.ts'
import type { FoundSeries } from './series-lookup.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** Some 150 bytes each. */
const MAX_SERIES = 200_000
const MAX_ANSWERS = 2_000

/**
 * What queries read again and again though it seldom changes: which series match, which slots are packed, that there are
 * no histograms. A query of few series takes as long as its statements are many, and these are most of them. Nothing is
 * remembered where nobody tells of changes.
 */
export class StoreMemory {
  readonly #changes: StoreChanges | undefined
  readonly #series = new Remembered<readonly FoundSeries[]>(MAX_SERIES)
  readonly #packed = new Remembered<TimeRange | undefined>(MAX_ANSWERS)
  readonly #noHistograms = new Remembered<boolean>(MAX_ANSWERS)

  constructor(changes?: StoreChanges) {
    this.#changes = changes
  }

  /** `read` finds the series that may have samples in the range that it is given, which is never shorter. */
  async series(
    request: {
      readonly scope: Scope
      readonly matchers: readonly Matcher[]
      readonly labels: readonly string[] | undefined
      readonly range: TimeRange
    },
    read: (range: TimeRange) => Promise<readonly FoundSeries[]>,
  ): Promise<readonly FoundSeries[]> {
    const { scope, matchers, labels, range } = request
    if (this.#changes === undefined) return await read(range)
    const name = matchers.find((matcher) => matcher.name === METRIC_NAME && matcher.operator === '=')?.value
    const hours = widened(range, HOUR_MS)
    const said = matchers.map(({ name: label, operator, value }) => [label, operator, value])
    const key = JSON.stringify([scope.tenants, scope.clusters, said, labels, hours])
    return await this.#series.get(
      key,
      this.#changes.seriesOf(name),
      () => read(hours),
      (found) => found.length,
    )
  }

  /** `read` finds the part of a range of whole slots that is packed. */
  async packed(
    scope: Scope,
    range: TimeRange,
    slotMs: number,
    read: (range: TimeRange) => Promise<TimeRange | undefined>,
  ): Promise<TimeRange | undefined> {
    if (this.#changes === undefined) return await read(range)
    const slots = widened(range, slotMs)
    const key = JSON.stringify([scope.tenants, slots])
    const found = await this.#packed.get(
      key,
      this.#changes.of('slots'),
      () => read(slots),
      () => 0,
    )
    if (found === undefined) return undefined
    const startMs = Math.max(found.startMs, range.startMs)
    const endMs = Math.min(found.endMs, range.endMs)
    return startMs < endMs ? { startMs, endMs } : undefined
  }

  /** `read` says whether there are none in the range that it is given, which is never shorter. */
  async hasNoHistograms(
    scope: Scope,
    range: TimeRange,
    read: (range: TimeRange) => Promise<boolean>,
  ): Promise<boolean> {
    if (this.#changes === undefined) return await read(range)
    const days = widened(range, DAY_MS)
    const key = JSON.stringify([scope.tenants, days])
    return await this.#noHistograms.get(
      key,
      this.#changes.of('histograms'),
      () => read(days),
      () => 0,
    )
  }
}

/** The range from and to multiples of a length, so that ranges that move on with the time are mostly the same. */
function widened({ startMs, endMs }: TimeRange, lengthMs: number): TimeRange {
  return { startMs: Math.floor(startMs / lengthMs) * lengthMs, endMs: Math.ceil(endMs / lengthMs) * lengthMs }
}
