import { quoteText } from '../../labels.ts'
import type { ParseError } from '../../parse-error.ts'
import { scanNumberOrDuration } from './scan-number.ts'
import { quoteRune, runeAt, scanString } from './scan-string.ts'
import { promqlError } from './syntax-error.ts'
import { kindOfWord, type Token, type TokenKind } from './tokens.ts'

const SPACE = /[ \t\r\n]+/y
const COMMENT = /#[^\r\n]*/y
const WORD = /[A-Za-z_:][A-Za-z0-9_:]*/y
const LABEL_WORD = /[A-Za-z_][A-Za-z0-9_]*/y
const OPERATOR = /==|!=|<=|>=|<\/|>\/|[-+*/%^<>@]/y
const DURATION_OPERATOR = /[-+*/%^]/y
const DURATION_WORD = /[A-Za-z_]+/y
const DURATION_FUNCTION = /^(?:step|range|min_of|max_of)$/i
const LEFT_PAREN = /[ \t\r\n]*\(/y

/**
 * Reads tokens one after the other. What a character means depends on where it stands: inside braces words are label
 * names and `=` is an operator; inside brackets there are durations, calculations with them and a colon.
 */
export class Lexer {
  readonly #query: string
  #at = 0
  #parens = 0
  #inBraces = false
  #inBrackets = false
  /** In brackets before the first number: only then is the text checked as strictly as durations allow. */
  #beforeDuration = false
  #gotColon = false
  /** Whether brackets had a number yet, these or earlier ones: without, a colon is refused at once. */
  #gotDuration = false

  constructor(query: string) {
    this.#query = query
  }

  /** The next token; `end` again and again at the end. Throws ParseError. */
  next(): Token {
    if (this.#inBraces) return this.#insideBraces()
    if (this.#beforeDuration) return this.#beforeNumberInBrackets()
    this.#skipBlank()
    if (this.#at >= this.#query.length) return this.#end()
    return this.#outside()
  }

  #outside(): Token {
    const character = this.#peek()
    if (/[0-9]/.test(character) || (character === '.' && /[0-9]/.test(this.#peek(1)))) return this.#number()
    if (isQuote(character)) return this.#string()
    if (/[A-Za-z_:]/.test(character)) return this.#inBrackets ? this.#wordInBrackets() : this.#word()
    if ('(){[],'.includes(character)) return this.#punctuation()
    if (character === '!' && this.#peek(1) !== '=') {
      throw this.#error(this.#at, `unexpected character after '!': ${quoteRune(runeAt(this.#query, this.#at + 1))}`)
    }
    if (character === '=' && this.#peek(1) === '~') {
      throw this.#error(this.#at, `unexpected character after '=': '~'`)
    }
    const operator = this.#match(OPERATOR)
    if (operator !== undefined) return this.#token('operator', operator)
    if (character === '=') return this.#token('punctuation', this.#take(1))
    throw this.#error(this.#at, `unexpected character: ${quoteRune(this.#rune())}`)
  }

  #punctuation(): Token {
    const start = this.#at
    const character = this.#take(1)
    if (character === '{') this.#inBraces = true
    if (character === '(') this.#parens += 1
    if (character === ')') this.#closeParen()
    if (character === '[') {
      if (this.#inBrackets) throw this.#error(start, "unexpected left bracket '['")
      this.#inBrackets = true
      this.#beforeDuration = true
      this.#gotColon = false
    }
    if (character === ']') {
      if (!this.#inBrackets) throw this.#error(start, "unexpected right bracket ']'")
      this.#inBrackets = false
    }
    return { kind: 'punctuation', text: character, start, end: start + 1 }
  }

  #closeParen(): void {
    this.#parens -= 1
    if (this.#parens < 0) throw this.#error(this.#at, "unexpected right parenthesis ')'")
  }

  #insideBraces(): Token {
    this.#skipBlank()
    const character = this.#peek()
    if (character === '') throw this.#error(this.#at, 'unexpected end of input inside braces')
    if (isQuote(character)) return this.#string()
    const word = this.#match(LABEL_WORD)
    if (word !== undefined) return this.#token('identifier', word)
    if (character === ',') return this.#token('punctuation', this.#take(1))
    if (character === '}') {
      this.#inBraces = false
      return this.#token('punctuation', this.#take(1))
    }
    if (character === '=') {
      return this.#peek(1) === '~' ? this.#token('operator', this.#take(2)) : this.#token('punctuation', this.#take(1))
    }
    if (character === '!') {
      const second = runeAt(this.#query, this.#at + 1)
      if (second === '=' || second === '~') return this.#token('operator', this.#take(2))
      throw this.#error(this.#at, `unexpected character after '!' inside braces: ${quoteRune(second)}`)
    }
    if (character === '{') throw this.#error(this.#at, "unexpected left brace '{'")
    throw this.#error(this.#at, `unexpected character inside braces: ${quoteRune(this.#rune())}`)
  }

  /** Comments have no place here, and a colon must wait for a number. */
  #beforeNumberInBrackets(): Token {
    this.#match(SPACE)
    const character = this.#peek()
    if (character === '') throw this.#error(this.#at, 'unexpected end of input in duration expression')
    const operator = this.#match(DURATION_OPERATOR)
    if (operator !== undefined) return this.#token('operator', operator)
    if ('(),'.includes(character)) return this.#punctuation()
    if (character === ']') {
      this.#beforeDuration = false
      return this.#punctuation()
    }
    if (character === ':') return this.#colonBeforeNumber()
    if (/[0-9]/.test(character) || (character === '.' && /[0-9]/.test(this.#peek(1)))) {
      this.#beforeDuration = false
      this.#gotDuration = true
      return this.#number()
    }
    const start = this.#at
    const rune = this.#rune()
    const word = this.#durationFunction()
    if (word !== undefined) return word
    throw this.#error(start, `unexpected character in duration expression: ${quoteRune(rune)}`)
  }

  #colonBeforeNumber(): Token {
    const colon = this.#token('punctuation', this.#take(1))
    if (!this.#gotDuration) throw this.#error(this.#at, 'unexpected colon before duration in duration expression')
    if (this.#gotColon) throw this.#error(this.#at, 'unexpected repeated colon in duration expression')
    this.#gotColon = true
    return colon
  }

  #wordInBrackets(): Token {
    const start = this.#at
    const rune = this.#rune()
    if (rune === ':') {
      if (this.#gotColon) throw this.#error(start, "unexpected colon ':'")
      this.#gotColon = true
      return this.#token('punctuation', this.#take(1))
    }
    const word = this.#durationFunction()
    if (word !== undefined) return word
    throw this.#error(start, `unexpected character: ${quoteRune(rune)}, expected ':'`)
  }

  #durationFunction(): Token | undefined {
    const word = this.#match(DURATION_WORD)
    return word !== undefined && DURATION_FUNCTION.test(word) ? this.#token('preprocessor', word) : undefined
  }

  #word(): Token {
    const word = this.#match(WORD) ?? ''
    // These three came late to the language: only before a parenthesis are they no names.
    if (/^fill(?:_left|_right)?$/i.test(word) && !this.#comes(LEFT_PAREN)) return this.#token('identifier', word)
    return this.#token(kindOfWord(word), word)
  }

  #number(): Token {
    const start = this.#at
    const { kind, end } = scanNumberOrDuration(this.#query, start)
    const text = this.#take(end - start)
    if (kind === 'bad') throw this.#error(start, `bad number or duration syntax: ${quoteText(text)}`)
    return { kind, text, start, end }
  }

  #string(): Token {
    const start = this.#at
    const scanned = scanString(this.#query, start)
    if ('problem' in scanned) throw this.#error(start, scanned.problem)
    return this.#token('string', this.#take(scanned.end - start))
  }

  #end(): Token {
    if (this.#parens > 0) throw this.#error(this.#at, 'unclosed left parenthesis')
    if (this.#inBrackets) throw this.#error(this.#at, 'unclosed left bracket')
    return { kind: 'end', text: '', start: this.#at, end: this.#at }
  }

  #skipBlank(): void {
    while (this.#match(SPACE) !== undefined || this.#match(COMMENT) !== undefined);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#query)?.[0]
    this.#at += found?.length ?? 0
    return found
  }

  #comes(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at
    return pattern.test(this.#query)
  }

  #peek(ahead = 0): string {
    return this.#query[this.#at + ahead] ?? ''
  }

  #rune(): string {
    return runeAt(this.#query, this.#at)
  }

  #take(length: number): string {
    this.#at += length
    return this.#query.slice(this.#at - length, this.#at)
  }

  #token(kind: TokenKind, text: string): Token {
    return { kind, text, start: this.#at - text.length, end: this.#at }
  }

  #error(start: number, message: string): ParseError {
    return promqlError(this.#query, { start, end: this.#query.length }, message)
  }
}

function isQuote(character: string): boolean {
  return character === '"' || character === "'" || character === '`'
}
