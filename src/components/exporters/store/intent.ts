import { z } from 'zod'

/** The flush that is under way, as the cursor remembers it. Sequences are inclusive. */
const intentSchema = z.object({
  first: z.int().nonnegative(),
  last: z.int().nonnegative(),
  refused: z.array(z.string()).default([]),
})

export type Intent = z.infer<typeof intentSchema>

/** What a cursor's intent says, or undefined if it has none of ours. */
export function parseIntent(value: unknown): Intent | undefined {
  const parsed = intentSchema.safeParse(value)
  return parsed.success ? parsed.data : undefined
}
