import { RE2JS, RE2Set } from 're2js'
import type { Matches } from './detect/index.ts'
import { requiredLiteral } from './required-literal.ts'

/** An expression of the user's, and its number in the matches. */
export interface OwnExpression {
  readonly expression: string
  readonly number: number
}

/** The group that bounds what is scrubbed, if the expression has it. */
const GROUP = 'scrub'

interface Compiled {
  readonly regexp: RE2JS
  readonly number: number
  readonly hasGroup: boolean
  readonly literal: Buffer | undefined
}

/**
 * Looks for users' expressions, in time linear to the text whatever the expression (RE2). Before that, what most
 * payloads do not hold is found out for the payload as a whole: `begin` looks for the fixed parts of expressions.
 */
export class OwnExpressions {
  readonly #withLiteral: readonly Compiled[]
  readonly #others: readonly Compiled[]
  readonly #othersTogether = new RE2Set()
  #active: readonly Compiled[] = []

  constructor(expressions: readonly OwnExpression[]) {
    const compiled = expressions.map(({ expression, number }) => {
      const regexp = RE2JS.compile(expression)
      const literal = requiredLiteral(expression)
      const hasGroup = Object.hasOwn(regexp.namedGroups(), GROUP)
      return { regexp, number, hasGroup, literal: literal === undefined ? undefined : Buffer.from(literal) }
    })
    this.#withLiteral = compiled.filter(({ literal }) => literal !== undefined)
    this.#others = compiled.filter(({ literal }) => literal === undefined)
    for (const { regexp } of this.#others) this.#othersTogether.add(regexp.pattern())
    this.#othersTogether.compile()
  }

  /** Texts that are shown from now on are parts of these bytes. */
  begin(bytes: Uint8Array): void {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#active = this.#withLiteral.filter(({ literal }) => literal !== undefined && buffer.includes(literal))
  }

  scan(bytes: Uint8Array, start: number, end: number, matches: Matches): void {
    if (this.#active.length === 0 && this.#others.length === 0) return
    const text = bytes.subarray(start, end)
    for (const one of this.#active) if (one.regexp.test(text)) addMatches(one, text, start, matches)
    if (this.#others.length === 0) return
    for (const index of this.#othersTogether.match(text)) {
      const one = this.#others[index]
      if (one !== undefined) addMatches(one, text, start, matches)
    }
  }
}

function addMatches({ regexp, number, hasGroup }: Compiled, text: Uint8Array, offset: number, matches: Matches): void {
  const matcher = regexp.matcher(text)
  while (matcher.find()) {
    const from = hasGroup ? matcher.start(GROUP) : matcher.start()
    const to = hasGroup ? matcher.end(GROUP) : matcher.end()
    if (from >= 0 && to > from) matches.add(number, offset + from, offset + to)
  }
}
