import { printLabelName, quoteText } from '../../labels.ts'
import { AGGREGATORS, ARITHMETIC_OPERATORS, COMPARISON_OPERATORS, SET_OPERATORS, TRIM_OPERATORS } from '../ast.ts'
import type { PromqlFeatures } from '../features.ts'
import type { FunctionSignature } from '../functions/function.ts'
import { Choices } from './choices.ts'
import { generateDuration } from './generate-duration.ts'
import type { Vocabulary } from './vocabulary.ts'

export interface GeneratorOptions {
  /** Numbers in [0, 1). */
  readonly random: () => number
  readonly vocabulary: Vocabulary
  readonly features: PromqlFeatures
  /** The functions that may be called, by name. */
  readonly functions: ReadonlyMap<string, FunctionSignature>
  /** How deep expressions nest at most. By default 4. */
  readonly depth?: number
}

export interface QueryGenerator {
  /** A query that parses and type-checks: of any type, most often a vector. */
  query(): string
  /** One of that type. */
  ofType(type: 'scalar' | 'vector' | 'matrix' | 'string'): string
}

/** Makes random valid queries of every construct of the language; the same for the same random numbers. */
export function createQueryGenerator(options: GeneratorOptions): QueryGenerator {
  const generator = new Generator(options)
  const depth = options.depth ?? 4
  const ofType: QueryGenerator['ofType'] = (type) => {
    switch (type) {
      case 'scalar':
        return generator.scalar(depth).text
      case 'vector':
        return generator.vector(depth).text
      case 'matrix':
        return generator.matrix(depth)
      case 'string':
        return generator.text()
    }
  }
  const choices = new Choices(options.random)
  const query = (): string =>
    ofType(choices.pick(['vector', 'vector', 'vector', 'vector', 'scalar', 'matrix', 'string']))
  return { query, ofType }
}

/**
 * A piece of a query. `tight` can stand anywhere; `vectors` is operators between vectors, which may be bracketed in any
 * way; `mixed` has scalars in it, so that its types depend on how it is bracketed.
 */
interface Piece {
  readonly text: string
  readonly binds: 'tight' | 'vectors' | 'mixed'
}

class Generator {
  readonly #choices: Choices
  readonly #vocabulary: Vocabulary
  readonly #features: PromqlFeatures
  readonly #functions: readonly (readonly [string, FunctionSignature])[]

