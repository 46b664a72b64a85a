const SPACE = 0x20
const QUOTE = 0x22
const EQUALS = 0x3d
const BACKSLASH = 0x5c

/** What stands for bytes that are no UTF-8. */
export const REPLACEMENT = '\ufffd'

/** Reads `key=value key="quoted value" key` pair by pair; behind a broken one it goes on at the next space. */
export class LogfmtScanner {
  #line = ''
  #at = 0
  /** Of the pair that `next` found. */
  key = ''
  value = ''
  /** What is wrong with the pair that is broken, in Loki's words. */
  problem = ''

  begin(line: string): void {
    this.#line = line
    this.#at = 0
  }

  next(): 'pair' | 'broken' | 'end' {
    const line = this.#line
    let at = this.#at
    while (at < line.length && line.charCodeAt(at) <= SPACE) at += 1
    this.value = ''
    if (at >= line.length) {
      this.#at = at
      return 'end'
    }
    const start = at
    for (; at < line.length; at++) {
      const unit = line.charCodeAt(at)
      if (unit <= SPACE) break
      if (unit === QUOTE) return this.#unexpected(at)
      if (unit === EQUALS) {
        if (at === start) return this.#unexpected(at)
        this.key = line.slice(start, at)
        return this.key.includes(REPLACEMENT) ? this.#invalidKey(at) : this.#readValue(at + 1)
      }
    }
    this.key = line.slice(start, at)
    if (this.key.includes(REPLACEMENT)) return this.#invalidKey(at)
    this.#at = at
    return 'pair'
  }

  /** Goes on behind the pair. */
  #invalidKey(at: number): 'broken' {
    const line = this.#line
    this.#at = at
    const result = this.#broken('invalid key', 1)
    let end = at
    while (end < line.length && line.charCodeAt(end) > SPACE) end += 1
    this.#at = end
    return result
  }

  #readValue(start: number): 'pair' | 'broken' {
    const line = this.#line
    if (line.charCodeAt(start) === QUOTE) return this.#readQuoted(start)
    let at = start
    for (; at < line.length; at++) {
      const unit = line.charCodeAt(at)
      if (unit <= SPACE) break
      if (unit === QUOTE || unit === EQUALS) return this.#unexpected(at)
    }
    this.value = line.slice(start, at)
    this.#at = at
    return 'pair'
  }

  #readQuoted(start: number): 'pair' | 'broken' {
    const line = this.#line
    let escaped = false
    for (let at = start + 1; at < line.length; at++) {
      const unit = line.charCodeAt(at)
      if (unit === BACKSLASH) {
        escaped = true
        at += 1
        continue
      }
      if (unit !== QUOTE) continue
      this.#at = at + 1
      const text = line.slice(start + 1, at)
      const value = escaped ? unquote(text) : text
      if (value === undefined) return this.#broken('invalid quoted value')
      this.value = value
      return 'pair'
    }
    this.#at = line.length
    return this.#broken('unterminated quoted value')
  }

  #unexpected(at: number): 'broken' {
    const line = this.#line
    this.#at = at
    const result = this.#broken(`unexpected '${line[at] ?? ''}'`, 1)
    let end = at
    while (end < line.length && line.charCodeAt(end) > SPACE) end += 1
    this.#at = end
    return result
  }

  #broken(problem: string, more = 0): 'broken' {
    const position = Buffer.byteLength(this.#line.slice(0, this.#at)) + more
    this.problem = `logfmt syntax error at pos ${String(position)} : ${problem}`
    return 'broken'
  }
}

const ESCAPE = /\\(?:(["\\/'bfnrt])|u([0-9a-fA-F]{4})|)/g
const SIMPLE: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/** Undefined where an escape is none, or where a control character stands. */
function unquote(text: string): string | undefined {
  const found = { broken: false }
  const value = text.replace(ESCAPE, (...match: (string | undefined)[]) => {
    const [, simple, unit] = match
    if (simple !== undefined) return SIMPLE[simple] ?? simple
    if (unit !== undefined) return String.fromCharCode(parseInt(unit, 16))
    found.broken = true
    return ''
  })
  if (found.broken || CONTROL.test(text)) return undefined
  return value.replace(LONE_SURROGATES, '\ufffd')
}

const CONTROL = /\p{Cc}/u
const LONE_SURROGATES = /\p{Cs}/gu
