import { parser } from '@grafana/lezer-logql'
import type { SyntaxNode } from '@lezer/common'

/** One condition of a query that can be shown as a chip and taken away. */
export interface LogFilter {
  readonly field: string
  readonly operator: '=' | '!=' | '=~' | '!~'
  readonly value: string
  /** What to cut out of the query to be rid of it. */
  readonly from: number
  readonly to: number
  /** Of the stream selector, which must keep one. */
  readonly isSelector: boolean
}

/** The matchers of the first selector and the label filters behind it. Everything else stays in the editor. */
export function filtersOf(query: string): readonly LogFilter[] {
  const found: LogFilter[] = []
  parser.parse(query).iterate({
    enter: (node) => {
      if (node.name === 'Matcher') {
        const filter = readMatcher(node.node, query)
        if (filter !== undefined) found.push(filter)
      }
    },
  })
  return found
}

function readMatcher(node: SyntaxNode, query: string): LogFilter | undefined {
  const name = node.getChild('Identifier')
  const text = node.getChild('String')
  const stage = node.parent?.name === 'LabelFilter' ? node.parent.parent : undefined
  const isSelector = node.parent?.name === 'Matchers'
  // Of `a="b" or c="d"` no part can be taken away alone.
  const isWhole =
    stage?.name === 'PipelineStage' && stage.getChildren('LabelFilter').length === 1 && stage.node.to === node.to
  if (name === null || text === null || (!isSelector && !isWhole)) return undefined
  const operator = query.slice(name.to, text.from).trim()
  if (operator !== '=' && operator !== '!=' && operator !== '=~' && operator !== '!~') return undefined
  return {
    field: query.slice(name.from, name.to),
    operator,
    value: unquote(query.slice(text.from, text.to)),
    from: isSelector ? node.from : (stage?.from ?? node.from),
    to: isSelector ? node.to : (stage?.to ?? node.to),
    isSelector,
  }
}

function unquote(text: string): string {
  if (text.startsWith('`')) return text.slice(1, -1)
  try {
    return String(JSON.parse(text))
  } catch {
    return text.slice(1, -1)
  }
}

/** Without the condition, and without the comma or space that stood beside it. */
export function removeFilter(query: string, filter: LogFilter): string {
  const before = query.slice(0, filter.from)
  const after = query.slice(filter.to)
  if (!filter.isSelector) return `${before.trimEnd()}${after.trim() === '' ? '' : ` ${after.trimStart()}`}`
  return /,\s*$/.test(before) ? before.replace(/,\s*$/, '') + after : before + after.replace(/^\s*,\s*/, '')
}

/**
 * With one more condition: in the selector for labels of the stream, behind the pipeline for the others. A condition on
 * the same field with the same operator is widened or replaced, so that clicking never makes contradictions.
 */
export function addFilter(
  query: string,
  wanted: { readonly field: string; readonly operator: '=' | '!='; readonly value: string; readonly isStream: boolean },
): string {
  const filters = filtersOf(query)
  const same = filters.find(
    (one) => one.field === wanted.field && one.isSelector === wanted.isStream && one.operator === wanted.operator,
  )
  if (same !== undefined && same.value === wanted.value) return query
  if (same !== undefined && wanted.operator === '=') {
    return query.slice(0, same.from) + write(wanted, same.isSelector) + query.slice(same.to)
  }
  if (wanted.isStream) return insertMatcher(query, write(wanted, true))
  const place = endOfPipeline(query)
  return `${query.slice(0, place).trimEnd()} ${write(wanted, false)}${query.slice(place)}`
}

/** Sets which values of a label of the stream are wanted; none is all of them. */
export function setValues(query: string, field: string, values: readonly string[]): string {
  const old = filtersOf(query).find(
    (one) => one.isSelector && one.field === field && (one.operator === '=' || one.operator === '=~'),
  )
  const matcher =
    values.length === 1
      ? `${field}=${JSON.stringify(values[0])}`
      : `${field}=~${JSON.stringify(values.map((value) => value.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&')).join('|'))}`
  if (old === undefined) return values.length === 0 ? query : insertMatcher(query, matcher)
  if (values.length === 0) return removeFilter(query, old)
  return query.slice(0, old.from) + matcher + query.slice(old.to)
}

/** The values that `setValues` set: the alternatives of `=~`, or the one of `=`. */
export function valuesOf(query: string, field: string): readonly string[] {
  const filter = filtersOf(query).find(
    (one) => one.isSelector && one.field === field && (one.operator === '=' || one.operator === '=~'),
  )
  if (filter === undefined) return []
  if (filter.operator === '=') return [filter.value]
  return filter.value.split('|').map((value) => value.replaceAll(/\\(.)/g, '$1'))
}

function write(
  { field, operator, value }: { readonly field: string; readonly operator: string; readonly value: string },
  isSelector: boolean,
): string {
  const condition = `${field}${operator}${JSON.stringify(value)}`
  return isSelector ? condition : `| ${condition}`
}

function insertMatcher(query: string, matcher: string): string {
  const selector = firstNode(query, 'Selector')
  if (selector === undefined) return `{${matcher}} ${query}`.trim()
  const inside = query.slice(selector.from + 1, selector.to - 1).trim()
  const joint = inside === '' || inside.endsWith(',') ? '' : ', '
  return `${query.slice(0, selector.to - 1).trimEnd()}${joint}${matcher}${query.slice(selector.to - 1)}`
}

/** Where the pipeline of the first selector ends. */
function endOfPipeline(query: string): number {
  return (firstNode(query, 'PipelineExpr') ?? firstNode(query, 'Selector'))?.to ?? query.length
}

function firstNode(query: string, name: string): { readonly from: number; readonly to: number } | undefined {
  let found: { from: number; to: number } | undefined
  parser.parse(query).iterate({
    enter: (node) => {
      if (found !== undefined) return false
      if (node.name === name) found = { from: node.from, to: node.to }
      return true
    },
  })
  return found
}

/** The texts that the line filters look for: what to mark in the lines. */
export function lineFilterTexts(query: string): readonly string[] {
  const texts: string[] = []
  parser.parse(query).iterate({
    enter: (node) => {
      if (node.name !== 'LineFilter') return
      const filter = node.node.getChild('Filter')
      const text = node.node.getChild('String')
      if (filter === null || text === null || query.slice(filter.from, filter.to) !== '|=') return
      texts.push(unquote(query.slice(text.from, text.to)))
    },
  })
  return texts.filter((text) => text !== '')
}

/** Whether the query gives numbers instead of lines. */
export function isMetricQuery(query: string): boolean {
  return firstNode(query, 'MetricExpr') !== undefined
}
