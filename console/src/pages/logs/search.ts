import { z } from 'zod'
import '../../data/no-eval.ts'

const flag = z.enum(['1']).optional().catch(undefined)
const text = z.string().optional().catch(undefined)

export const logsSearchSchema = z.object({
  q: text,
  /** Oldest first. */
  dir: z.enum(['forward']).optional().catch(undefined),
  find: text,
  wrap: flag,
  /** Fields shown as columns, with commas. */
  cols: text,
  tail: flag,
})
export type LogsSearch = z.infer<typeof logsSearchSchema>

/** What is shown when nothing is asked for: everything that names its service. */
export const ALL_LOGS = '{service_name=~".+"}'
