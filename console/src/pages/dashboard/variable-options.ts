import { fetchTraceTags, fetchTraceTagValues } from '../../data/tempo/client.ts'
import { fetchLogLabels, fetchLogLabelValues } from '../../data/loki/client.ts'
import {
  type Caller,
  fetchLabelNames,
  fetchLabelValues,
  fetchSeries,
  queryInstant,
} from '../../data/prometheus/client.ts'
import type { Interval } from '../../data/time-range.ts'
import type { VariableDefinition } from '../../grafana/variables/definition.ts'
import { interpolate, regexDialect, type Variable } from '../../grafana/variables/interpolate.ts'
import {
  type Option,
  parseVariableQuery,
  pickOptions,
  sortOptions,
  type VariableQuery,
} from '../../grafana/variables/query.ts'
import { sourceOfType, typeOf } from './data-source.ts'

export interface OptionsContext {
  readonly variables: ReadonlyMap<string, Variable>
  readonly definitions: readonly VariableDefinition[]
  readonly interval: Interval
  readonly caller: Caller
}

/** What can be chosen. A variable that asks a data source asks it now, with what is chosen of those before it. */
export async function fetchOptions(
  definition: VariableDefinition,
  context: OptionsContext,
): Promise<readonly Option[]> {
  switch (definition.kind) {
    case 'query': {
      const found = await findValues(definition, context)
      return sortOptions(
        pickOptions(found, interpolate(definition.regex, context.variables, regexDialect)),
        definition.sort,
      )
    }
    case 'datasource':
      // One hub, one source of each kind: there is nothing to choose.
      return [{ text: 'this hub', value: definition.query }]
    case 'interval':
      return definition.auto === undefined
        ? definition.options
        : [{ text: 'auto', value: `$__auto_interval_${definition.name}` }, ...definition.options]
    case 'custom':
    case 'switch':
      return definition.options
    case 'constant':
    case 'textbox':
    case 'adhoc':
    case undefined:
      return []
  }
}

async function findValues(definition: VariableDefinition, context: OptionsContext): Promise<readonly string[]> {
  const type = typeOf(definition.datasource, context.definitions) ?? 'prometheus'
  const source = sourceOfType(type)
  if ('unknown' in source)
    throw new Error(`It asks the data source ${source.unknown}, which this console does not have.`)
  const query = parseVariableQuery(interpolate(definition.query, context.variables, regexDialect))
  switch (source.source) {
    case 'logs':
      return await findInLogs(query, context)
    case 'metrics':
      return await findInMetrics(query, context)
    case 'traces':
      return await findInTraces(query, context)
    case 'expression':
      return []
  }
}

/** Attributes are labels there. */
async function findInTraces(query: VariableQuery, { caller }: OptionsContext): Promise<readonly string[]> {
  if (query.kind === 'label-names') return await fetchTraceTags(caller)
  if (query.kind !== 'label-values') return []
  return (await fetchTraceTagValues(query.label, caller)).map(({ value }) => value)
}

async function findInMetrics(query: VariableQuery, { interval, caller }: OptionsContext): Promise<readonly string[]> {
  switch (query.kind) {
    case 'label-names':
      return await fetchLabelNames(matchOf(query.selector), interval, caller)
    case 'label-values':
      return await fetchLabelValues(query.label, matchOf(query.selector), interval, caller)
    case 'metric-names': {
      const match = `{__name__=~".*(?:${query.expression.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}).*"}`
      return await fetchLabelValues('__name__', [match], interval, caller)
    }
    case 'series':
      return (await fetchSeries(query.selector, interval, caller)).map(writeSeries)
    case 'query-result': {
      const { rows } = await queryInstant(query.query, interval.toMs / 1_000, caller)
      return rows.map(({ labels, value }) => `${writeSeries(labels)} ${value} ${interval.toMs}`)
    }
  }
}

/** `name{a="b",c="d"}`: expressions of variables are written for exactly this form. */
function writeSeries({ __name__: name = '', ...labels }: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  return `${name}{${pairs.join(',')}}`
}

function matchOf(selector: string | undefined): readonly string[] {
  return selector === undefined || selector === '' ? [] : [selector]
}

async function findInLogs(query: VariableQuery, { interval, caller }: OptionsContext): Promise<readonly string[]> {
  switch (query.kind) {
    case 'label-names':
      return await fetchLogLabels(interval, caller)
    case 'label-values':
      return await fetchLogLabelValues(query.label, query.selector, interval, caller)
    case 'metric-names':
    case 'series':
    case 'query-result':
      return []
  }
}
