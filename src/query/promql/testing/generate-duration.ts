import type { Choices } from './choices.ts'

/**
 * A duration expression. In brackets a number must come before the colon, and what can be known to be 0 or less is
 * refused; so expressions there begin with a number and literals are not negative.
 */
export function generateDuration(
  choices: Choices,
  literals: readonly string[],
  place: 'range' | 'step' | 'offset',
): string {
  const generator = new DurationGenerator(choices, literals)
  if (place === 'offset') return generator.operand(2)
  const rest = choices.chance(0.7) ? ` ${choices.pick(['+', '-', '*', '/', '%', '^'])} ${generator.operand(2)}` : ''
  return choices.pick(literals) + rest
}

class DurationGenerator {
  readonly #choices: Choices
  readonly #literals: readonly string[]

  constructor(choices: Choices, literals: readonly string[]) {
    this.#choices = choices
    this.#literals = literals
  }

  operand(depth: number): string {
    const literal = (): string => this.#choices.pick(this.#literals)
    if (depth <= 0) return literal()
    return this.#choices.weighted([
      [3, literal],
      [1, () => this.#choices.pick(['step()', 'range()', 'STEP()', 'Range( )'])],
      [1, () => `${this.#choices.pick(['min_of', 'max_of'])}(${this.#sum(depth - 1)}, ${this.#sum(depth - 1)})`],
      [2, () => `(${this.#sum(depth - 1)})`],
      [1, () => `-${this.operand(depth - 1)}`],
      [1, () => `+${this.operand(depth - 1)}`],
    ])
  }

  #sum(depth: number): string {
    const count = 1 + this.#choices.below(3)
    let text = this.operand(depth)
    for (let i = 1; i < count; i++) {
      text += ` ${this.#choices.pick(['+', '-', '*', '/', '%', '^'])} ${this.operand(depth)}`
    }
    return text
  }
}
