import type { LokiLimits, LokiProblem } from './verdict.ts'

/**
 * The resource attribute that says that a resource is a stream of Loki: the names, separated by commas, of the attributes
 * that are its labels. They are all of its labels, whatever else the resource has.
 */
export const STREAM_LABELS = 'fleetglass.stream.labels'

/** The labels of a stream, sorted by name, without empty values. */
export type StreamLabels = readonly (readonly [name: string, value: string])[]

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y
const SPACE = /[ \t\r\n]*/y
const WHOLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Of Go's strings, by the character behind the backslash. */
const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
}

/** Digits behind `\x`, `\u` and `\U`. */
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

/** Parses the text that a push gives a stream's labels in, `{app="shop", env='dev'}`: strings have Go's syntax. */
export function parseStreamLabels(bytes: Uint8Array, limits: LokiLimits): StreamLabels | LokiProblem {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return 'bad_labels'
  }
  const pairs = new Parser(text).parse()
  return pairs === undefined ? 'bad_labels' : toStreamLabels(pairs, limits)
}

/** Checks labels and puts them in order. Those without a value are as good as absent. */
export function toStreamLabels(
  pairs: readonly (readonly [name: string, value: string])[],
  limits: LokiLimits,
): StreamLabels | LokiProblem {
  if (new Set(pairs.map(([name]) => name)).size < pairs.length) return 'duplicate_label'
  const labels = pairs.filter(([, value]) => value !== '')
  if (labels.length === 0) return 'no_labels'
  if (labels.length > limits.labelsPerStream) return 'too_many_labels'
  for (const [name, value] of labels) {
    if (!WHOLE_NAME.test(name)) return 'bad_labels'
    if (name.length > limits.labelNameBytes || Buffer.byteLength(value) > limits.labelValueBytes)
      return 'label_too_long'
  }
  return labels.sort(([a], [b]) => (a < b ? -1 : 1))
}

class Parser {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** The pairs as they stand; undefined where the text is no set of labels. */
  parse(): [string, string][] | undefined {
    const pairs: [string, string][] = []
    this.#take(SPACE)
    if (!this.#takeCharacter('{')) return undefined
    for (;;) {
      this.#take(SPACE)
      if (this.#takeCharacter('}')) break
      const pair = this.#pair()
      if (pair === undefined) return undefined
      pairs.push(pair)
      this.#take(SPACE)
      if (this.#takeCharacter(',')) continue
      if (!this.#takeCharacter('}')) return undefined
      break
    }
    this.#take(SPACE)
    return this.#at === this.#text.length ? pairs : undefined
  }

  #pair(): [string, string] | undefined {
    const name = this.#take(NAME)
    this.#take(SPACE)
    if (name === '' || !this.#takeCharacter('=')) return undefined
    this.#take(SPACE)
    const value = this.#string()
    return value === undefined ? undefined : [name, value]
  }

  /** A string in double, single or back quotes; in the last nothing is an escape. */
  #string(): string | undefined {
    const quote = this.#text[this.#at] ?? ''
    if (quote !== '"' && quote !== "'" && quote !== '`') return undefined
    this.#at += 1
    const bytes: Buffer[] = []
    let from = this.#at
    for (;;) {
      const character = this.#text[this.#at]
      if (character === undefined || (character === '\n' && quote !== '`')) return undefined
      if (character === quote) break
      if (character !== '\\' || quote === '`') {
        this.#at += 1
        continue
      }
      bytes.push(Buffer.from(this.#text.slice(from, this.#at)))
      const escaped = this.#escape(quote)
      if (escaped === undefined) return undefined
      bytes.push(escaped)
      from = this.#at
    }
    bytes.push(Buffer.from(this.#text.slice(from, this.#at)))
    this.#at += 1
    // Escapes of bytes may make what is no UTF-8.
    try {
      return utf8.decode(Buffer.concat(bytes))
    } catch {
      return undefined
    }
  }

  #escape(quote: string): Buffer | undefined {
    const letter = this.#text[this.#at + 1] ?? ''
    this.#at += 2
    const simple = ESCAPES[letter]
    if (simple !== undefined) {
      const isOtherQuote = (letter === '"' || letter === "'") && letter !== quote
      return isOtherQuote ? undefined : Buffer.from(simple)
    }
    const hexDigits = HEX_DIGITS[letter]
    if (hexDigits !== undefined) {
      const code = this.#code(this.#at, hexDigits, 16)
      this.#at += hexDigits
      if (code === undefined) return undefined
      return letter === 'x' ? Buffer.from([code]) : toCharacter(code)
    }
    const octal = this.#code(this.#at - 1, 3, 8)
    this.#at += 2
    return octal === undefined || octal > 0xff ? undefined : Buffer.from([octal])
  }

  #code(from: number, digits: number, base: 8 | 16): number | undefined {
    const text = this.#text.slice(from, from + digits)
    const pattern = base === 8 ? /^[0-7]+$/ : /^[0-9A-Fa-f]+$/
    return text.length === digits && pattern.test(text) ? Number.parseInt(text, base) : undefined
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0] ?? ''
    this.#at += found.length
    return found
  }

  #takeCharacter(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at += 1
    return true
  }
}

function toCharacter(code: number): Buffer | undefined {
  if (code > 0x10_ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined
  return Buffer.from(String.fromCodePoint(code))
}
