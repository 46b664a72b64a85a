import { AppError } from '../../../core/index.ts'
import { mutateProto } from './mutate-proto.ts'
import { mutateText } from './mutate-text.ts'
import { newRandom, type Random } from './random.ts'

/** A decoder that is fuzzed. */
export interface FuzzTarget {
  readonly name: string
  readonly form: 'protobuf' | 'text' | 'bytes'
  readonly seeds: readonly Uint8Array[]
  /** For texts: what to put in. */
  readonly words?: readonly string[]
  /**
   * Decodes, and checks what must hold of the outcome; throws `Violation` where it does not hold. Returns how many bytes
   * came out. An AppError is a refusal.
   */
  run(bytes: Uint8Array): number
  /**
   * Called for some of the inputs with whether ours was accepted. Returns in words how the peer's verdict differs, if it
   * does; differences that are justified are counted, all others are violations.
   */
  compare?(bytes: Uint8Array, isAccepted: boolean): Difference | undefined
}

export interface Difference {
  readonly what: string
  readonly isJustified: boolean
}

/** A property that did not hold. */
export class Violation extends Error {}

export interface FuzzReport {
  readonly name: string
  readonly executions: number
  readonly accepted: number
  readonly refused: number
  readonly seconds: number
  readonly slowestMs: number
  readonly differences: ReadonlyMap<string, number>
  readonly failures: readonly FuzzFailure[]
}

export interface FuzzFailure {
  readonly what: string
  readonly execution: number
  readonly input: Uint8Array
}

/** Half a second for a hundred kilobytes; small inputs get as much as ten kilobytes. */
const MS_PER_10_KB = 50
/** What may come out: sixteen times the input and a megabyte. */
const OUTPUT_FACTOR = 16
const OUTPUT_EXTRA = 1 << 20
const COMPARE_EVERY = 8
const MAX_FAILURES = 5
/** Larger ones are not changed further: small ones find as much in less time. */
const MAX_INPUT_BYTES = 4_096
/** Inputs that were accepted and go on being changed, beside the seeds. */
const POOL = 256

/** Runs a decoder on so many changed inputs. The same seed makes the same inputs. */
export function fuzz(target: FuzzTarget, executions: number, seed: number): FuzzReport {
  const random = newRandom(seed)
  const pool: Uint8Array[] = [...target.seeds]
  const differences = new Map<string, number>()
  const failures: FuzzFailure[] = []
  let accepted = 0
  let slowestMs = 0
  let execution = 0
  const started = performance.now()
  for (; execution < executions && failures.length < MAX_FAILURES; execution++) {
    const input =
      execution < target.seeds.length ? (target.seeds[execution] ?? new Uint8Array(0)) : mutate(target, pool, random)
    const outcome = runOnce(target, input)
    slowestMs = Math.max(slowestMs, outcome.ms)
    if (outcome.failure !== undefined) failures.push({ what: outcome.failure, execution, input })
    if (outcome.isAccepted) {
      accepted += 1
      if (random.below(20) === 0 && input.length > 0 && input.length <= MAX_INPUT_BYTES)
        keep(pool, target, input, random)
    }
    if (target.compare === undefined || outcome.failure !== undefined || execution % COMPARE_EVERY !== 0) continue
    const difference = target.compare(input, outcome.isAccepted)
    if (difference === undefined) continue
    differences.set(difference.what, (differences.get(difference.what) ?? 0) + 1)
    if (!difference.isJustified)
      failures.push({ what: `the peer's verdict differs: ${difference.what}`, execution, input })
  }
  const seconds = (performance.now() - started) / 1_000
  return {
    name: target.name,
    executions: execution,
    accepted,
    refused: execution - accepted,
    seconds,
    slowestMs,
    differences,
    failures,
  }
}

function keep(pool: Uint8Array[], target: FuzzTarget, input: Uint8Array, random: Random): void {
  if (pool.length < target.seeds.length + POOL) pool.push(input)
  else pool[target.seeds.length + random.below(POOL)] = input
}

function mutate(target: FuzzTarget, pool: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes = pool[random.below(pool.length)] ?? new Uint8Array(0)
  const donor = pool[random.below(pool.length)] ?? bytes
  for (let changes = 1 + random.below(3); changes > 0; changes--) {
    if (target.form === 'text') bytes = mutateText(bytes, random, donor, target.words ?? ['x'])
    else if (target.form === 'protobuf') bytes = mutateProto(bytes, random, donor)
    else bytes = mutateProto(bytes, random, donor, Infinity)
  }
  return bytes
}

interface Outcome {
  readonly isAccepted: boolean
  readonly ms: number
  readonly failure: string | undefined
}

function runOnce(target: FuzzTarget, input: Uint8Array): Outcome {
  const budget = MS_PER_10_KB * Math.max(1, input.length / 10_000)
  let outcome = attempt(target, input, wallMs)
  // The machine may have been busy with something else: what is slow takes the processor's time, too, and does so again.
  for (let again = 0; outcome.ms > budget && again < 3; again++) {
    const next = attempt(target, input, cpuMs)
    if (next.ms < outcome.ms) outcome = next
  }
  if (outcome.failure === undefined && outcome.ms > budget) {
    return { ...outcome, failure: `took ${outcome.ms.toFixed(0)} ms for ${String(input.length)} bytes` }
  }
  return outcome
}

function attempt(target: FuzzTarget, input: Uint8Array, clock: () => number): Outcome {
  const started = clock()
  try {
    const size = target.run(input)
    const ms = clock() - started
    const isLarge = size > OUTPUT_FACTOR * input.length + OUTPUT_EXTRA
    return {
      isAccepted: true,
      ms,
      failure: isLarge ? `made ${String(size)} bytes of ${String(input.length)}` : undefined,
    }
  } catch (reason) {
    const ms = clock() - started
    if (reason instanceof AppError) return { isAccepted: false, ms, failure: undefined }
    const what = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)
    return {
      isAccepted: false,
      ms,
      failure: reason instanceof Violation ? reason.message : `an error that is not typed: ${what}`,
    }
  }
}

function wallMs(): number {
  return performance.now()
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
