import { z } from 'zod'
import '../../data/no-eval.ts'

const text = z.string().optional().catch(undefined)

/** The state of the page in its address. */
export const mapSearchSchema = z.object({
  find: text,
  /** What the lines say; rate is the default. */
  by: z.enum(['p95', 'errors']).optional().catch(undefined),
  stores: z.enum(['0']).optional().catch(undefined),
  failing: z.enum(['1']).optional().catch(undefined),
  /** The service whose details are shown: `cluster/name`. */
  node: text,
  /** The edge whose details are shown. */
  edge: text,
})
export type MapSearch = z.infer<typeof mapSearchSchema>
