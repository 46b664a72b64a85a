import type { Detector } from '../../../fleet/index.ts'
import type { KeyPath } from '../../../wire/index.ts'
import { Matches, Scanner } from './detect/index.ts'
import { OwnExpressions } from './own/index.ts'
import type { Rule } from './rules.ts'

/** Finds what the rules look for in one kind of place, and which rules each find is for. */
export class Finder {
  readonly matches = new Matches()
  /** By the number in the matches: the rules that ask for it, in their order. */
  readonly rules: readonly (readonly Rule[])[]
  readonly #scanner: Scanner
  readonly #own: OwnExpressions | undefined

  constructor(rules: readonly Rule[]) {
    const byNumber: Rule[][] = []
    const numbers = new Map<Detector, number>()
    const expressions: { expression: string; number: number }[] = []
    for (const rule of rules) {
      if (typeof rule.detect !== 'string') {
        expressions.push({ expression: rule.detect.expression, number: byNumber.push([rule]) - 1 })
        continue
      }
      const number = numbers.get(rule.detect)
      if (number === undefined) numbers.set(rule.detect, byNumber.push([rule]) - 1)
      else byNumber[number]?.push(rule)
    }
    this.rules = byNumber
    this.#scanner = new Scanner(numbers)
    this.#own = expressions.length === 0 ? undefined : new OwnExpressions(expressions)
  }

  /** Texts that are shown from now on are parts of these bytes. */
  begin(bytes: Uint8Array): void {
    this.#own?.begin(bytes)
  }

  /** Fills `matches`, and returns whether there are any. Without a path, as if every key stood around the text. */
  find(bytes: Uint8Array, start: number, end: number, path: KeyPath | undefined): boolean {
    this.matches.clear()
    this.#scanner.scan(bytes, start, end, path, this.matches)
    this.#own?.scan(bytes, start, end, this.matches)
    return this.matches.length > 0
  }
}
