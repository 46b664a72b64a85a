import { resolveSecret } from '../../../config/index.ts'
import { AppError } from '../../../core/index.ts'
import type { ScrubSettings } from '../../../fleet/index.ts'
import { type Batch, type Signal, SIGNALS } from '../../../model/index.ts'
import {
  createOtlpTextRewriter,
  type OtlpTextRewriter,
  type RewrittenText,
  rewriteRemoteWrite2Text,
} from '../../../wire/index.ts'
import { Judge } from './judge.ts'
import type { DropReason, ScrubMeters } from './meters.ts'
import { compileRules, type Rule } from './rules.ts'

/** Scrubs one batch: the same object when there was nothing to do, undefined when nothing is left of it. */
export type Scrub = (batch: Batch) => Batch | undefined

export interface ScrubParts {
  readonly meters: ScrubMeters
  /** The key of pseudonyms, if a rule makes them: `readScrubKey` reads it. */
  readonly key?: string | undefined
  /** Told how many items of a batch were dropped. */
  readonly onDropped?: (signal: Signal, items: number, reason: DropReason) => void
}

/** The key that the settings name. Throws `invalid` if it cannot be read. */
export async function readScrubKey({ key }: ScrubSettings): Promise<string | undefined> {
  return key === undefined ? undefined : await resolveSecret(key)
}

/**
 * Takes personal data out of batches by rules. It fails closed: a payload that cannot be looked through as a whole
 * throws `invalid` and is counted, so that whoever calls it refuses the batch or puts it aside; what is thrown holds
 * nothing of the payload. Throws `invalid` at once for rules that lack their key.
 */
export function createScrub(settings: ScrubSettings, parts: ScrubParts): Scrub {
  const rules = compileRules(settings, parts.key)
  const scrubbers = new Map(
    SIGNALS.map((signal) => [signal, createSignalScrub(rules, settings.exclude ?? [], signal, parts)]),
  )
  return (batch) => {
    const { signal } = batch.envelope
    try {
      return apply(batch, scrubbers.get(signal), parts)
    } catch (reason) {
      parts.meters.failures.inc({ signal })
      if (reason instanceof AppError && reason.code === 'invalid') throw reason
      // Of what went wrong only the kind is told: messages of others may quote the payload.
      const kind = reason instanceof Error ? reason.name : 'failure'
      throw new AppError('invalid', `scrubbing ${signal}: ${kind}; the batch cannot be looked through`)
    }
  }
}

function apply(batch: Batch, scrubbers: SignalScrub | undefined, parts: ScrubParts): Batch | undefined {
  const { envelope, payload } = batch
  const result = scrubbers?.[envelope.format](payload)
  if (result === undefined) return batch
  const { signal } = envelope
  count(signal, result.dropped, 'rule', parts)
  count(signal, result.collided, 'collision', parts)
  if (result.bytes === payload) return batch
  if (result.items === 0 && result.dropped + result.collided > 0) return undefined
  return { envelope: { ...envelope, items: result.items }, payload: result.bytes }
}

function count(signal: Signal, items: number, reason: DropReason, { meters, onDropped }: ScrubParts): void {
  if (items === 0) return
  meters.dropped.inc({ signal, reason }, items)
  onDropped?.(signal, items, reason)
}

type SignalScrub = Readonly<Record<Batch['envelope']['format'], OtlpTextRewriter>>

/** Undefined when no rule is for the signal. */
function createSignalScrub(
  rules: readonly Rule[],
  exclude: readonly string[],
  signal: Signal,
  { meters }: ScrubParts,
): SignalScrub | undefined {
  // Counted here and told once a batch: a counter with labels costs more than most finds.
  const found = new Map<Rule, number>()
  const judge = new Judge(rules, signal, exclude, ({ rule }) => {
    found.set(rule, (found.get(rule) ?? 0) + 1)
  })
  if (judge.places.size === 0) return undefined
  const rewriteOtlp = createOtlpTextRewriter(signal, judge)
  const begin = (rewrite: (bytes: Uint8Array) => RewrittenText): OtlpTextRewriter => {
    return (bytes) => {
      judge.begin(bytes)
      try {
        return rewrite(bytes)
      } finally {
        for (const [{ name, action }, count] of found) meters.matches.inc({ rule: name, action, signal }, count)
        found.clear()
      }
    }
  }
  return {
    otlp: begin(rewriteOtlp),
    'remote-write-2': begin((bytes) => rewriteRemoteWrite2Text(bytes, judge)),
  }
}
