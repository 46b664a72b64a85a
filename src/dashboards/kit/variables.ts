import {
  DatasourceVariableBuilder,
  IntervalVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import { CHOSEN, METRICS } from './data-sources.ts'

const ALL = { selected: true, text: ['All'], value: ['$__all'] }

/** Values of a label among the chosen clusters (or of `selector`, the braces left out). Several or all may be chosen. */
export function labelVariable(
  name: string,
  title: string,
  label: string,
  selector: string = CHOSEN,
  all: '.*' | '.+' = '.*',
): Builder<VariableModel> {
  const query = `label_values({${selector}}, ${label})`
  return (
    new QueryVariableBuilder(name)
      .label(title)
      .datasource(METRICS)
      .query({ query, refId: `variable-${name}` })
      .refresh(VariableRefresh.OnTimeRangeChanged)
      .sort(VariableSort.AlphabeticalAsc)
      .multi(true)
      .includeAll(true)
      // Not the list of all values: it would leave out what has come since the list was made, and make long queries.
      .allValue(all)
      .current(ALL)
  )
}

/** One value of a label. */
export function singleLabelVariable(
  name: string,
  title: string,
  label: string,
  selector: string,
): Builder<VariableModel> {
  return ofLabel(name, title, label, selector)
}

function ofLabel(name: string, title: string, label: string, selector: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(title)
    .datasource(METRICS)
    .query({ query: `label_values({${selector}}, ${label})`, refId: `variable-${name}` })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
}

/** What every shipped dashboard begins with. Clusters depend on environments. */
export function standardVariables(): Builder<VariableModel>[] {
  return [
    new DatasourceVariableBuilder('metrics').label('Metrics').type('prometheus'),
    new DatasourceVariableBuilder('logs').label('Logs').type('loki'),
    new DatasourceVariableBuilder('traces').label('Traces').type('tempo'),
    // Everything has these two; and Loki refuses selectors that could match streams without any label.
    labelVariable('environment', 'Environment', 'environment', 'environment!=""', '.+'),
    labelVariable('cluster', 'Cluster', 'cluster', 'cluster!="", environment=~"$environment"', '.+'),
    windowVariable(),
  ]
}

/** Over how long single figures and tables look back. Graphs follow the time range and its step instead. */
function windowVariable(): Builder<VariableModel> {
  const choices = ['1m', '5m', '15m', '1h', '6h', '1d']
  return new IntervalVariableBuilder('window')
    .label('Window')
    .values(choices.join(','))
    .options(choices.map((value) => ({ selected: value === '5m', text: value, value })))
    .current({ selected: true, text: '5m', value: '5m' })
}

export function textVariable(name: string, title: string, value = ''): Builder<VariableModel> {
  return new TextBoxVariableBuilder(name)
    .label(title)
    .defaultValue(value)
    .current({ selected: true, text: value, value })
}
