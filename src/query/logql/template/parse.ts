import type { AppError } from '../../../core/index.ts'
import { quoteText } from '../../labels.ts'
import { unquoteBytes } from '../../promql/syntax/index.ts'
import { lexTemplate, type Part, templateError, type Token } from './lex.ts'
import type { Action, Command, Operand, Pipeline } from './nodes.ts'

const MAX_DEPTH = 100

/** Reads a template of Go's language. Throws AppError `invalid` with Go's words. */
export function parseTemplate(template: string, name: string, isFunction: (name: string) => boolean): Action[] {
  const parser = new Parser(template, name, isFunction)
  return parser.parse()
}

type Ending = 'end' | 'else' | 'nothing'

class Parser {
  readonly #template: string
  readonly #name: string
  readonly #isFunction: (name: string) => boolean
  readonly #parts: readonly Part[]
  #part = 0
  #tokens: readonly Token[] = []
  #at = 0
  #depth = 0
  #loops = 0
  #variables: string[] = ['$']

  constructor(template: string, name: string, isFunction: (name: string) => boolean) {
    this.#template = template
    this.#name = name
    this.#isFunction = isFunction
    this.#parts = lexTemplate(template, name)
  }

  parse(): Action[] {
    const { actions, ending } = this.#list()
    if (ending !== 'nothing') throw this.#error(`unexpected {{${ending}}}`)
    return actions
  }

  #list(): { actions: Action[]; ending: Ending } {
    const actions: Action[] = []
    while (this.#part < this.#parts.length) {
      const part = this.#parts[this.#part++]
      if (part === undefined) break
      if (part.t === 'text') {
        actions.push({ kind: 'text', text: part.text })
        continue
      }
      this.#tokens = part.tokens
      this.#at = 0
      this.#skipSpace()
      const { kind, text } = this.#token
      if (kind === 'word' && (text === 'end' || text === 'else')) {
        this.#take()
        return { actions, ending: text }
      }
      actions.push(this.#action())
    }
    return { actions, ending: 'nothing' }
  }

  #action(): Action {
    const { kind, text } = this.#token
    if (kind === 'word') {
      if (text === 'if' || text === 'with' || text === 'range') {
        this.#take()
        return this.#control(text)
      }
      if (text === 'break' || text === 'continue') {
        if (this.#loops === 0) throw this.#error(`{{${text}}} outside {{range}}`)
        this.#take()
        this.#expectEnd(text)
        return { kind: text }
      }
      if (['define', 'template', 'block'].includes(text)) throw this.#error(`${text} is not supported`)
    }
    const pipeline = this.#pipeline('command')
    this.#expectEnd('command')
    return { kind: 'print', pipeline }
  }

