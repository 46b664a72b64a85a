import { RE2JS } from 're2js'
import { AppError, messageOf } from '../core/index.ts'
import { expandedSize } from './regexp-size.ts'

/** A compiled RE2 expression: linear time whatever the input, so safe for expressions of users. */
export interface Regexp {
  /** The whole text must match; `.` matches newlines too, as in Prometheus' matchers. */
  matchesWhole(text: string): boolean
  /** Some part of the text must match. */
  matchesPart(text: string): boolean
  /** The groups of a match of the whole text, by number and by name; undefined when it does not match. */
  groups(text: string): RegexpGroups | undefined
  /** The first part that matches from `from` on; undefined when there is none. */
  find(text: string, from?: number): RegexpMatch | undefined
  /** The names of the groups with their numbers. */
  readonly names: Readonly<Record<string, number>>
}

/** A part of a text that matches, in UTF-16 units, and what its groups took; undefined for those that took no part. */
export interface RegexpMatch {
  readonly start: number
  readonly end: number
  readonly groups: readonly (string | undefined)[]
}

export interface RegexpGroups {
  /** '' for a group that took no part and for one that does not exist. */
  byNumber(index: number): string
  byName(name: string): string
}

/** Go takes ten times as much; compiling this takes a tenth of a second. */
const MAX_SIZE = 100_000

/** Throws AppError `invalid` with Go's text when the expression is no RE2. */
export function compileRegexp(expression: string, options: { readonly dotMatchesNewline: boolean }): Regexp {
  const compiled = compile(expression, options.dotMatchesNewline ? RE2JS.DOTALL : 0)
  return {
    names: compiled.namedGroups(),
    find: (text, from = 0) => {
      const match = compiled.matcher(text)
      if (!match.find(from)) return undefined
      const groups = Array.from({ length: match.groupCount() + 1 }, (_, i) => match.group(i) ?? undefined)
      return { start: match.start(), end: match.end(), groups }
    },
    matchesWhole: (text) => compiled.matches(text),
    matchesPart: (text) => compiled.matcher(text).find(),
    groups: (text) => {
      const match = compiled.matcher(text)
      if (!match.matches()) return undefined
      const names = compiled.namedGroups()
      const byNumber = (index: number): string => (index > match.groupCount() ? '' : (match.group(index) ?? ''))
      return {
        byNumber,
        byName: (name) => {
          const index = Object.hasOwn(names, name) ? names[name] : undefined
          return index === undefined ? '' : byNumber(index)
        },
      }
    },
  }
}

function compile(expression: string, flags: number): RE2JS {
  if (expandedSize(expression) > MAX_SIZE) throw new AppError('invalid', 'error parsing regexp: expression too large')
  try {
    return RE2JS.compile(expression, flags)
  } catch (reason) {
    // The engine writes the flag for `.` into the expression that it complains about, and leaves out an empty one.
    const message = messageOf(reason)
      .replaceAll('`(?s)', '`')
      .replace(/ at end of expression$/, '$&: ``')
    throw new AppError('invalid', message, { cause: reason })
  }
}

/** An expression that matches exactly this text. */
export function escapeRegexp(text: string): string {
  return RE2JS.quote(text)
}
