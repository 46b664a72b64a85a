import type { z } from 'zod'

/**
 * The words for what a schema found wrong, where the schema has none of its own. Values are not repeated: a secret
 * that stands in the wrong place must not reach a log.
 */
export function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') return describeType(issue.expected, issue.input)
  if (issue.code === 'invalid_value') return `expected ${listOf(issue.values.map((value) => JSON.stringify(value)))}`
  if (issue.code === 'too_small') {
    return describeLimit(issue.origin, issue.minimum, issue.inclusive === false ? 'more than' : 'at least')
  }
  if (issue.code === 'too_big') {
    return describeLimit(issue.origin, issue.maximum, issue.inclusive === false ? 'less than' : 'at most')
  }
  if (issue.code === 'invalid_union' && Array.isArray(issue['options'])) {
    return `expected ${listOf(issue['options'].map((value) => JSON.stringify(value)))}`
  }
  return undefined
}

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
  null: 'nothing',
}

function describeType(expected: string, input: unknown): string {
  const wanted = WORDS[expected] ?? expected
  return input === undefined || input === null
    ? `is missing: expected ${wanted}`
    : `expected ${wanted}, found ${kindOf(input)}`
}

function kindOf(input: unknown): string {
  if (Array.isArray(input)) return 'a list'
  if (typeof input === 'number' && !Number.isInteger(input)) return 'a number with a fraction'
  return WORDS[typeof input] ?? typeof input
}

function describeLimit(origin: string, limit: number | bigint, bound: string): string {
  if (origin === 'string') return `expected ${bound} ${String(limit)} characters`
  if (origin === 'array') return `expected ${bound} ${String(limit)} entries`
  return `expected ${bound} ${String(limit)}`
}

function listOf(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`
}
