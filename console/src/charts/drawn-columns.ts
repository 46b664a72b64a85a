import type { AxisLook, ChartModel, ChartSeries } from './time-chart-model.ts'
import { stackValues, valueRange } from './time-chart-model.ts'

/** `undefined` is bridged by uPlot, `null` is a gap. */
export type DrawnColumn = readonly (number | null | undefined)[]

/** The values as they are drawn, a column a series: stacked by groups, gaps bridged where the series says so. */
export function drawnColumns(model: ChartModel): readonly DrawnColumn[] {
  if (!model.series.some(({ style }) => style !== undefined)) {
    return model.kind === 'lines' ? model.series.map(({ values }) => values) : stackValues(model.series)
  }
  const stacked = stackGroups(model.series)
  return model.series.map((series, at) => bridge(stacked[at] ?? series.values, series, model.times))
}

function stackGroups(series: readonly ChartSeries[]): readonly (readonly (number | null)[])[] {
  const result = series.map(({ values }) => values)
  const groups = new Map<string, number[]>()
  series.forEach(({ style, isHidden }, at) => {
    if (style?.stack === undefined || isHidden === true) return
    const key = `${style.axis} ${style.stack.group}`
    groups.set(key, [...(groups.get(key) ?? []), at])
  })
  for (const members of groups.values()) {
    const list = members.flatMap((at) => series[at] ?? [])
    const isPercent = list.some(({ style }) => style?.stack?.isPercent === true)
    const own = isPercent ? toShares(list.map((one) => one.values)) : list.map((one) => one.values)
    // Bars stand alone; an area needs what it lies on, everywhere.
    const values = stackSigned(list.every(({ style }) => style?.draw === 'line') ? withoutHoles(own) : own)
    members.forEach((at, index) => {
      result[at] = values[index] ?? []
    })
  }
  return result
}

/** Nothing counts as zero where another of the stack has something. */
function withoutHoles(columns: readonly (readonly (number | null)[])[]): readonly (readonly (number | null)[])[] {
  const known: boolean[] = []
  for (const values of columns) {
    values.forEach((value, index) => {
      if (value !== null) known[index] = true
    })
  }
  return columns.map((values) => values.map((value, index) => value ?? (known[index] === true ? 0 : null)))
}

/** What is below zero is stacked downwards. */
function stackSigned(columns: readonly (readonly (number | null)[])[]): readonly (readonly (number | null)[])[] {
  const up: number[] = []
  const down: number[] = []
  return columns.map((values) => {
    const isDown = values.some((value) => value !== null && value < 0) && !values.some((value) => (value ?? 0) > 0)
    const sums = isDown ? down : up
    return values.map((value, index) => {
      const sum = (sums[index] ?? 0) + (value ?? 0)
      sums[index] = sum
      return value === null ? null : sum
    })
  })
}

function toShares(columns: readonly (readonly (number | null)[])[]): readonly (readonly (number | null)[])[] {
  const totals: number[] = []
  for (const values of columns) {
    values.forEach((value, index) => {
      totals[index] = (totals[index] ?? 0) + Math.abs(value ?? 0)
    })
  }
  return columns.map((values) =>
    values.map((value, index) => (value === null || totals[index] === 0 ? null : value / (totals[index] ?? 1))),
  )
}

/** Gaps shorter than the series' limit are no gaps. */
function bridge(values: readonly (number | null)[], { style }: ChartSeries, times: readonly number[]): DrawnColumn {
  if (typeof style?.bridge !== 'number') return values
  const drawn: (number | null | undefined)[] = [...values]
  let last = -1
  values.forEach((value, at) => {
    if (value === null) return
    if (last >= 0 && at - last > 1 && (times[at] ?? 0) - (times[last] ?? 0) <= Number(style.bridge)) {
      drawn.fill(undefined, last + 1, at)
    }
    last = at
  })
  return drawn
}

/** What an axis shows: of its own series, with the limits that it was given. */
export function axisRange(
  model: ChartModel,
  columns: readonly DrawnColumn[],
  side: 'left' | 'right',
): readonly [number, number] {
  const look = model.axes?.[side]
  const shown = model.series.flatMap((series, at) =>
    series.isHidden === true || (series.style?.axis ?? 'left') !== side ? [] : [{ series, column: columns[at] ?? [] }],
  )
  const isLines = shown.every(({ series: { style } }) =>
    style === undefined ? model.kind === 'lines' : style.draw !== 'bars' && style.stack === undefined,
  )
  const marks =
    side === 'left'
      ? [...(model.exemplars ?? []).filter(({ isOffScale }) => isOffScale !== true), ...(model.thresholds ?? [])].map(
          ({ value }) => value,
        )
      : []
  const soft = [look?.softMin, look?.softMax].filter((value) => value !== undefined)
  const range = valueRange(
    shown.map(({ column }) => column.map((value) => value ?? null)),
    [...marks, ...soft],
    isLines ? 'lines' : 'stacked',
  )
  if (look === undefined) return range
  return look.log === undefined
    ? limited(range, look)
    : logRange(
        shown.map(({ column }) => column),
        look,
      )
}

function limited([low, high]: readonly [number, number], { min, max }: AxisLook): readonly [number, number] {
  const from = min ?? low
  const to = max ?? high
  return to > from ? [from, to] : [from, from + 1]
}

/** Whole powers around what is above zero. */
function logRange(columns: readonly DrawnColumn[], { log = 10, min, max }: AxisLook): readonly [number, number] {
  let least = Number.POSITIVE_INFINITY
  let most = 0
  for (const column of columns) {
    for (const value of column) {
      if (value === null || value === undefined || value <= 0) continue
      least = Math.min(least, value)
      most = Math.max(most, value)
    }
  }
  const power = (value: number, round: (exponent: number) => number): number =>
    log ** round(Math.log(value) / Math.log(log))
  const from = min !== undefined && min > 0 ? min : power(most === 0 ? 1 : least, Math.floor)
  const to =
    max !== undefined && max > from ? max : power(most === 0 ? log : most, (exponent) => Math.ceil(exponent + 1e-9))
  return to > from ? [from, to] : [from, from * log]
}

/** Powers of the base within a range, at most eight. */
export function logTicks([from, to]: readonly [number, number], base: number): readonly number[] {
  const first = Math.ceil(Math.log(from) / Math.log(base) - 1e-9)
  const last = Math.floor(Math.log(to) / Math.log(base) + 1e-9)
  const every = Math.max(1, Math.ceil((last - first + 1) / 8))
  const ticks: number[] = []
  for (let exponent = first; exponent <= last; exponent += every) ticks.push(base ** exponent)
  return ticks
}
