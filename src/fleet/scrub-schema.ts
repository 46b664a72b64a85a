import { RE2JS } from 're2js'
import { z } from 'zod'
import { secretSchema } from '../config/index.ts'
import { SIGNALS, TEXT_PLACES } from '../model/index.ts'
import { nameSchema } from './names.ts'

/** The kinds of personal data that are known without being described. */
export const DETECTORS = [
  'email',
  'us-ssn',
  'credit-card',
  'phone',
  'iban',
  'ipv4',
  'ipv6',
  'jwt',
  'cloud-key',
] as const

export type Detector = (typeof DETECTORS)[number]

/** What happens to what is found. */
const SCRUB_ACTIONS = ['redact', 'pseudonym', 'mask', 'drop-attribute', 'drop-record'] as const

export type ScrubAction = (typeof SCRUB_ACTIONS)[number]

const MAX_EXPRESSION = 1_000
const MAX_RULES = 64

const expressionSchema = z.string().min(1).max(MAX_EXPRESSION).superRefine(checkExpression)

function checkExpression(text: string, context: z.core.$RefinementCtx<string>): void {
  try {
    if (RE2JS.compile(text).matcher('').find()) {
      context.addIssue({ code: 'custom', message: 'the expression matches the empty text: it would match everywhere' })
    }
  } catch (reason) {
    const why = reason instanceof Error ? reason.message : 'not understood'
    context.addIssue({ code: 'custom', message: `no RE2 expression: ${why}` })
  }
}

const ownSchema = z
  .strictObject({
    name: nameSchema.describe('Stands in the place of what is found, and in counters.'),
    expression: expressionSchema.describe(
      'In the syntax of RE2. With a group named `scrub`, only what the group matches is scrubbed.',
    ),
  })
  .describe('Something of your own.')

const patternsSchema = z.array(z.string().min(1).max(200)).min(1).max(200)

const fullRuleSchema = z.strictObject({
  detect: z.union([z.enum(DETECTORS), ownSchema]),
  action: z
    .enum(SCRUB_ACTIONS)
    .default('redact')
    .describe(
      'redact: [email] in its place; pseudonym: a keyed hash, the same for the same value; mask: all but the last four; ' +
        'drop-attribute, drop-record: takes away what it stands in.',
    ),
  in: z.array(z.enum(TEXT_PLACES)).min(1).optional().describe('Where to look. Built in: everywhere but in keys.'),
  keys: z
    .strictObject({ include: patternsSchema.optional(), exclude: patternsSchema.optional() })
    .optional()
    .describe('Attributes and labels that the rule is for, by key; * stands for anything. Nested: user.address.*'),
  signals: z.array(z.enum(SIGNALS)).min(1).optional(),
})

/** One rule; the name of a detector alone redacts what it finds. */
const ruleSchema = z.union([z.enum(DETECTORS).transform((detect) => fullRuleSchema.parse({ detect })), fullRuleSchema])

const rulesSchema = z.array(ruleSchema).max(MAX_RULES)

/** The key is wanted where the rules run, which for clusters is the edge: not where the file is checked. */
const remoteSecretSchema = secretSchema.transform((secret) => ({ ...secret }))

function settingsSchema<S extends z.ZodType>(key: S) {
  const full = z.strictObject({
    rules: rulesSchema,
    key: key.optional().describe('The key of pseudonyms, 16 bytes at least: { env: NAME } or { file: PATH }.'),
    exclude: patternsSchema
      .optional()
      .describe('Keys that no rule touches, beside those that tell what runs where (service.name, k8s.*, cluster, …).'),
  })
  return z.union([rulesSchema.transform((rules): z.output<typeof full> => ({ rules })), full])
}

/** What an edge scrubs. */
export const clusterScrubSchema = settingsSchema(remoteSecretSchema).describe(
  'Personal data to take out of telemetry before it is written to disk: kinds, or rules.',
)

/** What is scrubbed on the hub, on the way to destinations. */
export const scrubProfileSchema = settingsSchema(secretSchema).describe('Rules for destinations that name them.')

export type ScrubRule = z.output<typeof fullRuleSchema>
export type ScrubSettings = z.output<typeof clusterScrubSchema>

/** Of a cluster, or of the defaults; the cluster's rules stand alone, but they may use the key of the defaults. */
export function resolveScrub(
  cluster: ScrubSettings | undefined,
  defaults: ScrubSettings | undefined,
): ScrubSettings | undefined {
  if (cluster === undefined) return defaults
  return cluster.key === undefined && defaults?.key !== undefined ? { ...cluster, key: defaults.key } : cluster
}

/** Whether a rule needs a key that is not there. */
export function lacksKey({ rules, key }: ScrubSettings): boolean {
  return key === undefined && rules.some(({ action }) => action === 'pseudonym')
}

/** What a destination's list names: each profile, and all kinds of personal data together. */
export function resolveNamedScrub(
  names: readonly string[],
  profiles: ReadonlyMap<string, ScrubSettings>,
): readonly ScrubSettings[] {
  const kinds = names.filter((name) => !profiles.has(name))
  const named = names.flatMap((name) => profiles.get(name) ?? [])
  return kinds.length === 0 ? named : [...named, { rules: rulesSchema.parse(kinds) }]
}

/** Whether a destination may name it. */
export function isScrubName(name: string, profiles: object): boolean {
  return Object.hasOwn(profiles, name) || DETECTORS.some((detector) => detector === name)
}
