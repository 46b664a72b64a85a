import { AppError } from '../../core/index.ts'
import type { SelectRequest, SeriesSamples } from '../metric-source.ts'
import type { Expr } from './ast.ts'
import type { SampleBudget } from './context.ts'
import { selectorsOf } from './selectors.ts'

/** What was read of a leaf; undefined when it was too much to be kept, or reading it failed. */
type Kept = readonly SeriesSamples[] | undefined

interface Recording {
  readonly labels: readonly string[] | undefined
  readonly kept: Promise<Kept>
}

export interface SharedRead {
  readonly request: SelectRequest
  readonly samples: SampleBudget
  readonly read: () => AsyncIterable<readonly SeriesSamples[]>
  readonly weightOf: (found: readonly SeriesSamples[]) => number
}

/** Samples of leaves that stand in the query more than once are kept up to so many; a wider leaf is read again. */
const MAX_KEPT = 2_000_000

/**
 * Reads each leaf of a query once, even if it stands there twice: who comes second waits until the first has read it,
 * and gets the same samples. Nobody waits for the second, so that they cannot wait for each other.
 */
export class LeafShare {
  readonly #repeated: ReadonlySet<string>
  readonly #recordings = new Map<string, Recording>()

  constructor(expr: Expr) {
    const seen = new Set<string>()
    const repeated = new Set<string>()
    for (const matchers of selectorsOf(expr)) {
      const key = JSON.stringify(matchers)
      if (seen.has(key)) repeated.add(key)
      seen.add(key)
    }
    this.#repeated = repeated
  }

  async *pieces(shared: SharedRead): AsyncGenerator<readonly SeriesSamples[]> {
    const { matchers, range, labels } = shared.request
    if (!this.#repeated.has(JSON.stringify(matchers))) {
      yield* shared.read()
      return
    }
    const key = JSON.stringify([matchers, range])
    const recording = this.#recordings.get(key)
    if (recording !== undefined && hasLabels(recording.labels, labels)) {
      const kept = await recording.kept
      if (kept === undefined) yield* shared.read()
      else yield kept
      return
    }
    yield* this.#record(key, shared)
  }

  async *#record(
    key: string,
    { request, samples, read, weightOf }: SharedRead,
  ): AsyncGenerator<readonly SeriesSamples[]> {
    let settle: (kept: Kept) => void = () => {
      throw new AppError('internal', 'BUG: a recording without a promise')
    }
    const kept = new Promise<Kept>((resolve) => {
      settle = resolve
    })
    this.#recordings.set(key, { labels: request.labels, kept })
    let copies: SeriesSamples[] | undefined = []
    let held = 0
    try {
      for await (const piece of read()) {
        const weight = weightOf(piece)
        if (copies !== undefined && held + weight > MAX_KEPT) {
          copies = undefined
          samples.release(held)
        }
        if (copies !== undefined) {
          samples.take(weight)
          held += weight
          for (const series of piece) copies.push(ownCopy(series))
        }
        yield piece
      }
      settle(copies)
    } finally {
      // Of a consumer that stopped in the middle nothing can be had; once settled this changes nothing.
      settle(undefined)
    }
  }
}

function hasLabels(recorded: readonly string[] | undefined, wanted: readonly string[] | undefined): boolean {
  if (recorded === undefined) return true
  return wanted?.every((label) => recorded.includes(label)) === true
}

function ownCopy(series: SeriesSamples): SeriesSamples {
  return { ...series, timesMs: series.timesMs.slice(), values: series.values.slice() }
}
