import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder as PromQuery, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table'
import { METRICS } from './data-sources.ts'
import { dress, type PanelFacts } from './panel-facts.ts'

/** One column of figures: an instant query whose labels are the columns to its left. */
export interface Column {
  readonly name: string
  readonly expr: string
  readonly unit?: string
}

export function column(name: string, expr: string, unit?: string): Column {
  return unit === undefined ? { name, expr } : { name, expr, unit }
}

export interface TableFacts extends Omit<PanelFacts, 'targets'> {
  readonly columns: readonly Column[]
}

/** A row a set of labels; the queries are joined by them. */
export function table({ columns, ...facts }: TableFacts): Builder<Panel> {
  const targets = columns.map(({ name, expr }) =>
    new PromQuery().datasource(METRICS).expr(expr).instant().format(PromQueryFormat.Table).refId(name),
  )
  const panel = dress(new Table(), { ...facts, targets }, 8).filterable(true)
  // What Grafana calls the figures: a query alone has no suffix.
  const isAlone = columns.length === 1
  const names = columns.map(({ name }): [string, string] => [isAlone ? 'Value' : `Value #${name}`, name])
  panel.withTransformation({ id: 'merge', options: {} })
  panel.withTransformation({
    id: 'organize',
    options: { excludeByName: { Time: true }, renameByName: Object.fromEntries<string>(names) },
  })
  for (const { name, unit } of columns)
    if (unit !== undefined) panel.overrideByName(name, [{ id: 'unit', value: unit }])
  return panel
}
