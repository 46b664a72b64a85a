import { AppError } from '../../../core/index.ts'
import type { Extraction } from '../ast.ts'
import { parseJsonPath, type PathStep } from './json-path.ts'
import { JSON_ERROR } from './json.ts'
import { JsonError, jsonText, type JsonValue, readObject, readValue, skipSpace } from './json-scanner.ts'
import { PARSED } from './label-set.ts'
import type { FieldNeeds, StageFunction } from './stage.ts'

/** `| json first="servers[0]"`: only what stands at these places; what is not there is ''. */
export function createJsonExpressionsStage(extractions: readonly Extraction[], needs: FieldNeeds): StageFunction {
  const wanted = extractions.map(({ name, expression }) => ({ name, path: parseJsonPath(expression) }))
  if (needs.none) return () => true
  return ({ line, labels }) => {
    if (line === '') return true
    const start = skipSpace(line, 0, line.length)
    if (line[start] !== '{' && line[start] !== '[') {
      // Details of an error before it stay, as in Loki.
      labels.error = JSON_ERROR
      return true
    }
    for (const { name, path } of wanted) {
      const field = labels.fieldName(name)
      if (needs.names?.has(field) === false) continue
      const value = findValue(line, path)
      // What a stage before made of the name stays.
      if (value !== undefined) labels.set(PARSED, field, textOf(line, value))
      else if (labels.get(name) === undefined) labels.set(PARSED, name, '')
    }
    return true
  }
}

function textOf(line: string, { type, start, end }: JsonValue): string {
  const raw = line.slice(start, end)
  if (type === 'null') return ''
  return type === 'string' ? jsonText(raw) : raw
}

/** The first value at the path; undefined where the line has none, or cannot be read so far. */
function findValue(line: string, path: readonly PathStep[]): JsonValue | undefined {
  try {
    const start = skipSpace(line, 0, line.length)
    // The line need not be whole: what stands before a break can be found.
    let value: JsonValue = {
      type: line[start] === '[' ? 'array' : 'object',
      start,
      end: line.length,
      next: line.length,
    }
    for (const step of path) {
      const inner = typeof step === 'string' ? findField(line, value, step) : findItem(line, value, step)
      if (inner === undefined) return undefined
      value = inner
    }
    return value
  } catch (reason) {
    if (reason instanceof JsonError) return undefined
    throw AppError.from(reason)
  }
}

function findField(line: string, { type, start, end }: JsonValue, name: string): JsonValue | undefined {
  if (type !== 'object') return undefined
  let found: JsonValue | undefined
  readObject(line, start, end, (key, value) => {
    if (key !== name) return 'next'
    found = value
    return 'stop'
  })
  return found
}

function findItem(line: string, { type, start, end }: JsonValue, index: number): JsonValue | undefined {
  if (type !== 'array') return undefined
  let at = start + 1
  for (let i = 0; ; i++) {
    at = skipSpace(line, at, end)
    if (line[at] === ']') return undefined
    const value = readValue(line, at, end)
    if (i === index) return value
    at = skipSpace(line, value.next, end)
    if (line[at] !== ',') return undefined
    at += 1
  }
}
