import { RE2JS, RE2Set } from 're2js'
import type { Matches } from '../detect/index.ts'
import { ByteRows } from './byte-rows.ts'
import { requiredBytes } from './required-bytes.ts'

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
}

/**
 * Looks for users' expressions, in time linear to the text whatever the expression (RE2). Most expressions ask for some
 * bytes side by side (`EMP-`, seven digits); what lacks them is passed over at the speed of reading it, first payloads
 * as a whole (`begin`), then texts.
 */
export class OwnExpressions {
  readonly #filtered: readonly Compiled[]
  readonly #rows: ByteRows
  readonly #others: readonly Compiled[]
  readonly #othersTogether = new RE2Set()
  #isActive = false
  #text: Uint8Array = new Uint8Array(0)
  #offset = 0
  #matches: Matches | undefined

  constructor(expressions: readonly OwnExpression[]) {
    const compiled = expressions.map(({ expression, number }) => {
      const regexp = RE2JS.compile(expression)
      const hasGroup = Object.hasOwn(regexp.namedGroups(), GROUP)
      return { regexp, number, hasGroup, row: requiredBytes(expression) }
    })
    this.#filtered = compiled.filter(({ row }) => row !== undefined)
    this.#rows = new ByteRows(compiled.flatMap(({ row }) => (row === undefined ? [] : [row])))
    this.#others = compiled.filter(({ row }) => row === undefined)
    for (const { regexp } of this.#others) this.#othersTogether.add(regexp.pattern())
    this.#othersTogether.compile()
  }

  /** Texts that are shown from now on are parts of these bytes, or were made of parts of them. */
  begin(bytes: Uint8Array): void {
    this.#isActive = false
    this.#rows.find(bytes, 0, bytes.length, () => {
      this.#isActive = true
    })
  }

  scan(bytes: Uint8Array, start: number, end: number, matches: Matches): void {
    if (!this.#isActive && this.#others.length === 0) return
    this.#text = bytes.subarray(start, end)
    this.#offset = start
    this.#matches = matches
    if (this.#isActive) this.#rows.find(bytes, start, end, this.#onRow)
    if (this.#others.length === 0) return
    for (const index of this.#othersTogether.match(this.#text)) this.#addMatches(this.#others[index])
  }

  readonly #onRow = (row: number): void => {
    const one = this.#filtered[row]
    if (one?.regexp.test(this.#text) === true) this.#addMatches(one)
  }

  #addMatches(one: Compiled | undefined): void {
    if (one === undefined) return
    const { regexp, number, hasGroup } = one
    const matcher = regexp.matcher(this.#text)
    while (matcher.find()) {
      const from = hasGroup ? matcher.start(GROUP) : matcher.start()
      const to = hasGroup ? matcher.end(GROUP) : matcher.end()
      if (from >= 0 && to > from) this.#matches?.add(number, this.#offset + from, this.#offset + to)
    }
  }
}
