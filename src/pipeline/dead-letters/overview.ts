import { messageOf, type Clock, type Logger, type Metrics } from '../../core/index.ts'
import type { DeadLetterBox, LetterSummary } from './box.ts'

export interface LetterOverviewOptions {
  readonly box: DeadLetterBox
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

const LOOK_AGAIN_MS = 10_000

/** Looks at the dead letters now and then, for gauges and for whoever wants to know how many there are. */
export class LetterOverview {
  readonly #options: LetterOverviewOptions
  #letters: readonly LetterSummary[] = []
  #damaged = 0

  constructor(options: LetterOverviewOptions) {
    this.#options = options
    const { metrics } = options
    const labels = ['consumer', 'reason'] as const
    const bytes = metrics.gauge('fleetglass_dead_letter_bytes', 'Size of the dead letters on disk.', labels, () => {
      setBy(bytes, this.#letters, ({ payloadBytes }) => payloadBytes)
    })
    const count = metrics.gauge('fleetglass_dead_letters', 'Dead letters on disk.', labels, () => {
      setBy(count, this.#letters, () => 1)
    })
    const damaged = metrics.gauge('fleetglass_dead_letters_damaged', 'Dead letters that cannot be read.', [], () => {
      damaged.set(this.#damaged)
    })
  }

  /** As of the last look. */
  get letters(): readonly LetterSummary[] {
    return this.#letters
  }

  /** Looks now. Never rejects: what could not be read is told to the log, and the last look stands. */
  async look(): Promise<void> {
    try {
      const { letters, damaged } = await this.#options.box.list()
      this.#letters = letters
      this.#damaged = damaged.length
    } catch (reason) {
      this.#options.log.warn({ error: messageOf(reason) }, 'the dead letters cannot be listed')
    }
  }

  /** Looks until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look()
      await this.#options.clock.sleep(LOOK_AGAIN_MS, signal)
    }
  }
}

interface ByReason {
  reset(): void
  inc(labels: { readonly consumer: string; readonly reason: string }, amount: number): void
}

function setBy(gauge: ByReason, letters: readonly LetterSummary[], amount: (letter: LetterSummary) => number): void {
  gauge.reset()
  for (const letter of letters) gauge.inc({ consumer: letter.consumer, reason: letter.head.reason }, amount(letter))
}
