import type { ChartSeries } from './time-chart-model.ts'

/** The colour of a series as CSS, for what is written beside its chart. */
export function swatchOf({ css, colour }: Pick<ChartSeries, 'css' | 'colour'>): string {
  return css ?? (colour === 'other' ? 'var(--n-7)' : `var(--series-${colour + 1})`)
}
