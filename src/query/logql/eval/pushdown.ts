import type { FieldCondition, LineParser } from '../../log-source.ts'
import { newSeries, type StepSeries } from '../../promql/values.ts'
import type { LabelFilter, RangeAggregation, Stage } from '../ast.ts'
import { DUPLICATE_SUFFIX, ERROR_DETAILS_LABEL, ERROR_LABEL } from '../pipeline/label-set.ts'
import { conditionOf } from './condition.ts'
import { needsOf, type SeriesLabels } from './needs.ts'
import type { MetricContext } from './options.ts'
import type { Windows } from './range-aggregation.ts'

const MEASURES = { count_over_time: 'lines', rate: 'lines', bytes_over_time: 'bytes', bytes_rate: 'bytes' } as const

/** Has the source count, where it can and the pipeline is no more than conditions around one parser. */
export async function countInSource(
  expr: RangeAggregation,
  series: SeriesLabels,
  windows: Windows,
  { source, scope, signal, pushdown, budget }: MetricContext,
): Promise<StepSeries[] | undefined> {
  const { operation, range } = expr
  const { selector, unwrap, rangeNs } = range
  const measure = operation in MEASURES ? MEASURES[operation as keyof typeof MEASURES] : undefined
  if (!pushdown || source.count === undefined || measure === undefined || unwrap !== undefined) return undefined
  if (series.t === 'without' && series.names.length > 0) return undefined
  const stages = needsOf(selector.stages, unwrap, series).none ? selector.stages.filter(isNoParser) : selector.stages
  const counted = countedStages(stages)
  if (counted === undefined) return undefined
  const by = series.t === 'by' ? series.names : series.t === 'none' ? [] : 'all'
  if (counted.fields !== undefined && by !== 'all' && by.some((name) => !isField(name))) return undefined
  const request = { matchers: selector.matchers, ...counted, measure, by, ...windows } as const
  const answer = await source.count(scope, request, signal)
  if (answer === undefined) return undefined
  budget.takeLines(answer.lines)
  budget.bytes += answer.bytes
  const perSecond = operation === 'rate' || operation === 'bytes_rate'
  return answer.series.map(({ labels, values }) => {
    const row = newSeries(labels, windows.count, false)
    values.forEach((value, i) => {
      if (Number.isNaN(value)) return
      row.present[i] = 1
      row.values[i] = perSecond ? value / (rangeNs / 1e9) : value
    })
    return row
  })
}

/** Where nobody needs a label, parsers do not run. */
function isNoParser({ kind }: Stage): boolean {
  return !['json', 'logfmt', 'pattern', 'regexp', 'unpack'].includes(kind)
}

type Counted = Pick<Parameters<NonNullable<MetricContext['source']['count']>>[1], 'condition' | 'fields'>

/** The stages as what a source counts by; undefined where they are more than that. */
function countedStages(stages: readonly Stage[]): Counted | undefined {
  const at = stages.findIndex((stage) => parserOf(stage) !== undefined)
  const [before, parser, behind] =
    at < 0 ? [stages, undefined, []] : [stages.slice(0, at), stages[at], stages.slice(at + 1)]
  const { condition, covered } = conditionOf(before)
  if (!covered.every(Boolean)) return undefined
  const name = parser && parserOf(parser)
  if (name === undefined) return { condition }
  const conditions: FieldCondition[] = []
  for (const stage of behind) {
    const found = conditionsBehind(stage)
    if (found === undefined) return undefined
    conditions.push(...found)
  }
  return { condition, fields: { parser: name, conditions } }
}

function parserOf(stage: Stage): LineParser | undefined {
  if (stage.kind === 'json' && stage.extractions.length === 0) return 'json'
  if (stage.kind !== 'logfmt' || stage.extractions.length > 0 || stage.strict || stage.keepEmpty) return undefined
  return 'logfmt'
}

/** What a stage asks of a line whose fields have been found; all of it must be met. */
function conditionsBehind(stage: Stage): readonly FieldCondition[] | undefined {
  if (stage.kind === 'label-filter') return conditionsOfFilter(stage.filter)
  if (stage.kind !== 'line-filter') return undefined
  const { condition, covered } = conditionOf([stage])
  return covered[0] === true ? [condition] : undefined
}

function conditionsOfFilter(filter: LabelFilter): readonly FieldCondition[] | undefined {
  switch (filter.t) {
    case 'and': {
      const left = conditionsOfFilter(filter.left)
      const right = conditionsOfFilter(filter.right)
      return left && right && [...left, ...right]
    }
    case 'number': {
      const { name, operator, value } = filter
      return isField(name) ? [{ t: 'number', name, operator, value }] : undefined
    }
    case 'matcher': {
      const { name, operator, value } = filter.matcher
      // Where nothing is broken, this is no condition.
      if (name === ERROR_LABEL && operator === '=' && value === '') return []
      return isField(name) ? [{ t: 'label', name, operator, value }] : undefined
    }
    case 'or':
    case 'ip':
    case 'duration':
    case 'bytes':
      return undefined
  }
}

function isField(name: string): boolean {
  return name !== ERROR_LABEL && name !== ERROR_DETAILS_LABEL && !name.endsWith(DUPLICATE_SUFFIX)
}
