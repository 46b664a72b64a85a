import { ANY_LINE, type LineCondition } from '../../log-source.ts'
import type { LabelFilter, LineFilter, Stage } from '../ast.ts'
import { DUPLICATE_SUFFIX, ERROR_DETAILS_LABEL, ERROR_LABEL } from '../pipeline/label-set.ts'
import { parseFilterPattern } from '../pipeline/pattern-expression.ts'

/** What lines must meet to get through a pipeline, and which stages say no more than that. */
export interface PipelineCondition {
  readonly condition: LineCondition
  /** Beside the stages: whether a line that meets the condition is sure to pass the stage unchanged. */
  readonly covered: readonly boolean[]
}

/** Looks at the stages that still see the line and its labels as the source has them. */
export function conditionOf(stages: readonly Stage[]): PipelineCondition {
  const conditions: LineCondition[] = []
  const covered: boolean[] = []
  let lineIntact = true
  let labelsIntact = true
  let parsed: 'no' | 'plain' | 'escaped' = 'no'
  for (const stage of stages) {
    let exact = false
    switch (stage.kind) {
      case 'line-filter':
        if (lineIntact) {
          conditions.push(ofLineFilter(stage))
          exact = isExact(stage)
        }
        break
      case 'label-filter':
        if (labelsIntact) {
          const found = ofLabelFilter(stage.filter, parsed, lineIntact)
          if (found !== undefined) conditions.push(found)
          exact = found !== undefined && parsed === 'no'
        }
        break
      case 'json':
      case 'logfmt':
      case 'unpack':
        parsed = 'escaped'
        if (stage.kind === 'unpack') lineIntact = false
        break
      case 'pattern':
      case 'regexp':
        if (parsed === 'no') parsed = 'plain'
        break
      case 'line-format':
      case 'decolorize':
        lineIntact = false
        break
      case 'label-format':
      case 'drop':
      case 'keep':
        labelsIntact = false
        break
    }
    covered.push(exact)
  }
  return { condition: conditions.length === 0 ? ANY_LINE : { t: 'all', of: conditions }, covered }
}

function isExact({ operator, terms }: LineFilter): boolean {
  return operator !== '|>' && operator !== '!>' && terms.every(({ ip }) => !ip)
}

function ofLineFilter({ operator, terms }: LineFilter): LineCondition {
  if (operator === '|=' || operator === '|~' || operator === '|>') {
    return { t: 'any', of: terms.map(({ value, ip }) => (ip ? ANY_LINE : ofTerm(operator, value))) }
  }
  if (operator === '!>') return ANY_LINE
  const plain = terms.filter(({ ip }) => !ip)
  return {
    t: 'all',
    of: plain.map(({ value }) =>
      operator === '!=' ? { t: 'line-lacks', text: value } : { t: 'line-fails', expression: value },
    ),
  }
}

function ofTerm(operator: '|=' | '|~' | '|>', value: string): LineCondition {
  if (operator === '|=') return { t: 'line-contains', text: value }
  if (operator === '|~') return { t: 'line-matches', expression: value }
  const texts = parseFilterPattern(value).flatMap((node) => (node.t === 'text' ? [node.text] : []))
  return { t: 'all', of: texts.map((text) => ({ t: 'line-contains', text })) }
}

/** Undefined where nothing can be said. */
function ofLabelFilter(
  filter: LabelFilter,
  parsed: 'no' | 'plain' | 'escaped',
  lineIntact: boolean,
): LineCondition | undefined {
  if (filter.t === 'and' || filter.t === 'or') {
    const left = ofLabelFilter(filter.left, parsed, lineIntact)
    const right = ofLabelFilter(filter.right, parsed, lineIntact)
    if (left !== undefined && right !== undefined) return { t: filter.t === 'and' ? 'all' : 'any', of: [left, right] }
    // One half of an `and` is a condition, though not the whole one.
    return filter.t === 'and' && parsed !== 'no' ? (left ?? right) : undefined
  }
  if (filter.t !== 'matcher') return undefined
  const { name, operator, value } = filter.matcher
  if (name === ERROR_LABEL || name === ERROR_DETAILS_LABEL || name.endsWith(DUPLICATE_SUFFIX)) return undefined
  const label: LineCondition = { t: 'label', name, operator, value }
  if (parsed === 'no') return label
  if (operator !== '=' || value === '' || !lineIntact) return undefined
  // A parsed value stands in the line as it is, unless it was written with escapes.
  const inLine: LineCondition[] = [{ t: 'line-contains', text: value }]
  if (parsed === 'escaped') inLine.push({ t: 'line-contains', text: '\\' })
  return { t: 'any', of: [label, ...inLine] }
}
