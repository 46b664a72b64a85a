import { RE2JS } from 're2js'
import { z } from 'zod'
import { messageOf } from '../../core/index.ts'
import { parseSelector } from '../../model/index.ts'
import { nameSchema } from '../names.ts'

const namesSchema = z.union([nameSchema.transform((name) => [name]), z.array(nameSchema).min(1)], {
  error: 'expected a name, or a list of names',
})

const valuesSchema = z.union([z.string().transform((value) => [value]), z.array(z.string()).min(1)], {
  error: 'expected a text, or a list of texts',
})

/** Selectors, checked but kept as text: they are compiled where they run. */
const selectorsSchema = z
  .union([z.string(), z.array(z.string()).min(1)], {
    error: 'expected a selector such as {k8s.namespace.name=~"team-.*"}, or a list of them',
  })
  .transform((value, context): readonly string[] => {
    const texts = typeof value === 'string' ? [value] : value
    for (const text of texts) {
      const problem = findSelectorProblem(text)
      if (problem !== undefined) context.issues.push({ code: 'custom', input: value, message: problem })
    }
    return texts
  })

function findSelectorProblem(text: string): string | undefined {
  try {
    for (const { operator, value } of parseSelector(text)) {
      if (operator === '=~' || operator === '!~') RE2JS.compile(value)
    }
    return undefined
  } catch (reason) {
    return messageOf(reason)
  }
}

const SEVERITIES = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const

/** What of the fleet's telemetry goes to a destination. All of the conditions must hold. */
export const whereSchema = z
  .strictObject({
    cluster: namesSchema.optional(),
    environment: namesSchema.optional(),
    tenant: namesSchema.optional(),
    attributes: z
      .record(z.string().min(1), valuesSchema)
      .optional()
      .describe('Attributes or labels that must have this value, or one of these.'),
    match: selectorsSchema
      .optional()
      .describe('Selectors, of which one must match: {k8s.namespace.name=~"team-.*", http.route!="/healthz"}.'),
    minSeverity: z.enum(SEVERITIES).optional().describe('Of logs. Records without a severity pass.'),
  })
  .describe('What is sent: conditions that must all hold, on single records and series. By default everything.')
