/** A series, or a single number: one value without times. */
export interface Quantities {
  readonly labels: Readonly<Record<string, string>>
  readonly name: string
  readonly values: readonly (number | null)[]
  /** Undefined for a single number. */
  readonly timesMs: readonly number[] | undefined
}

type Set = readonly Quantities[]
type Binary = (a: number, b: number) => number

const truth = (holds: boolean): number => (holds ? 1 : 0)
const BINARY: readonly Readonly<Record<string, Binary>>[] = [
  { '||': (a, b) => truth(a !== 0 || b !== 0) },
  { '&&': (a, b) => truth(a !== 0 && b !== 0) },
  {
    '==': (a, b) => truth(a === b),
    '!=': (a, b) => truth(a !== b),
    '<=': (a, b) => truth(a <= b),
    '>=': (a, b) => truth(a >= b),
    '<': (a, b) => truth(a < b),
    '>': (a, b) => truth(a > b),
  },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  { '*': (a, b) => a * b, '/': (a, b) => a / b, '%': (a, b) => a % b },
  { '**': (a, b) => a ** b },
]

const FUNCTIONS: Readonly<Record<string, (value: number | null) => number | null>> = {
  abs: (value) => (value === null ? null : Math.abs(value)),
  ceil: (value) => (value === null ? null : Math.ceil(value)),
  floor: (value) => (value === null ? null : Math.floor(value)),
  log: (value) => (value === null ? null : Math.log(value)),
  round: (value) => (value === null ? null : Math.round(value)),
  is_nan: (value) => truth(value !== null && Number.isNaN(value)),
  is_null: (value) => truth(value === null),
  is_number: (value) => truth(value !== null && Number.isFinite(value)),
  is_inf: (value) => truth(value !== null && Math.abs(value) === Number.POSITIVE_INFINITY),
}

/** An expression that cannot be read; the message says where. */
export class MathError extends Error {}

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\$\{([^}]+)\}|\$(\w+)|([a-z_]+)|(\|\||&&|==|!=|<=|>=|\*\*|[-+*/%<>!()]))/y
const MOST_DEPTH = 100

/** Grafana's math: `$A / ($B + 1) > 0.5`. Series are paired by their labels, numbers go with all. */
export function calculate(text: string, sets: ReadonlyMap<string, Set>): Set {
  const reader = new Reader(text, sets)
  return reader.whole()
}

class Reader {
  readonly #tokens: readonly RegExpExecArray[]
  readonly #sets: ReadonlyMap<string, Set>
  #at = 0
  #depth = 0

  constructor(text: string, sets: ReadonlyMap<string, Set>) {
    this.#sets = sets
    const tokens: RegExpExecArray[] = []
    TOKEN.lastIndex = 0
    while (text.slice(TOKEN.lastIndex).trim() !== '') {
      const from = TOKEN.lastIndex
      const token = TOKEN.exec(text)
      if (token === null)
        throw new MathError(`The expression is not understood from “${text.slice(from, from + 20)}” on.`)
      tokens.push(token)
    }
    this.#tokens = tokens
  }

  whole(): Set {
    const set = this.#level(0)
    if (this.#at < this.#tokens.length) throw new MathError(`“${this.#now() ?? ''}” does not belong there.`)
    return set
  }

  #now(): string | undefined {
    return this.#tokens[this.#at]?.[0].trim()
  }

  #level(level: number): Set {
    const operators = BINARY[level]
    if (operators === undefined) return this.#unary()
    let left = this.#level(level + 1)
    for (let name = this.#now(); name !== undefined && Object.hasOwn(operators, name); name = this.#now()) {
      this.#at += 1
      // Powers are read from the right.
      const right = level === BINARY.length - 1 ? this.#level(level) : this.#level(level + 1)
      const operate = operators[name]
      if (operate !== undefined) left = combine(left, right, operate)
    }
    return left
  }

  #unary(): Set {
    this.#depth += 1
    if (this.#depth > MOST_DEPTH) throw new MathError('The expression is nested too deep.')
    const sign = this.#now()
    let set: Set
    if (sign === '-' || sign === '!') {
      this.#at += 1
      const inner = this.#unary()
      set = inner.map((one) =>
        mapped(one, (value) => (value === null ? null : sign === '-' ? -value : truth(value === 0))),
      )
    } else set = this.#operand()
    this.#depth -= 1
    return set
  }

  #operand(): Set {
    const token = this.#tokens[this.#at]
    if (token === undefined) throw new MathError('The expression ends too early.')
    this.#at += 1
    const [, number, braced, plain, word] = token
    if (number !== undefined) return [{ labels: {}, name: '', values: [Number(number)], timesMs: undefined }]
    const refId = braced ?? plain
    if (refId !== undefined) {
      const set = this.#sets.get(refId)
      if (set === undefined) throw new MathError(`There is no query “${refId}”.`)
      return set
    }
    if (word !== undefined) return this.#call(word)
    if (token[0].trim() !== '(') throw new MathError(`“${token[0].trim()}” does not belong there.`)
    return this.#inside()
  }

  #call(name: string): Set {
    const apply = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined
    if (apply === undefined || this.#now() !== '(') throw new MathError(`The function ${name} is not known here.`)
    this.#at += 1
    return this.#inside().map((one) => mapped(one, apply))
  }

  #inside(): Set {
    const set = this.#level(0)
    if (this.#now() !== ')') throw new MathError('A parenthesis is not closed.')
    this.#at += 1
    return set
  }
}

function mapped(one: Quantities, apply: (value: number | null) => number | null): Quantities {
  return { ...one, values: one.values.map(apply) }
}

function combine(left: Set, right: Set, operate: Binary): Set {
  return left.flatMap((a) =>
    right.filter((b) => left.length * right.length === 1 || fit(a, b)).map((b) => pair(a, b, operate)),
  )
}

/** Labels of one are all among those of the other. */
function fit(a: Quantities, b: Quantities): boolean {
  const within = (small: Quantities, large: Quantities): boolean =>
    Object.entries(small.labels).every(([name, value]) => large.labels[name] === value)
  return within(a, b) || within(b, a)
}

function pair(a: Quantities, b: Quantities, operate: Binary): Quantities {
  const wide = Object.keys(a.labels).length >= Object.keys(b.labels).length ? a : b
  const timed = a.timesMs === undefined ? b : a
  const other = timed === a ? b : a
  const byTime = new Map((other.timesMs ?? []).map((at, row) => [at, other.values[row] ?? null]))
  const valueOf = (row: number): number | null =>
    other.timesMs === undefined ? (other.values[0] ?? null) : (byTime.get(timed.timesMs?.[row] ?? 0) ?? null)
  return {
    labels: wide.labels,
    name: wide.name,
    timesMs: timed.timesMs,
    values: timed.values.map((value, row) => {
      const second = valueOf(row)
      if (value === null || second === null) return null
      return timed === a ? operate(value, second) : operate(second, value)
    }),
  }
}
