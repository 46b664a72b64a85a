import type { Labels, Matcher } from '../model/index.ts'
import { labelValue } from './labels.ts'
import { compileRegexp } from './regexp.ts'

/** A matcher made ready to run. Throws AppError `invalid` when its value is no RE2 expression. */
export function compileMatcher(matcher: Matcher): (value: string) => boolean {
  const { operator, value: wanted } = matcher
  if (operator === '=') return (value) => value === wanted
  if (operator === '!=') return (value) => value !== wanted
  const regexp = compileRegexp(wanted, { dotMatchesNewline: true })
  return operator === '=~' ? (value) => regexp.matchesWhole(value) : (value) => !regexp.matchesWhole(value)
}

/** All matchers at once, over a set of labels; a missing label counts as the empty string. */
export function compileMatchers(matchers: readonly Matcher[]): (labels: Labels) => boolean {
  const compiled = matchers.map((matcher) => ({ name: matcher.name, test: compileMatcher(matcher) }))
  return (labels) => compiled.every(({ name, test }) => test(labelValue(labels, name)))
}

/** Whether the matcher is satisfied by series that lack the label. */
export function matchesEmpty(matcher: Matcher): boolean {
  return compileMatcher(matcher)('')
}
