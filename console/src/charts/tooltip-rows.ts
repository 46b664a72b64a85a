import type { ChartModel } from './time-chart-model.ts'

const ROWS = 12

/** The numbers of the series that have a value at a step, from the highest to the lowest. */
export function shownAt(model: ChartModel, index: number, focused: string | undefined): readonly number[] {
  const isSingle = model.tooltip === 'single' && focused !== undefined
  const shown: number[] = []
  model.series.forEach(({ id, style, isHidden, values }, at) => {
    if (isHidden === true || (isSingle ? id !== focused : style?.isInTooltip === false)) return
    if ((values[index] ?? null) !== null) shown.push(at)
  })
  const valueOf = (at: number): number => model.series[at]?.values[index] ?? 0
  return shown.sort((a, b) => valueOf(b) - valueOf(a))
}

/** The highest; the nearest is always there, though others are higher. */
export function listedAt(
  shown: readonly number[],
  { series }: ChartModel,
  focused: string | undefined,
): readonly number[] {
  const nearest = shown.findIndex((at) => series[at]?.id === focused)
  return nearest < ROWS ? shown.slice(0, ROWS) : [...shown.slice(0, ROWS - 1), ...shown.slice(nearest, nearest + 1)]
}
