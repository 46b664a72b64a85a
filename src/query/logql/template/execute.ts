import { quoteText } from '../../labels.ts'
import { type CallContext, findFunction, type TemplateContext, type TemplateFunction } from './functions/index.ts'
import { isGoTime } from './go-time.ts'
import type { Action, Command, Operand, Pipeline } from './nodes.ts'
import { TemplateError } from './template-error.ts'
import {
  expectInteger,
  expectString,
  expectTime,
  isList,
  isMap,
  isTrue,
  printValue,
  toFloat,
  typeOf,
  type Value,
} from './values.ts'

/** What one line may cost: characters that are made, and actions that are run. */
const MAX_CHARACTERS = 1_000_000
const MAX_STEPS = 100_000

/** The labels of the line, which `.` is at the top. */
const LABELS = Symbol('labels')
type Dot = Value | typeof LABELS

type Flow = 'next' | 'break' | 'continue'

interface Variable {
  readonly name: string
  value: Dot
}

/** One run of a template over one line. Throws TemplateError. */
export class Execution {
  readonly #context: CallContext
  readonly #where: (at: number, text: string) => string
  readonly #variables: Variable[] = [{ name: '$', value: LABELS }]
  #output = ''
  #steps = 0
  #characters = 0

  constructor(context: TemplateContext, where: (at: number, text: string) => string) {
    this.#where = where
    this.#context = {
      ...context,
      now: () => ({ kind: 'time', ns: BigInt(Date.now()) * 1_000_000n, zone: 'UTC' }),
      spend: (characters) => {
        this.#spend(characters)
      },
    }
  }

  run(actions: readonly Action[]): string {
    this.#list(actions, LABELS)
    return this.#output
  }

  #spend(characters: number): void {
    this.#characters += characters
    if (this.#characters > MAX_CHARACTERS) {
      throw new TemplateError(`the template makes more than ${String(MAX_CHARACTERS)} characters of one line`)
    }
  }

  #write(text: string): void {
    this.#spend(text.length)
    this.#output += text
  }

  #list(actions: readonly Action[], dot: Dot): Flow {
    for (const action of actions) {
      const flow = this.#action(action, dot)
      if (flow !== 'next') return flow
    }
    return 'next'
  }

  #action(action: Action, dot: Dot): Flow {
    this.#steps += 1
    if (this.#steps > MAX_STEPS) throw new TemplateError(`the template takes more than ${String(MAX_STEPS)} steps`)
    switch (action.kind) {
      case 'text':
        this.#write(action.text)
        return 'next'
      case 'break':
      case 'continue':
        return action.kind
      case 'print': {
        const value = this.#pipeline(action.pipeline, dot)
        if (action.pipeline.variables.length === 0) this.#write(this.#printed(value))
        return 'next'
      }
      case 'if':
      case 'with':
      case 'range':
        return this.#scoped(() => this.#control(action, dot))
    }
  }

  #control(action: Extract<Action, { kind: 'if' | 'with' | 'range' }>, dot: Dot): Flow {
    if (action.kind === 'range') return this.#range(action, dot)
    const value = this.#pipeline(action.pipeline, dot)
    if (value !== LABELS && !isTrue(value)) return this.#list(action.otherwise, dot)
    return this.#list(action.then, action.kind === 'with' ? value : dot)
  }

  #range(action: Extract<Action, { kind: 'range' | 'if' | 'with' }>, dot: Dot): Flow {
    const { pipeline, then, otherwise } = action
    const value = this.#pipeline({ ...pipeline, variables: [] }, dot)
    let some = false
    for (const [key, item] of this.#itemsOf(value, pipeline)) {
      some = true
      const flow = this.#scoped(() => {
        const [first, second] = pipeline.variables
        if (first !== undefined) this.#declare(pipeline, first, second === undefined ? item : key)
        if (second !== undefined) this.#declare(pipeline, second, item)
        return this.#list(then, item)
      })
      if (flow === 'break') break
    }
    return some ? 'next' : this.#list(otherwise, dot)
  }

  *#itemsOf(value: Dot, { at, text }: Pipeline): Generator<readonly [Value, Value]> {
    if (value === undefined) return
    if (value !== LABELS && isList(value)) {
      for (const [i, item] of value.entries()) yield [BigInt(i), item]
    } else if (value !== LABELS && isMap(value)) {
      for (const [key, item] of [...value].sort(([a], [b]) => (a < b ? -1 : 1))) yield [key, item]
    } else if (typeof value === 'bigint') {
      for (let i = 0n; i < value; i++) yield [i, i]
    } else {
      throw this.#error(at, text, `range can't iterate over ${value === LABELS ? 'labels' : printValue(value)}`)
    }
  }

  #scoped<T>(run: () => T): T {
    const known = this.#variables.length
    const result = run()
    this.#variables.length = known
    return result
  }

  #declare({ assigns }: Pipeline, name: string, value: Dot): void {
    const known = assigns ? this.#variables.findLast((variable) => variable.name === name) : undefined
    if (known === undefined) this.#variables.push({ name, value })
    else known.value = value
  }

  #printed(value: Dot): string {
    return value === LABELS ? 'map[]' : printValue(value)
  }

  #pipeline(pipeline: Pipeline, dot: Dot): Dot {
    let value: Dot | undefined
    pipeline.commands.forEach((command, i) => {
      value = this.#command(command, dot, i === 0 ? [] : [value])
    })
    const [name] = pipeline.variables
    if (name !== undefined) this.#declare(pipeline, name, value)
    return value
  }

  #command(command: Command, dot: Dot, last: readonly Dot[]): Dot {
    const [first, ...rest] = command.operands
    if (first === undefined) return undefined
    if (first.kind === 'function') return this.#call(first.name, rest, command, dot, last)
    if (rest.length > 0 || last.length > 0) {
      throw this.#error(first.at, first.text, `can't give argument to non-function ${first.text}`)
    }
    if (first.kind === 'literal' && first.value === undefined) {
      throw this.#error(first.at, first.text, 'nil is not a command')
    }
    return this.#operand(first, dot)
  }

  #operand(operand: Operand, dot: Dot): Dot {
    switch (operand.kind) {
      case 'literal':
        return operand.value
      case 'number':
        return operand.integer !== undefined && !/[.eEpP]/.test(operand.text.replace(/^[+-]?0[xX].*/, ''))
          ? operand.integer
          : operand.float
      case 'dot':
        return dot
      case 'field':
        return this.#fields(dot, operand)
      case 'variable':
        return this.#fields(this.#variables.findLast(({ name }) => name === operand.name)?.value, operand)
      case 'pipeline':
        return this.#fields(this.#pipeline(operand.pipeline, dot), operand)
      case 'function':
        return this.#call(operand.name, [], { at: operand.at, text: operand.text, operands: [] }, dot, [])
    }
  }

  #fields(start: Dot, { path, at, text }: { path: readonly string[]; at: number; text: string }): Dot {
    let value = start
    for (const name of path) {
      if (value === LABELS) value = this.#context.label(name) ?? ''
      else if (isMap(value)) value = value.get(name)
      else if (value === undefined) throw this.#error(at, text, `nil data; no entry for key ${quoteText(name)}`)
      else
        throw this.#error(
          at + Math.max(0, text.lastIndexOf(`.${name}`)),
          text,
          `can't evaluate field ${name} in type ${typeOf(value)}`,
        )
    }
    return value
  }

  #call(name: string, operands: readonly Operand[], command: Command, dot: Dot, last: readonly Dot[]): Dot {
    if (name === 'and' || name === 'or') return this.#shortCircuit(name, operands, dot, last)
    const found = findFunction(name)
    if (found === undefined) throw this.#error(command.at, command.text, `${quoteText(name)} is not a defined function`)
    const given = operands.length + last.length
    const { parameters, variadic } = found
    if (given < parameters.length || (variadic === undefined && given > parameters.length)) {
      const want = variadic === undefined ? '' : 'at least '
      throw this.#error(
        command.at,
        name,
        `wrong number of args for ${name}: want ${want}${String(parameters.length)} got ${String(given)}`,
      )
    }
    const args = [
      ...operands.map((operand, i) => this.#argument(operand, found, i, dot)),
      ...last.map((value, i) => this.#check(value, found, operands.length + i, command)),
    ]
    try {
      return found.call(args, this.#context)
    } catch (reason) {
      if (!(reason instanceof TemplateError) || reason.message.startsWith('template: ')) throw reason
      throw this.#error(command.at, command.text, reason.message)
    }
  }

  #argument(operand: Operand, found: TemplateFunction, index: number, dot: Dot): Value {
    const wanted = found.parameters[index] ?? found.variadic
    if (operand.kind === 'number' && wanted === 'float') return operand.float
    if (operand.kind === 'number' && wanted === 'int' && operand.integer !== undefined) return operand.integer
    if (operand.kind === 'number' && wanted === 'string') {
      throw this.#error(operand.at, operand.text, `expected string; found ${operand.text}`)
    }
    if (operand.kind === 'literal' && wanted === 'time') {
      throw this.#error(operand.at, operand.text, `can't handle ${operand.text} for arg of type time.Time`)
    }
    return this.#check(this.#operand(operand, dot), found, index, operand)
  }

  #check(value: Dot, found: TemplateFunction, index: number, node: { at: number; text: string }): Value {
    if (value === LABELS) throw this.#error(node.at, node.text, 'the labels cannot be an argument')
    try {
      switch (found.parameters[index] ?? found.variadic) {
        case 'string':
          return expectString(value)
        case 'int':
          expectInteger(value)
          return value
        case 'time':
          return isGoTime(value) ? value : expectTime(value)
        case 'float':
          return typeof value === 'bigint' ? toFloat(value) : value
        case 'any':
        case undefined:
          break
      }
      return value
    } catch (reason) {
      if (!(reason instanceof TemplateError)) throw reason
      throw this.#error(node.at, node.text, reason.message)
    }
  }

  /** The first that decides, or the last. */
  #shortCircuit(name: 'and' | 'or', operands: readonly Operand[], dot: Dot, last: readonly Dot[]): Dot {
    let value: Dot
    for (const operand of operands) {
      value = this.#operand(operand, dot)
      if ((value === LABELS || isTrue(value)) === (name === 'or')) return value
    }
    return last.length > 0 ? last[0] : value
  }

  #error(at: number, text: string, problem: string): TemplateError {
    return new TemplateError(`${this.#where(at, text)}: ${problem}`)
  }
}
