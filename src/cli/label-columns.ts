import type { Labels } from '../model/index.ts'
import { toPrintable } from './printable.ts'
import type { Column } from './table.ts'

const METRIC = '__name__'

/** How several series are told apart in a table: the labels that differ are columns, the others are said once. */
export interface LabelColumns {
  readonly columns: readonly Column[]
  readonly cells: (labels: Labels) => string[]
  /** `up{job="edge"}`: what all have in common; empty if nothing. */
  readonly common: string
}

export function toLabelColumns(series: readonly Labels[]): LabelColumns {
  const names = [...new Set(series.flatMap((labels) => Object.keys(labels)))].sort((a, b) =>
    // The metric's name first, as everybody writes it.
    a === METRIC ? -1 : b === METRIC ? 1 : a.localeCompare(b),
  )
  const isCommon = (name: string): boolean => series.every((labels) => labels[name] === series[0]?.[name])
  const differing = names.filter((name) => series.length > 1 && !isCommon(name))
  const common = names.filter((name) => !differing.includes(name))
  return {
    columns: differing.map((name) => ({ title: name === METRIC ? 'metric' : toPrintable(name) })),
    cells: (labels) => differing.map((name) => toPrintable(labels[name] ?? '')),
    common: renderLabels(Object.fromEntries(common.map((name) => [name, series[0]?.[name] ?? '']))),
  }
}

function renderLabels({ [METRIC]: metric = '', ...labels }: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  return toPrintable(pairs.length === 0 ? metric : `${metric}{${pairs.join(', ')}}`)
}
