import { parser as logql } from '@grafana/lezer-logql'
import { parser as promql } from '@prometheus-io/lezer-promql'

export type Language = 'promql' | 'logql'

/** A selector as it stands in a query: UTF-16 units, end exclusive. */
export interface Selector {
  readonly from: number
  readonly to: number
  /** Names of the labels that it has matchers for. */
  readonly labels: readonly string[]
  /** Where another matcher can be put, and whether braces, and a comma, must be written with it. */
  readonly insertAt: number
  readonly wants: 'braces' | 'comma' | 'nothing'
}

const PARSERS = { promql, logql }
const SELECTOR: Readonly<Record<Language, string>> = { promql: 'VectorSelector', logql: 'Selector' }
const MATCHER: Readonly<Record<Language, readonly string[]>> = {
  promql: ['UnquotedLabelMatcher', 'QuotedLabelMatcher'],
  logql: ['Matcher'],
}

/** Whether the grammar finds a fault in it. */
export function isBroken(query: string, language: Language): boolean {
  let found = false
  PARSERS[language].parse(query).iterate({ enter: ({ type }) => void (found ||= type.isError) })
  return found
}

/** All selectors of a query, which may hold variables of a dashboard: `rate(up{pod=~"$pod"}[$__rate_interval])`. */
function selectorsIn(query: string, language: Language): readonly Selector[] {
  const masked = maskVariables(query)
  const tree = PARSERS[language].parse(masked.text)
  const found: Selector[] = []
  tree.iterate({
    enter: (node) => {
      if (node.name !== SELECTOR[language]) return
      const { from, to } = node
      // A number or a name that a variable stands for is no selector of the author's.
      if (masked.places.some((place) => place.from === from && place.to === to)) return
      const labels: string[] = []
      tree.iterate({
        from,
        to,
        enter: (inner) => {
          if (MATCHER[language].includes(inner.name)) labels.push(nameOf(query.slice(inner.from, inner.to)))
        },
      })
      found.push({ from, to, labels, ...placeFor(query, { from, to }) })
    },
  })
  return found
}

/** `pod=~"x"`, `"my.label"="x"`. */
function nameOf(matcher: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(matcher)
  return quoted === null ? (/^[\w.]+/.exec(matcher)?.[0] ?? '') : (quoted[1] ?? '')
}

function placeFor(query: string, { from, to }: { from: number; to: number }): Pick<Selector, 'insertAt' | 'wants'> {
  const text = query.slice(from, to)
  if (!text.endsWith('}')) return { insertAt: to, wants: 'braces' }
  const inside = text.slice(0, -1).trimEnd()
  const isEmpty = inside.endsWith('{') || inside.endsWith(',')
  return { insertAt: from + inside.length, wants: isEmpty ? 'nothing' : 'comma' }
}

interface Masked {
  readonly text: string
  readonly places: readonly { readonly from: number; readonly to: number }[]
}

/**
 * Variables that do not stand between quotes, as something of the same length that the grammar takes: a duration between
 * brackets, a name elsewhere.
 */
function maskVariables(query: string): Masked {
  const places: { from: number; to: number }[] = []
  const token = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|\[\[\w+(?::\w+)?\]\]|\$\w+|\$\{[^}]*\}|[[\]]/g
  let depth = 0
  const text = query.replaceAll(token, (match, from: number) => {
    if (match === '[') depth += 1
    else if (match === ']') depth -= 1
    if (!match.startsWith('$') && !match.startsWith('[[')) return match
    places.push({ from, to: from + match.length })
    return depth > 0 ? `${'1'.repeat(match.length - 1)}m` : 'v'.repeat(match.length)
  })
  return { text, places }
}

/** The query with the matcher in every selector that `needs` it. */
export function addMatcher(
  query: string,
  language: Language,
  { matcher, needs }: { readonly matcher: string; readonly needs: (selector: Selector) => boolean },
): string {
  let text = query
  for (const selector of [...selectorsIn(query, language)].reverse()) {
    if (!needs(selector)) continue
    const { insertAt, wants } = selector
    const inserted = wants === 'braces' ? `{${matcher}}` : wants === 'comma' ? `, ${matcher}` : matcher
    text = text.slice(0, insertAt) + inserted + text.slice(insertAt)
  }
  return text
}
