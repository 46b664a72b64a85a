import { AppError } from '../core/index.ts'
import { MATCH_OPERATORS, type Matcher, type MatchOperator } from './labels.ts'

const SPACE = /\s*/y
/** A name may hold what attribute names hold; anything else is written in quotes. */
const NAME = /[A-Za-z_][\w./:-]*/y
const OPERATOR = /=~|!~|!=|=/y
const QUOTED = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`/y

/**
 * Reads `{k8s.namespace.name=~"team-.*", severity_text!="DEBUG"}`: matchers that must all hold, in Prometheus' form but
 * with the dots of OpenTelemetry's names. Throws AppError `invalid` that says where; whether an expression is RE2 is
 * looked at by whoever compiles it.
 */
export function parseSelector(text: string): readonly Matcher[] {
  return new SelectorParser(text).parse()
}

class SelectorParser {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  parse(): readonly Matcher[] {
    const matchers: Matcher[] = []
    this.#expect('{')
    while (!this.#accept('}')) {
      if (matchers.length > 0) {
        this.#expect(',')
        if (this.#accept('}')) break
      }
      matchers.push(this.#matcher())
    }
    if (this.#at < this.#text.length) throw this.#unexpected('nothing more')
    return matchers
  }

  #matcher(): Matcher {
    const name = this.#take(NAME) ?? this.#quoted('the name of an attribute')
    const operator = this.#take(OPERATOR)
    if (!isOperator(operator)) throw this.#unexpected(MATCH_OPERATORS.join(', '))
    return { name, operator, value: this.#quoted('a text in quotes') }
  }

  #quoted(wanted: string): string {
    const quoted = this.#take(QUOTED)
    if (quoted === undefined) throw this.#unexpected(wanted)
    return unquote(quoted)
  }

  #expect(char: string): void {
    if (!this.#accept(char)) throw this.#unexpected(char)
  }

  #accept(char: string): boolean {
    this.#skipSpace()
    if (this.#text[this.#at] !== char) return false
    this.#at += 1
    this.#skipSpace()
    return true
  }

  #take(pattern: RegExp): string | undefined {
    this.#skipSpace()
    pattern.lastIndex = this.#at
    const [found] = pattern.exec(this.#text) ?? []
    this.#at += found?.length ?? 0
    return found
  }

  #skipSpace(): void {
    SPACE.lastIndex = this.#at
    this.#at += SPACE.exec(this.#text)?.[0].length ?? 0
  }

  #unexpected(wanted: string): AppError {
    return new AppError('invalid', `selector: expected ${wanted} at character ${String(this.#at + 1)}`)
  }
}

function isOperator(text: string | undefined): text is MatchOperator {
  return MATCH_OPERATORS.some((operator) => operator === text)
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

/** Of an escaped character that stands for nothing else, the backslash stays: `"\d+"` is an expression as it is. */
function unquote(quoted: string): string {
  const inner = quoted.slice(1, -1)
  if (quoted.startsWith('`')) return inner
  return inner.replace(/\\(.)/gs, (whole, char: string) => ESCAPES[char] ?? (/["'\\]/.test(char) ? char : whole))
}
