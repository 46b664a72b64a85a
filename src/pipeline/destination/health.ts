import type { Clock } from '../../core/index.ts'

export type DeliveryState = 'starting' | 'up' | 'retrying' | 'misconfigured'

export interface Trouble {
  readonly atMs: number
  readonly message: string
}

const LONGEST_MESSAGE = 300

/** How deliveries of one lane go. */
export class Health {
  readonly #clock: Clock
  #state: DeliveryState = 'starting'
  #trouble: Trouble | undefined
  #lastSuccessMs: number | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get state(): DeliveryState {
    return this.#state
  }

  /** What went wrong last, as long as nothing has gone well since. */
  get trouble(): Trouble | undefined {
    return this.#trouble
  }

  get lastSuccessMs(): number | undefined {
    return this.#lastSuccessMs
  }

  succeeded(): void {
    this.#state = 'up'
    this.#trouble = undefined
    this.#lastSuccessMs = this.#clock.now()
  }

  /** It answers, though not with what we hoped for. */
  answered(): void {
    if (this.#state === 'starting' || this.#state === 'retrying') this.#state = 'up'
  }

  failed(state: 'retrying' | 'misconfigured', message: string): void {
    this.#state = state
    this.#trouble = { atMs: this.#clock.now(), message: clip(message) }
  }
}

/** One line of bounded length: what servers say goes to logs and pages. */
function clip(message: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const line = message.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim()
  return line.length <= LONGEST_MESSAGE ? line : `${line.slice(0, LONGEST_MESSAGE)}…`
}
