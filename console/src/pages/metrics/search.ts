import { z } from 'zod'
import '../../data/no-eval.ts'

const flag = z.enum(['1']).optional().catch(undefined)

/** The state of the page in its address. */
export const metricsSearchSchema = z.object({
  /** The queries, A first. */
  q: z
    .union([z.array(z.string()), z.string()])
    .optional()
    .catch(undefined),
  /** Letters of queries that are not drawn, with commas. */
  hide: z.string().optional().catch(undefined),
  view: z.enum(['stacked', 'bars', 'heatmap', 'table']).optional().catch(undefined),
  /** A label: one chart for each of its values. */
  split: z.string().optional().catch(undefined),
  /** Seconds between points; else chosen by the width. */
  step: z.string().regex(/^\d+$/).optional().catch(undefined),
  /** One value now instead of a range. */
  instant: flag,
  noex: flag,
  unit: z.string().optional().catch(undefined),
})
export type MetricsSearch = z.infer<typeof metricsSearchSchema>

const LETTERS = 'ABCDEFGH'
export const MOST_QUERIES = LETTERS.length

export function letterOf(index: number): string {
  return LETTERS[index] ?? '?'
}

export function queriesOf(search: MetricsSearch): readonly string[] {
  const { q } = search
  const list = q === undefined ? [] : typeof q === 'string' ? [q] : q
  return list.slice(0, MOST_QUERIES)
}
