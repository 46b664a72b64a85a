const SELECTORS = ['{a="b"}', '{a=~"b.+", c!="d"}', '{job="loki", instance="localhost", namespace="default"}']
const STAGES = [
  ...['| json', '| json a="b", c', '| logfmt', '| logfmt --strict a', '| logfmt --strict --keep-empty a="b",c="d"'],
  ...['| pattern "<a> <_>"', '| regexp `(?P<x>y)`', '| unpack', '|= "x"', '!= "x" or "y"', '|~ `a.*`', '!~ "b+"'],
  ...['|= "x" or "y" or ip("1.2.3.4")', '|> "<_> x"', '!> "y <_>"', '| x="y"', '| x=~"y.*" or z!="w"', '| x>5'],
  ...['| x<=-2.5', '| x>=1h30m', '| x<1.5KiB', '| x=ip("1.2.3.4")', '| (a="b" or c="d") and e="f"', '| a="b", c="d"'],
  ...['| line_format "{{.x}} \\"q\\" y"', '| label_format a=b,c="{{.d}}"', '| drop a,b="c"', '| keep x!="y"'],
  ...['| decolorize'],
]
const RANGES = ['[5m]', '[1h30m]', '[1w]', '[30s] offset 5m', '[1d] offset -1h']
const COUNTS = ['rate', 'count_over_time', 'bytes_rate', 'bytes_over_time', 'absent_over_time']
const VALUES = ['avg_over_time', 'min_over_time', 'max_over_time', 'stddev_over_time', 'first_over_time']
const UNWRAPS = ['| unwrap x', '| unwrap duration(x)', '| unwrap bytes(x) | __error__=""']
const GROUPINGS = ['', ' by (a)', ' by (a,b)', ' without (a)', ' without ()', ' by ()']
const AGGREGATIONS = ['sum', 'avg', 'count', 'max', 'min', 'stddev', 'stdvar']
const OPERATORS = ['+', '-', '*', '/', '%', '^', '==', '!=', '>', '>=', '<', '<=', 'and', 'or', 'unless']
const MODIFIERS = [
  '',
  '',
  ' bool',
  ' on (a)',
  ' ignoring (a,b)',
  ' on (a) group_left (b)',
  ' ignoring (a) group_right ()',
]

/** A query of the language, the same for the same seed. */
export function randomQuery(seed: number): string {
  return new Generator(seed).query()
}

class Generator {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  query(): string {
    return this.#next() < 0.4 ? this.#logs() : this.#metric(3)
  }

  #logs(): string {
    const stages = Array.from({ length: Math.floor(this.#next() * 5) }, () => this.#pick(STAGES))
    return [this.#pick(SELECTORS), ...stages].join(' ')
  }

  #range(): string {
    if (this.#next() < 0.6) return `${this.#pick(COUNTS)}(${this.#logs()} ${this.#pick(RANGES)})`
    const inner = `${this.#logs()} ${this.#pick(UNWRAPS)} ${this.#pick(RANGES)}`
    return `${this.#pick(VALUES)}(${inner})${this.#pick(GROUPINGS)}`
  }

  #metric(depth: number): string {
    const choice = this.#next()
    if (depth === 0 || choice < 0.3) return this.#range()
    if (choice < 0.5) return `${this.#pick(AGGREGATIONS)}${this.#pick(GROUPINGS)}(${this.#metric(depth - 1)})`
    if (choice < 0.6) return `topk(${this.#pick(['1', '5'])}, ${this.#metric(depth - 1)})`
    if (choice < 0.7) return `label_replace(${this.#metric(depth - 1)}, "a", "$1", "b", "(.*)")`
    if (choice < 0.75) return 'vector(1.5)'
    const operator = this.#pick(OPERATORS) + this.#pick(MODIFIERS)
    return `(${this.#metric(depth - 1)}) ${operator} (${this.#metric(depth - 1)})`
  }

  #pick(choices: readonly string[]): string {
    return choices[Math.floor(this.#next() * choices.length)] ?? ''
  }

  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
