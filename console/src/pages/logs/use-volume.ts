import { useQuery } from '@tanstack/react-query'
import { queryLogInstant, queryLogMetric } from '../../data/loki/client.ts'
import { LEVELS, type LogLevel, toLevel } from '../../data/loki/entry.ts'
import { alignGrid, chooseStep, gridTimes } from '../../data/prometheus/matrix.ts'
import type { Interval } from '../../data/time-range.ts'

const BARS = 80

export interface Volume {
  readonly times: readonly number[]
  readonly stepS: number
  /** Lines by level and bar; levels that do not occur are absent. */
  readonly levels: readonly {
    readonly level: LogLevel
    readonly counts: readonly (number | null)[]
    readonly total: number
  }[]
  readonly total: number
}

/** How many lines there are over time, by level. */
export function useVolume(
  query: string,
  interval: Interval,
  tenant: string | undefined,
): { readonly volume: Volume | undefined; readonly error: Error | null; readonly isLoading: boolean } {
  const stepS = chooseStep(interval.toMs - interval.fromMs, BARS)
  const aligned = alignGrid(interval, stepS)
  // A bar counts what is before its time: the first one ends a step after the start.
  const grid = { ...aligned, startS: aligned.startS + stepS, endS: aligned.endS + stepS }
  const counted = `sum by (detected_level) (count_over_time(${query} [${stepS}s]))`
  const { data, error, isLoading } = useQuery({
    queryKey: ['loki', 'volume', counted, grid, tenant],
    queryFn: async ({ signal }): Promise<Volume> => {
      const { series } = await queryLogMetric(counted, grid, { signal, tenant })
      return sumLevels(
        series.map(({ labels, values }) => ({ level: toLevel(labels['detected_level'] ?? ''), values })),
        // Drawn where the bar begins.
        gridTimes(grid).map((time) => time - stepS),
        stepS,
      )
    },
    enabled: query.trim() !== '',
    placeholderData: (before) => before,
  })
  return { volume: data, error, isLoading }
}

/** Different words for one level become one. */
function sumLevels(
  series: readonly { readonly level: LogLevel; readonly values: readonly (number | null)[] }[],
  times: readonly number[],
  stepS: number,
): Volume {
  const levels = LEVELS.toReversed().flatMap((level) => {
    const same = series.filter((one) => one.level === level)
    if (same.length === 0) return []
    const counts = times.map((_, index) => {
      const known = same.map(({ values }) => values[index]).filter((value) => value !== null && value !== undefined)
      return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
    })
    const total = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0)
    return total === 0 ? [] : [{ level, counts, total }]
  })
  return { times, stepS, levels, total: levels.reduce((sum, { total }) => sum + total, 0) }
}

/** Lines by the value of a label, the most first; undefined until they are counted for the first time. */
export function useCounts(
  query: string,
  label: string,
  interval: Interval,
  tenant: string | undefined,
): readonly { readonly value: string; readonly count: number }[] | undefined {
  const { startS, endS } = alignGrid(interval, 10)
  const counted = `sum by (${label}) (count_over_time(${query} [${Math.max(10, endS - startS)}s]))`
  const { data, isError } = useQuery({
    queryKey: ['loki', 'counts', counted, endS, tenant],
    queryFn: ({ signal }) => queryLogInstant(counted, endS, { signal, tenant }),
    enabled: query.trim() !== '',
    placeholderData: (before) => before,
  })
  if (data === undefined) return isError ? [] : undefined
  return data.map(({ labels, count }) => ({ value: labels[label] ?? '', count })).sort((a, b) => b.count - a.count)
}
