import { RE2JS } from 're2js'
import { z } from 'zod'
import { messageOf } from '../../../core/index.ts'

const RELABEL_ACTIONS = [
  'replace',
  'keep',
  'drop',
  'keepequal',
  'dropequal',
  'hashmod',
  'labelmap',
  'labeldrop',
  'labelkeep',
  'lowercase',
  'uppercase',
] as const
type RelabelAction = (typeof RELABEL_ACTIONS)[number]

const ruleSchema = z.strictObject({
  action: z.enum(RELABEL_ACTIONS).default('replace'),
  sourceLabels: z.array(z.string().min(1)).optional(),
  separator: z.string().optional(),
  /** RE2, anchored at both ends. */
  regex: z.string().optional(),
  modulus: z.int().positive().optional(),
  targetLabel: z.string().min(1).optional(),
  /** May refer to groups of the regex: `$1`, `${1}`, `${name}`. */
  replacement: z.string().optional(),
})

type RuleField = Exclude<keyof z.infer<typeof ruleSchema>, 'action'>

/** What an action needs, and what it must not have because it would be ignored. */
const FIELDS_OF_ACTION: Readonly<
  Record<RelabelAction, { needs: readonly RuleField[]; forbids: readonly RuleField[] }>
> = {
  replace: { needs: ['targetLabel'], forbids: ['modulus'] },
  keep: { needs: ['sourceLabels'], forbids: ['modulus', 'targetLabel', 'replacement'] },
  drop: { needs: ['sourceLabels'], forbids: ['modulus', 'targetLabel', 'replacement'] },
  keepequal: { needs: ['sourceLabels', 'targetLabel'], forbids: ['regex', 'modulus', 'replacement'] },
  dropequal: { needs: ['sourceLabels', 'targetLabel'], forbids: ['regex', 'modulus', 'replacement'] },
  hashmod: { needs: ['sourceLabels', 'targetLabel', 'modulus'], forbids: ['regex', 'replacement'] },
  labelmap: { needs: ['regex'], forbids: ['sourceLabels', 'separator', 'modulus', 'targetLabel'] },
  labeldrop: { needs: ['regex'], forbids: ['sourceLabels', 'separator', 'modulus', 'targetLabel', 'replacement'] },
  labelkeep: { needs: ['regex'], forbids: ['sourceLabels', 'separator', 'modulus', 'targetLabel', 'replacement'] },
  lowercase: { needs: ['sourceLabels', 'targetLabel'], forbids: ['regex', 'modulus', 'replacement'] },
  uppercase: { needs: ['sourceLabels', 'targetLabel'], forbids: ['regex', 'modulus', 'replacement'] },
}

/** One step of relabeling, as in Prometheus' `relabel_config`. */
export const relabelRuleSchema = ruleSchema.superRefine((rule, context) => {
  const { needs, forbids } = FIELDS_OF_ACTION[rule.action]
  for (const field of needs) {
    if (rule[field] === undefined) complain(field, `the action ${rule.action} needs it`)
  }
  for (const field of forbids) {
    if (rule[field] !== undefined) complain(field, `the action ${rule.action} makes no use of it`)
  }
  try {
    if (rule.regex !== undefined) RE2JS.compile(rule.regex)
  } catch (reason) {
    complain('regex', `no RE2 expression: ${messageOf(reason)}`)
  }

  function complain(field: RuleField, message: string): void {
    context.addIssue({ code: 'custom', path: [field], message })
  }
})

export type RelabelRule = z.infer<typeof relabelRuleSchema>