  constructor({ random, vocabulary, features, functions }: GeneratorOptions) {
    this.#choices = new Choices(random)
    this.#vocabulary = vocabulary
    this.#features = features
    this.#functions = [...functions].filter(
      ([, { experimental }]) => experimental !== true || features.has('promql-experimental-functions'),
    )
  }

  vector(depth: number): Piece {
    if (depth <= 0) return this.#selector()
    return this.#choices.weighted<Piece>([
      [3, () => this.#selector()],
      [4, () => tight(this.#call('vector', depth))],
      [4, () => tight(this.#aggregation(depth))],
      [3, () => this.#vectorBinary(depth)],
      [2, () => this.#mixedBinary(depth)],
      [1, () => tight(`(${this.#space()}${this.vector(depth - 1).text}${this.#space()})`)],
      [1, () => ({ text: `${this.#sign()}${operand(this.vector(depth - 1))}`, binds: 'vectors' })],
    ])
  }

  scalar(depth: number): Piece {
    if (depth <= 0) return tight(this.#number())
    return this.#choices.weighted<Piece>([
      [4, () => tight(this.#number())],
      [1, () => tight(this.#call('scalar', depth))],
      [1, () => tight(`(${this.scalar(depth - 1).text})`)],
      [1, () => ({ text: `${this.#sign()}${operand(this.scalar(depth - 1))}`, binds: 'mixed' })],
      [2, () => this.#scalarBinary(depth)],
    ])
  }

  matrix(depth: number): string {
    if (depth > 0 && this.#choices.chance(0.4)) {
      const step = this.#choices.chance(0.5) ? this.#range(true) : ''
      const inner = this.vector(depth - 1)
      const text = inner.binds === 'tight' ? inner.text : `(${inner.text})`
      return `${text}[${this.#range(false)}:${step}]${this.#times(false).text}`
    }
    const range = `[${this.#space()}${this.#range(false)}${this.#space()}]`
    return this.#matchers() + range + this.#extension() + this.#times(false).text
  }

  text(): string {
    const value = this.#choices.pick(Object.values(this.#vocabulary.labels).flat())
    return this.#quote(value)
  }

  #call(returns: 'scalar' | 'vector', depth: number): string {
    const [name, signature] = this.#choices.pick(this.#functions.filter(([, other]) => other.returns === returns))
    if (name === 'info')
      return `info(${this.vector(depth - 1).text}${this.#choices.chance(0.5) ? `, ${this.#braces(0)}` : ''})`
    const { args, variadic } = signature
    const required = variadic === 0 ? args.length : args.length - 1
    const more = variadic === 0 ? 0 : this.#choices.below(variadic < 0 ? 3 : Math.min(variadic, 3) + 1)
    const given = Array.from({ length: required + more }, (_, i) => {
      const type = args[Math.min(i, args.length - 1)]
      if (type === 'scalar') return this.scalar(depth - 1).text
      if (type === 'string') return this.text()
      return type === 'matrix' ? this.matrix(depth - 1) : this.vector(depth - 1).text
    })
    return `${name}${this.#space()}(${given.join(`,${this.#space()}`)})`
  }

  #aggregation(depth: number): string {
    const trial = this.#features.has('promql-experimental-functions')
    const operators = AGGREGATORS.filter((name) => trial || !name.startsWith('limit'))
    const operator = this.#choices.pick(operators)
    const inner = this.vector(depth - 1).text
    const takesNumber = ['topk', 'bottomk', 'quantile', 'limitk', 'limit_ratio'].includes(operator)
    const parameter = operator === 'count_values' ? `${this.text()}, ` : takesNumber ? `${this.scalar(1).text}, ` : ''
    const word = this.#word(operator)
    const args = `(${parameter}${inner})`
    if (this.#choices.chance(0.3)) return word + args
    const clause = `${this.#word(this.#choices.pick(['by', 'without']))} ${this.#labelList()}`
    return this.#choices.chance(0.5) ? `${word} ${clause} ${args}` : `${word}${args} ${clause}`
  }

  #vectorBinary(depth: number): Piece {
    const [left, right] = [this.vector(depth - 1), this.vector(depth - 1)]
    const operator = this.#choices.pick([
      ...ARITHMETIC_OPERATORS,
      ...COMPARISON_OPERATORS,
      ...SET_OPERATORS,
      ...SET_OPERATORS,
      ...TRIM_OPERATORS,
    ])
    const isSet = SET_OPERATORS.some((other) => other === operator)
    const [first, second] = [operand(left), operand(right)]
    const modifiers = this.#bool(operator) + this.#matching(isSet, second)
    return { text: `${first} ${this.#word(operator)}${modifiers} ${second}`, binds: 'vectors' }
  }

  #matching(isSet: boolean, right: string): string {
    const on = this.#choices.chance(0.4)
    const fill = isSet ? '' : this.#fill()
    if (!on && !this.#choices.chance(0.3)) return fill
    const labels = this.#choices.some(Object.keys(this.#vocabulary.labels))
    const clause = ` ${this.#word(on ? 'on' : 'ignoring')} (${labels.map(printLabelName).join(', ')})`
    if (isSet || this.#choices.chance(0.6)) return clause + fill
    const others = Object.keys(this.#vocabulary.labels).filter((label) => !labels.includes(label))
    const side = this.#word(this.#choices.pick(['group_left', 'group_right']))
    const include = this.#choices.some(others)
    // Parentheses behind the word would be taken for its labels.
    const leavesOut = !/^\s*\(/.test(fill + right) && this.#choices.chance(0.3)
    return `${clause} ${side}${leavesOut ? '' : ` (${include.map(printLabelName).join()})`}${fill}`
  }

  #fill(): string {
    if (!this.#features.has('promql-binop-fill-modifiers') || this.#choices.chance(0.7)) return ''
    const value = (): string => `(${this.#choices.chance(0.3) ? '-' : ''}${this.#number()})`
    return this.#choices.pick([
      ` fill ${value()}`,
      ` fill_left${value()}`,
      ` fill_right ${value()}`,
      ` fill_left ${value()} fill_right${value()}`,
      ` fill_right ${value()} fill_left ${value()}`,
    ])
  }

  #mixedBinary(depth: number): Piece {
    const operator = this.#choices.pick([...ARITHMETIC_OPERATORS, ...COMPARISON_OPERATORS])
    const vector = operand(this.vector(depth - 1), true)
    const scalar = operand(this.scalar(depth - 1), true)
    const middle = ` ${this.#word(operator)}${this.#bool(operator)} `
    return { text: this.#choices.chance(0.5) ? vector + middle + scalar : scalar + middle + vector, binds: 'mixed' }
  }

  #scalarBinary(depth: number): Piece {
    const operator = this.#choices.pick([...ARITHMETIC_OPERATORS, ...COMPARISON_OPERATORS])
    const bool = COMPARISON_OPERATORS.some((other) => other === operator) ? ' bool' : ''
    const [left, right] = [this.scalar(depth - 1), this.scalar(depth - 1)]
    return { text: `${left.text} ${operator}${bool} ${right.text}`, binds: 'mixed' }
  }

  #bool(operator: string): string {
    const compares = COMPARISON_OPERATORS.some((other) => other === operator)
    return compares && this.#choices.chance(0.3) ? ` ${this.#word('bool')}` : ''
  }

  #selector(): Piece {
    const times = this.#times(true)
    const text = this.#matchers() + this.#extension() + times.text
    return tight(times.open ? `(${text})` : text)
  }

  /** A name, matchers in braces, or both, so that not everything is selected. */
  #matchers(): string {
    return this.#choices.weighted([
      [3, () => this.#choices.pick(this.#vocabulary.metrics)],
      [3, () => this.#choices.pick(this.#vocabulary.metrics) + this.#space() + this.#braces(0)],
      [1, () => this.#braces(1)],
    ])
  }

  #braces(needed: 0 | 1): string {
    const matchers = this.#choices.some(Object.keys(this.#vocabulary.labels)).map((label) => {
      const operator = this.#choices.pick(['=', '!=', '=~', '!~'])
      const values = operator.endsWith('~') ? this.#vocabulary.regexps : this.#vocabulary.labels[label]
      const value = this.#choices.pick(values ?? [''])
      return `${this.#labelName(label)}${this.#space()}${operator}${this.#space()}${this.#quote(value)}`
    })
    if (needed === 1) {
      const metric = this.#quote(this.#choices.pick(this.#vocabulary.metrics))
      matchers.push(this.#choices.chance(0.5) ? metric : `__name__=${metric}`)
    }
    const comma = matchers.length > 0 && this.#choices.chance(0.1) ? ',' : ''
    return `{${matchers.join(`,${this.#space()}`)}${comma}}`
  }

  #extension(): string {
    if (!this.#features.has('promql-extended-range-selectors') || this.#choices.chance(0.8)) return ''
    return ` ${this.#word(this.#choices.pick(['anchored', 'smoothed']))}`
  }

  /** `offset` and `@`. `open` says that an operator behind them would go on with the offset. */
  #times(mayBeOpen: boolean): { readonly text: string; readonly open: boolean } {
    if (this.#choices.chance(0.6)) return { text: '', open: false }
    const duration = this.#durationOf('offset')
    const offset = ` ${this.#word('offset')} ${duration}`
    const at = ` @ ${this.#choices.pick([...this.#vocabulary.times, 'start()', 'end()'])}`
    const open = mayBeOpen && !/^-?[\w.]+$/.test(duration)
    return this.#choices.weighted([
      [2, () => ({ text: offset, open })],
      [1, () => ({ text: at, open: false })],
      [1, () => ({ text: at + offset, open })],
      [1, () => ({ text: offset + at, open: false })],
    ])
  }

  #range(isStep: boolean): string {
    return this.#durationOf(isStep ? 'step' : 'range')
  }

  #durationOf(place: 'range' | 'step' | 'offset'): string {
    const duration = this.#choices.pick(this.#vocabulary.durations)
    const sign = place === 'offset' && this.#choices.chance(0.3) ? '-' : ''
    if (!this.#features.has('promql-duration-expr') || this.#choices.chance(0.6)) return sign + duration
    return generateDuration(this.#choices, this.#vocabulary.durations, place)
  }

  #labelList(): string {
    const labels = this.#choices.some(Object.keys(this.#vocabulary.labels)).map((label) => this.#labelName(label))
    return `(${labels.join(', ')}${labels.length > 0 && this.#choices.chance(0.1) ? ',' : ''})`
  }

  #labelName(label: string): string {
    const printed = printLabelName(label)
    return this.#choices.chance(0.1) ? quoteText(label) : printed
  }

  #number(): string {
    return this.#choices.pick([
      ...['0', '1', '2', '0.5', '.25', '3.', '1e3', '1.5e-3', '2E+2', '0x1F', '0X_ff', '017', '1_000', '08', '1e-7'],
      ...['Inf', 'inf', 'NaN', 'nan', '5m', '1h30m', '100ms', '1e21'],
    ])
  }

  #quote(value: string): string {
    const quoted = quoteText(value)
    if (this.#choices.chance(0.7)) return quoted
    if (this.#choices.chance(0.5) && !value.includes('`')) return `\`${value}\``
    return `'${quoted.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
  }

  #word(word: string): string {
    return this.#choices.chance(0.1) ? word.toUpperCase() : word
  }

  #sign(): string {
    return this.#choices.pick(['-', '-', '+']) + this.#space()
  }

  #space(): string {
    return this.#choices.chance(0.85) ? '' : this.#choices.pick([' ', '  ', '\n', '\t'])
  }
}

function tight(text: string): Piece {
  return { text, binds: 'tight' }
}

/** The piece as an operand; among scalars operators between vectors need parentheses, too. */
function operand({ text, binds }: Piece, amongScalars = false): string {
  return binds === 'tight' || (binds === 'vectors' && !amongScalars) ? text : `(${text})`
}
