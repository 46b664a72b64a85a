import type { KeyPath } from '../../../../wire/index.ts'
import { latin1 } from './chars.ts'

/** What stands before a number, and the key of the attribute that holds it: some numbers are nothing without it. */
export class Context {
  /** The keys around the text, if there are any. */
  path: KeyPath | undefined
  start = 0
  /** Set where the keys are not known yet: then everything is taken to be said. */
  isOpen = false

  /** Whether the key, or the text close before `at`, says so. The expression is matched against lower case. */
  says(bytes: Uint8Array, at: number, expression: RegExp): boolean {
    if (this.isOpen) return true
    return expression.test(this.#before(bytes, at)) || expression.test(this.#key())
  }

  /** Whether what stands right before `at` says so: at the beginning of a text, that is its key. */
  saysDirectly(bytes: Uint8Array, at: number, expression: RegExp): boolean {
    if (this.isOpen) return true
    return expression.test(at === this.start ? `${this.#key()}=` : this.#before(bytes, at))
  }

  #before(bytes: Uint8Array, at: number): string {
    return latin1(bytes, Math.max(this.start, at - WINDOW), at).toLowerCase()
  }

  #key(): string {
    return this.path === undefined || this.path.depth === 0 ? '' : this.path.join().toLowerCase()
  }
}

const WINDOW = 32
