import type { Field, Frame } from './frame.ts'
import { nameOfSeries, writeLegend } from './legend.ts'

type Labels = Readonly<Record<string, string>>

/** A frame a series: time and value, called by the query's legend. `timesMs` is the grid of them all. */
export function seriesFrames(
  series: readonly { readonly labels: Labels; readonly values: readonly (number | null)[] }[],
  { refId, legend, timesMs }: { readonly refId: string; readonly legend: string; readonly timesMs: readonly number[] },
): readonly Frame[] {
  return series.map(({ labels, values }) => {
    const displayName = nameFor(labels, legend)
    return {
      refId,
      name: displayName,
      fields: [
        { name: 'Time', labels: {}, type: 'time', values: timesMs },
        { name: 'Value', labels, displayName, type: 'number', values },
      ],
    }
  })
}

/** Grafana writes `__auto` for a query that leaves its legend open. */
function nameFor(labels: Labels, legend: string): string {
  return legend === '' || legend === '__auto' ? nameOfSeries(labels) : writeLegend(legend, labels)
}

interface InstantRow {
  readonly labels: Labels
  readonly value: number | null
}

/** One frame with a row a series, labels as columns: what a query in table format answers. */
export function tableFrame(
  rows: readonly InstantRow[],
  { refId, timeMs, isOnly }: { readonly refId: string; readonly timeMs: number; readonly isOnly: boolean },
): Frame {
  const names = [...new Set(rows.flatMap(({ labels }) => Object.keys(labels)))].sort()
  const columns = names.map(
    (name): Field => ({ name, labels: {}, type: 'string', values: rows.map(({ labels }) => labels[name] ?? null) }),
  )
  return {
    refId,
    fields: [
      { name: 'Time', labels: {}, type: 'time', values: rows.map(() => timeMs) },
      ...columns,
      {
        name: isOnly ? 'Value' : `Value #${refId}`,
        labels: {},
        type: 'number',
        values: rows.map(({ value }) => value),
      },
    ],
  }
}
