import type { LabelFilter, Stage, Unwrap } from '../ast.ts'
import { ERROR_DETAILS_LABEL, ERROR_LABEL } from '../pipeline/label-set.ts'
import { type FieldNeeds, NEED_ALL } from '../pipeline/stage.ts'
import { labelNamesOf } from '../template/index.ts'

/** Which labels tell the series of a metric query apart. */
export type SeriesLabels =
  | { readonly t: 'none' }
  | { readonly t: 'by'; readonly names: readonly string[] }
  | { readonly t: 'without'; readonly names: readonly string[] }

/** What of the fields that parsers find a metric query needs: for its series, its value and its later stages. */
export function needsOf(stages: readonly Stage[], unwrap: Unwrap | undefined, series: SeriesLabels): FieldNeeds {
  if (series.t === 'without') return NEED_ALL
  const names = new Set<string>(series.t === 'by' ? series.names : [])
  for (const stage of stages) {
    const used = namesUsedBy(stage)
    if (used === undefined) return NEED_ALL
    for (const name of used) names.add(name)
  }
  if (unwrap !== undefined) {
    names.add(unwrap.label)
    for (const filter of unwrap.filters) for (const name of namesOfFilter(filter)) names.add(name)
  }
  const errors = names.has(ERROR_LABEL) || names.has(ERROR_DETAILS_LABEL)
  return { none: names.size === 0, names, errors }
}

/** Undefined: all. */
function namesUsedBy(stage: Stage): readonly string[] | undefined {
  switch (stage.kind) {
    case 'label-filter':
      return namesOfFilter(stage.filter)
    case 'line-format':
      return labelNamesOf(stage.template)
    case 'label-format': {
      const all = stage.items.map(({ t, value }) => (t === 'rename' ? [value] : labelNamesOf(value)))
      return all.some((names) => names === undefined) ? undefined : all.flatMap((names) => names ?? [])
    }
    case 'drop':
    case 'keep':
      return stage.labels.map((choice) => (typeof choice === 'string' ? choice : choice.name))
    case 'json':
    case 'logfmt':
    case 'pattern':
    case 'regexp':
    case 'unpack':
    case 'line-filter':
    case 'decolorize':
      return []
  }
}

function namesOfFilter(filter: LabelFilter): readonly string[] {
  switch (filter.t) {
    case 'and':
    case 'or':
      return [...namesOfFilter(filter.left), ...namesOfFilter(filter.right)]
    case 'matcher':
      return [filter.matcher.name]
    case 'ip':
    case 'number':
    case 'duration':
    case 'bytes':
      return [filter.name]
  }
}
