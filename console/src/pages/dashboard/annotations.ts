import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { ChartEvent } from '../../charts/time-chart-model.ts'
import { nsOf, queryLogs } from '../../data/loki/client.ts'
import { type Caller, queryRange } from '../../data/prometheus/client.ts'
import { alignGrid, gridTimes } from '../../data/prometheus/matrix.ts'
import type { Interval } from '../../data/time-range.ts'
import { useView } from '../../data/view.tsx'
import type { Dashboard } from '../../grafana/dashboard.ts'
import { flagAt, type Json, objectAt, objectsAt, textAt } from '../../grafana/json.ts'
import { nameOfSeries, writeLegend } from '../../grafana/legend.ts'
import { builtIns, intervalFor } from '../../grafana/variables/built-in.ts'
import { interpolate, regexDialect, type Variable } from '../../grafana/variables/interpolate.ts'
import { readDataSource } from '../../grafana/variables/definition.ts'
import { sourceOf, typeOf } from './data-source.ts'
import { paintOf } from './colours.ts'

const STEPS = 200
const MOST_EVENTS = 200
const NONE: readonly ChartEvent[] = []

interface Asked {
  readonly name: string
  readonly css: string
  readonly source: 'metrics' | 'logs'
  readonly query: string
  readonly words: string
}

/** What the dashboard's annotations find in this range, and those of them that are not had here. */
export function useAnnotations(
  dashboard: Dashboard,
  variables: ReadonlyMap<string, Variable> | undefined,
): { readonly events: readonly ChartEvent[]; readonly warnings: readonly string[] } {
  const { interval, tenant } = useView()
  const { asked, unknown } = useMemo(
    () => readAnnotations(dashboard, interval, variables),
    [dashboard, interval, variables],
  )
  const { data, error } = useQuery({
    queryKey: ['annotations', asked, interval, tenant],
    queryFn: async ({ signal }) =>
      (await Promise.all(asked.map((one) => ask(one, interval, { signal, tenant })))).flat(),
    enabled: asked.length > 0 && variables !== undefined,
    placeholderData: keepPreviousData,
  })
  return {
    events: data === undefined || data.length === 0 ? NONE : data.slice(0, MOST_EVENTS),
    warnings: [...unknown, ...(error === null ? [] : [`Annotations could not be asked: ${error.message}`])],
  }
}

function readAnnotations(
  { json, title, variables: definitions }: Dashboard,
  interval: Interval,
  variables: ReadonlyMap<string, Variable> | undefined,
): { readonly asked: readonly Asked[]; readonly unknown: readonly string[] } {
  const unknown: string[] = []
  const stepMs = intervalFor(interval, STEPS, 1_000)
  const known = new Map([...(variables ?? []), ...builtIns({ range: interval, stepMs, dashboard: title })])
  const asked = objectsAt(objectAt(json, 'annotations'), 'list').flatMap((annotation): readonly Asked[] => {
    if (flagAt(annotation, 'enable') === false || annotation['builtIn'] === 1 || flagAt(annotation, 'builtIn') === true)
      return []
    const target = objectAt(annotation, 'target')
    const query = textAt(annotation, 'expr') ?? textAt(target, 'expr') ?? ''
    const name = textAt(annotation, 'name') ?? 'annotation'
    if (query === '') {
      if (typeOf(readDataSource(annotation['datasource']), definitions) === 'grafana')
        unknown.push(`Annotations “${name}” are kept in Grafana itself.`)
      return []
    }
    const found = sourceOf({ ...target, expr: query }, annotation, definitions)
    const source = 'source' in found ? found.source : undefined
    if (source !== 'metrics' && source !== 'logs') {
      unknown.push(`Annotations “${name}” are of a data source that is not here.`)
      return []
    }
    return [
      {
        name,
        source,
        css: paintOf(textAt(annotation, 'iconColor')) ?? 'var(--accent)',
        query: interpolate(query, known, regexDialect),
        words: wordsOf(annotation),
      },
    ]
  })
  return { asked, unknown }
}

function wordsOf(annotation: Json): string {
  const texts = [textAt(annotation, 'titleFormat') ?? '', textAt(annotation, 'textFormat') ?? '']
  return texts.filter((text) => text !== '').join(': ')
}

async function ask(one: Asked, interval: Interval, caller: Caller): Promise<readonly ChartEvent[]> {
  const writeWords = (labels: Readonly<Record<string, string>>, text: string): string => {
    const words = one.words === '' ? text : writeLegend(one.words, labels)
    return `${one.name}: ${words}`
  }
  if (one.source === 'logs') {
    const ends = { fromNs: nsOf(interval.fromMs), toNs: nsOf(interval.toMs) }
    const { entries } = await queryLogs({ query: one.query, ...ends, direction: 'backward', limit: 100 }, caller)
    return entries.map(({ ms, line }) => ({
      atS: ms / 1_000,
      words: `${one.name}: ${line.slice(0, 200)}`,
      css: one.css,
    }))
  }
  const stepMs = intervalFor(interval, STEPS, 1_000)
  const { grid, series } = await queryRange(one.query, alignGrid(interval, stepMs / 1_000), caller)
  const times = gridTimes(grid)
  return series.flatMap(({ labels, values }) =>
    spansOf(values).map(([from, to]) => ({
      atS: times[from] ?? 0,
      ...(to > from ? { toS: times[to] ?? 0 } : {}),
      words: writeWords(labels, nameOfSeries(labels)),
      css: one.css,
    })),
  )
}

/** Stretches in which a series has values other than zero: Grafana makes one event of each. */
function spansOf(values: readonly (number | null)[]): readonly (readonly [number, number])[] {
  const spans: [number, number][] = []
  values.forEach((value, at) => {
    if (value === null || value === 0) return
    const last = spans.at(-1)
    if (last !== undefined && last[1] === at - 1) last[1] = at
    else spans.push([at, at])
  })
  return spans
}
