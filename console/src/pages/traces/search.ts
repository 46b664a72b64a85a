import { z } from 'zod'
import '../../data/no-eval.ts'

export const tracesSearchSchema = z.object({
  q: z.string().optional().catch(undefined),
  limit: z.enum(['50', '500']).optional().catch(undefined),
})
export type TracesSearch = z.infer<typeof tracesSearchSchema>
