import { z } from 'zod'

const attributeSchema = z.strictObject({
  attribute: z.string().min(1).describe('Of the record, or else of its resource.'),
  otherwise: z.string().min(1).optional().describe('Where there is no such attribute.'),
})

/** Where something is put, or what it is called: always the same, or as an attribute says. */
export const placeSchema = z.union([z.string().min(1), attributeSchema], {
  error: 'expected a text, or { attribute: NAME, otherwise: TEXT }',
})
