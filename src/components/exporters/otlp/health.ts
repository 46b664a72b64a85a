import type { Clock } from '../../../core/index.ts'

export interface TroubleReport {
  readonly atMs: number
  readonly message: string
}

/** What went wrong lately, for the report to the hub and for people. */
export class Health {
  readonly #clock: Clock
  #lastSuccessMs: number | undefined
  /** Each passes when the same thing succeeds. */
  readonly #troubles: { sending?: TroubleReport | undefined; other?: TroubleReport | undefined } = {}
  /** Data was given up: that is not made good by a later success. */
  #loss: TroubleReport | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** When the hub last took data. */
  get lastSuccessMs(): number | undefined {
    return this.#lastSuccessMs
  }

  get lastError(): TroubleReport | undefined {
    return this.#troubles.sending ?? this.#troubles.other ?? this.#loss
  }

  sent(): void {
    this.#lastSuccessMs = this.#clock.now()
    this.#troubles.sending = undefined
  }

  sendingFailed(message: string): void {
    this.#troubles.sending = this.#report(message)
  }

  /** Everything beside the data itself: certificates, reports, the disk. */
  otherFailed(message: string): void {
    this.#troubles.other = this.#report(message)
  }

  otherWorks(): void {
    this.#troubles.other = undefined
  }

  lost(message: string): void {
    this.#loss = this.#report(message)
  }

  #report(message: string): TroubleReport {
    return { atMs: this.#clock.now(), message }
  }
}
