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
    const before = latin1(bytes, Math.max(this.start, at - WINDOW), at)
    if (expression.test(before.toLowerCase())) return true
    return this.path !== undefined && this.path.depth > 0 && expression.test(this.path.join().toLowerCase())
  }
}

const WINDOW = 32
