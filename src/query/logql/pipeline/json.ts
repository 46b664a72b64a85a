import { JsonError, jsonText, type JsonValue, readObject } from './json-scanner.ts'
import { PARSED } from './label-set.ts'
import { createNameCache } from './sanitize.ts'
import type { FieldNeeds, LineState, StageFunction } from './stage.ts'

export const JSON_ERROR = 'JSONParserErr'

/** `| json`: all fields that are no arrays as labels, the names of objects before those of their fields. */
export function createJsonStage(needs: FieldNeeds): StageFunction {
  if (needs.none) return () => true
  const parser = new JsonFields(needs)
  return (state) => {
    parser.parse(state)
    return true
  }
}

/** Deeper objects are left out: what reads them recurses. */
const MAX_DEPTH = 128

class JsonFields {
  readonly #needs: FieldNeeds
  readonly #sanitize = createNameCache()
  #state: LineState | undefined
  /** Names that are still to be found before the rest of the line can be left alone. */
  #missing = 0

  constructor(needs: FieldNeeds) {
    this.#needs = needs
  }

  parse(state: LineState): void {
    this.#state = state
    this.#missing = this.#needs.errors ? Infinity : (this.#needs.names?.size ?? Infinity)
    const { line, labels } = state
    try {
      this.#object(line, 0, line.length, '', 0)
    } catch (reason) {
      if (!(reason instanceof JsonError)) throw reason
      labels.fail(JSON_ERROR, reason.message)
    }
  }

  #object(line: string, start: number, end: number, prefix: string, depth: number): boolean {
    return readObject(line, start, end, (key, value) => {
      const part = this.#sanitize(key, prefix === '')
      if (part === '' && prefix === '') return 'next'
      const name = prefix === '' ? part : `${prefix}_${part}`
      if (value.type === 'object') {
        if (depth >= MAX_DEPTH || !this.#mayHold(name)) return 'next'
        return this.#object(line, value.start, value.end, name, depth + 1) ? 'next' : 'stop'
      }
      return this.#field(line, name, value)
    })
  }

  /** Whether a field within an object of that name can be needed. */
  #mayHold(name: string): boolean {
    const { names } = this.#needs
    if (names === undefined) return true
    for (const needed of names) if (needed.startsWith(`${name}_`)) return true
    return false
  }

  #field(line: string, field: string, value: JsonValue): 'next' | 'stop' {
    const state = this.#state
    if (state === undefined || value.type === 'array' || value.type === 'null') return 'next'
    const { labels } = state
    const name = labels.fieldName(field)
    if (this.#needs.names?.has(name) === false || labels.isParsed(name)) return 'next'
    const raw = line.slice(value.start, value.end)
    labels.set(PARSED, name, value.type === 'string' ? jsonText(raw) : raw)
    this.#missing -= 1
    return this.#missing > 0 ? 'next' : 'stop'
  }
}
