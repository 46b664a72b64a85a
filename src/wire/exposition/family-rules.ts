import type { MetricType } from '../metric-type.ts'

/** What the sample of a family says, by its name: the family's own, or that with a suffix. */
export type SampleRole = 'value' | 'total' | 'created' | 'bucket' | 'count' | 'sum' | 'gcount' | 'gsum' | 'info'

export interface TypeRules {
  /** The suffixes of sample names and their roles. */
  readonly suffixes: Readonly<Record<string, SampleRole>>
  /** The sample that may carry an exemplar. */
  readonly exemplarOn?: SampleRole
  /** Info and state sets have no unit. */
  readonly unitless?: true
}

const PLAIN: TypeRules = { suffixes: { '': 'value' } }

/** Specification, "Suffixes" and "Metric Types". */
export const RULES_OF_TYPE: Readonly<Record<MetricType, TypeRules>> = {
  unknown: PLAIN,
  gauge: PLAIN,
  counter: { suffixes: { _total: 'total', _created: 'created' }, exemplarOn: 'total' },
  histogram: {
    suffixes: { _bucket: 'bucket', _count: 'count', _sum: 'sum', _created: 'created' },
    exemplarOn: 'bucket',
  },
  gaugehistogram: { suffixes: { _bucket: 'bucket', _gcount: 'gcount', _gsum: 'gsum' }, exemplarOn: 'bucket' },
  summary: { suffixes: { '': 'value', _count: 'count', _sum: 'sum', _created: 'created' } },
  info: { suffixes: { _info: 'info' }, unitless: true },
  stateset: { suffixes: { '': 'value' }, unitless: true },
}

/** The role of the sample called `name` in the family; undefined if it is not one of its samples. */
export function roleInFamily(family: string, type: MetricType, name: string): SampleRole | undefined {
  return name.startsWith(family) ? RULES_OF_TYPE[type].suffixes[name.slice(family.length)] : undefined
}

/** The label that tells the samples of one metric apart, where the role has one. */
export function distinguishingLabel(family: string, type: MetricType, role: SampleRole): string | undefined {
  if (role === 'bucket') return 'le'
  if (role !== 'value') return undefined
  if (type === 'summary') return 'quantile'
  return type === 'stateset' ? family : undefined
}