  #control(kind: 'if' | 'with' | 'range'): Action {
    return this.#nested(() => {
      const known = this.#variables.length
      const pipeline = this.#pipeline(kind)
      this.#expectEnd(kind)
      this.#loops += kind === 'range' ? 1 : 0
      const { actions: then, ending } = this.#list()
      this.#loops -= kind === 'range' ? 1 : 0
      let otherwise: Action[] = []
      if (ending === 'nothing') throw this.#error('unexpected EOF')
      if (ending === 'else') otherwise = this.#else(kind)
      else this.#expectEnd('end')
      this.#variables.length = known
      return { kind, pipeline, then, otherwise }
    })
  }

  /** `{{else}}…{{end}}` or `{{else if …}}`, which shares its end with the whole. */
  #else(kind: 'if' | 'with' | 'range'): Action[] {
    this.#skipSpace()
    const { text } = this.#token
    if (text === kind && kind !== 'range') {
      this.#take()
      return [this.#control(kind)]
    }
    this.#expectEnd('else')
    const { actions, ending } = this.#list()
    if (ending === 'nothing') throw this.#error('unexpected EOF')
    if (ending === 'else') throw this.#error('expected end; found {{else}}')
    this.#expectEnd('end')
    return actions
  }

  #pipeline(context: string): Pipeline {
    return this.#nested(() => {
      this.#skipSpace()
      const start = this.#token.at
      const { variables, assigns } = this.#declaration(context)
      const commands: Command[] = []
      for (;;) {
        this.#skipSpace()
        commands.push(this.#command(context))
        this.#skipSpace()
        if (this.#token.text !== '|') break
        this.#take()
      }
      commands.forEach((command, i) => {
        const [first] = command.operands
        const executable = first?.kind === 'function' || first?.kind === 'field' || first?.kind === 'variable'
        if (i > 0 && !executable && first?.kind !== 'pipeline') {
          throw this.#error(`non executable command in pipeline stage ${String(i + 1)}`)
        }
      })
      this.#variables.push(...(assigns ? [] : variables))
      return { at: start, text: this.#textFrom(start), commands, variables, assigns }
    })
  }

  #declaration(context: string): { variables: string[]; assigns: boolean } {
    const begin = this.#at
    const variables: string[] = []
    for (;;) {
      this.#skipSpace()
      if (this.#token.kind !== 'variable') break
      variables.push(this.#take().text)
      this.#skipSpace()
      const { text } = this.#token
      if (text === ':=' || text === '=') {
        this.#take()
        const assigns = text === '='
        const unknown = assigns ? variables.find((name) => !this.#variables.includes(name)) : undefined
        if (unknown !== undefined) throw this.#error(`undefined variable ${quoteText(unknown)}`)
        return { variables, assigns }
      }
      if (text !== ',' || context !== 'range' || variables.length > 1) break
      this.#take()
    }
    this.#at = begin
    return { variables: [], assigns: false }
  }

  #command(context: string): Command {
    const start = this.#token.at
    const operands: Operand[] = []
    for (;;) {
      this.#skipSpace()
      const operand = this.#operand()
      if (operand === undefined) break
      operands.push(operand)
      const { kind, text } = this.#token
      if (kind !== 'space' && kind !== 'end' && text !== '|' && text !== ')') {
        throw this.#error(`unexpected ${this.#describe()} in operand`)
      }
    }
    if (operands.length === 0) {
      const { kind, text } = this.#token
      if (kind === 'end' || text === ')') throw this.#error(`missing value for ${context}`)
      throw this.#error(`unexpected ${this.#describe()} in ${context}`)
    }
    return { at: start, text: this.#textFrom(start), operands }
  }

  #operand(): Operand | undefined {
    const { kind, text, at } = this.#token
    const node = { at, text }
    switch (kind) {
      case 'string':
        this.#take()
        return { ...node, kind: 'literal', value: this.#unquoted(text) }
      case 'char':
        this.#take()
        return { ...node, kind: 'number', ...numbers(BigInt(this.#unquoted(text).codePointAt(0) ?? 0)) }
      case 'number':
        this.#take()
        return this.#number(text, at)
      case 'word':
        this.#take()
        return this.#word(text, at)
      case 'field': {
        const path = this.#path()
        return { at, text: this.#textFrom(at), kind: 'field', path }
      }
      case 'variable': {
        this.#take()
        if (!this.#variables.includes(text)) throw this.#error(`undefined variable ${quoteText(text)}`)
        const path = this.#path()
        return { at, text: this.#textFrom(at), kind: 'variable', name: text, path }
      }
      case 'symbol':
        if (text === '.') {
          this.#take()
          return { ...node, kind: 'dot' }
        }
        return text === '(' ? this.#parens(at) : undefined
      case 'space':
      case 'end':
        return undefined
    }
  }

  #parens(at: number): Operand {
    this.#take()
    const pipeline = this.#pipeline('parenthesized pipeline')
    if (this.#token.text !== ')') throw this.#error(`unclosed left paren`)
    this.#take()
    const path = this.#path()
    return { at, text: this.#textFrom(at), kind: 'pipeline', pipeline, path }
  }

  #path(): string[] {
    const path: string[] = []
    while (this.#token.kind === 'field') path.push(this.#take().text.slice(1))
    return path
  }

  #word(text: string, at: number): Operand {
    if (text === 'true' || text === 'false') return { at, text, kind: 'literal', value: text === 'true' }
    if (text === 'nil') return { at, text, kind: 'literal', value: undefined }
    if (!this.#isFunction(text)) throw this.#error(`function ${quoteText(text)} not defined`)
    return { at, text, kind: 'function', name: text }
  }

  #number(text: string, at: number): Operand {
    const digits = text.replaceAll('_', '')
    const node = { at, text, kind: 'number' } as const
    const sign = digits.startsWith('-') ? -1n : 1n
    const plain = digits.replace(/^[+-]/, '')
    if (/^(?:0[xXoObB].+|\d+)$/.test(plain)) {
      const octal = /^0\d+$/.test(plain)
      if (octal && /[89]/.test(plain)) throw this.#error(`bad number syntax: ${quoteText(text)}`)
      return { ...node, ...numbers(sign * BigInt(octal ? `0o${plain}` : plain)) }
    }
    const float = Number(digits)
    if (Number.isNaN(float)) throw this.#error(`bad number syntax: ${quoteText(text)}`)
    return { ...node, float, integer: Number.isSafeInteger(float) ? BigInt(float) : undefined }
  }

  #unquoted(text: string): string {
    if (!text.startsWith("'")) return unquoteBytes(text)
    return unquoteBytes(`"${text.slice(1, -1).replaceAll('"', '\\"').replaceAll("\\'", "'")}"`)
  }

  #expectEnd(context: string): void {
    this.#skipSpace()
    if (this.#token.kind !== 'end') throw this.#error(`unexpected ${this.#describe()} in ${context}`)
  }

  #describe(): string {
    const { kind, text } = this.#token
    return kind === 'end' ? '"}}"' : kind === 'word' || kind === 'string' ? quoteText(text) : `<${text}>`
  }

  #nested<T>(parse: () => T): T {
    this.#depth += 1
    if (this.#depth > MAX_DEPTH) throw this.#error('template nests too deeply')
    const result = parse()
    this.#depth -= 1
    return result
  }

  get #token(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '', at: this.#template.length }
  }

  #take(): Token {
    const token = this.#token
    this.#at += 1
    return token
  }

  #skipSpace(): void {
    while (this.#token.kind === 'space') this.#at += 1
  }

  #textFrom(start: number): string {
    return this.#template.slice(start, this.#token.at).trim()
  }

  #error(problem: string): AppError {
    return templateError(this.#template, this.#token.at, this.#name, problem)
  }
}

function numbers(integer: bigint): { float: number; integer: bigint } {
  return { integer, float: Number(integer) }
}
