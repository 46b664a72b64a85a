import { AppError } from '../../../core/index.ts'
import type { Detector, ScrubAction, ScrubRule, ScrubSettings } from '../../../fleet/index.ts'
import { type Signal, TEXT_PLACES, type TextPlace } from '../../../model/index.ts'
import { KeyPatterns } from './key-patterns.ts'
import { createPseudonyms, type Pseudonymize } from './pseudonym.ts'

/** A rule made ready. */
export interface Rule {
  /** The detector's name, or that of the user's expression. */
  readonly name: string
  readonly action: ScrubAction
  readonly detect: Detector | { readonly name: string; readonly expression: string }
  readonly places: ReadonlySet<TextPlace>
  readonly signals: ReadonlySet<Signal> | undefined
  readonly include: KeyPatterns | undefined
  readonly exclude: KeyPatterns | undefined
  /** What stands in the place of a match that is redacted. */
  readonly replacement: Uint8Array
  /** Of rules with that action. */
  readonly pseudonym: Pseudonymize | undefined
}

const EVERYWHERE: readonly TextPlace[] = TEXT_PLACES.filter((place) => place !== 'keys')
/** Versions (`8.0.0.0`) look like addresses. */
const WITHOUT_METADATA: readonly TextPlace[] = EVERYWHERE.filter((place) => place !== 'metadata')
const VERSIONS = ['*version*']

/** The rules in their order. Throws `invalid` if pseudonyms are asked for and the key is absent or too short. */
export function compileRules(settings: ScrubSettings, key: string | undefined): readonly Rule[] {
  const wantsKey = settings.rules.some(({ action }) => action === 'pseudonym')
  if (wantsKey && key === undefined) throw new AppError('invalid', 'scrubbing: pseudonyms need a key')
  const pseudonym = wantsKey && key !== undefined ? createPseudonyms(key) : undefined
  return settings.rules.map((rule) => compileRule(rule, pseudonym))
}

function compileRule(rule: ScrubRule, pseudonym: Pseudonymize | undefined): Rule {
  const { detect, action, keys, signals } = rule
  const name = typeof detect === 'string' ? detect : detect.name
  const isAddress = detect === 'ipv4' || detect === 'ipv6'
  const exclude = [...(keys?.exclude ?? []), ...(isAddress ? VERSIONS : [])]
  return {
    name,
    action,
    detect,
    places: new Set(rule.in ?? (isAddress ? WITHOUT_METADATA : EVERYWHERE)),
    signals: signals && new Set(signals),
    include: keys?.include && new KeyPatterns(keys.include),
    exclude: exclude.length === 0 ? undefined : new KeyPatterns(exclude),
    replacement: Buffer.from(`[${name}]`),
    pseudonym: action === 'pseudonym' ? pseudonym : undefined,
  }
}

/** Whether the rule is for attributes with these keys around them; the keys are none outside of attributes. */
export function isForKeys({ include, exclude }: Rule, keys: readonly string[]): boolean {
  if (include !== undefined && !include.match(keys)) return false
  return exclude === undefined || !exclude.match(keys)
}
