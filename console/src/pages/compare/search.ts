import { z } from 'zod'
import '../../data/no-eval.ts'

const text = z.string().optional().catch(undefined)

/** The state of the page in its address. */
export const compareSearchSchema = z.object({
  q: text,
  lang: z.enum(['logql']).optional().catch(undefined),
  /** Two to four of `cluster:NAME` and `env:NAME`, A first. */
  side: z
    .union([z.array(z.string()), z.string()])
    .optional()
    .catch(undefined),
  /** How the difference is drawn; A − B is the default. */
  diff: z.enum(['percent']).optional().catch(undefined),
  /** From which share of difference on values are far apart, in percent. */
  far: z.enum(['5', '50', '100', '400']).optional().catch(undefined),
  show: z.enum(['missing', 'far', 'alike', 'versions']).optional().catch(undefined),
  find: text,
  /** Labels that say nothing about the difference, with commas. */
  ignore: text,
  /** Parts of names of series and versions that are expected to differ, with commas; `*` stands for anything. */
  skip: text,
  /** What becomes of several series of one side that differ in ignored labels only; the mean is the default. */
  join: z.enum(['sum', 'max']).optional().catch(undefined),
  sort: z.enum(['name']).optional().catch(undefined),
  /** The series that is drawn: its labels as PromQL writes them. */
  key: text,
  unit: text,
})
export type CompareSearch = z.infer<typeof compareSearchSchema>

const MOST_SIDES = 4

export function sidesOf({ side }: CompareSearch): readonly string[] {
  const list = side === undefined ? [] : typeof side === 'string' ? [side] : side
  return [...new Set(list.filter((one) => /^(cluster|env):./.test(one)))].slice(0, MOST_SIDES)
}
