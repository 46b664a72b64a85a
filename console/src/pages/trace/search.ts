import { z } from 'zod'
import '../../data/no-eval.ts'

export const traceSearchSchema = z.object({
  /** The span whose details are shown. */
  span: z.string().optional().catch(undefined),
  view: z.enum(['flame', 'table']).optional().catch(undefined),
  /** Times as they were recorded, without correcting clocks. */
  recorded: z.enum(['1']).optional().catch(undefined),
  colour: z.enum(['service', 'cluster']).optional().catch(undefined),
})
export type TraceSearch = z.infer<typeof traceSearchSchema>
