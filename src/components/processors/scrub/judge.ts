import type { Signal, TextPlace } from '../../../model/index.ts'
import type { KeyPath, TextVerdict, TextVisitor } from '../../../wire/index.ts'
import { Finder } from './finder.ts'
import { IDENTITY_KEYS, KeyPatterns } from './key-patterns.ts'
import { replaceFinds } from './replace.ts'
import { type Find, resolveMatches } from './resolve-matches.ts'
import type { Rule } from './rules.ts'

/** Told of everything that a rule does something to. */
export type OnFind = (
  find: Find,
  where: { readonly place: TextPlace; readonly keys: readonly string[]; readonly bytes: Uint8Array },
) => void

/** Where the keys are spared that tell who and where. */
const IDENTIFYING: ReadonlySet<TextPlace> = new Set(['resource', 'scope', 'attributes', 'keys'])

/** An expression that matches what it is replaced by would go on for ever. */
const MAX_ROUNDS = 4

/** Applies the rules to the texts of one signal. */
export class Judge implements TextVisitor {
  readonly places: ReadonlySet<TextPlace>
  readonly integers: boolean
  readonly #finders = new Map<TextPlace, Finder>()
  readonly #anywhere: Finder
  readonly #all: readonly Finder[]
  readonly #spared: KeyPatterns
  readonly #onFind: OnFind

  constructor(rules: readonly Rule[], signal: Signal, exclude: readonly string[], onFind: OnFind) {
    const ofSignal = rules.filter(({ signals }) => signals === undefined || signals.has(signal))
    this.places = new Set(ofSignal.flatMap(({ places }) => [...places]))
    this.integers = ofSignal.some(({ detect }) => detect === 'credit-card')
    // Places with the same rules share what finds them.
    const byRules = new Map<string, Finder>()
    const finderOf = (some: readonly Rule[]): Finder => {
      const key = some.map((rule) => rules.indexOf(rule)).join()
      const finder = byRules.get(key) ?? new Finder(some)
      byRules.set(key, finder)
      return finder
    }
    for (const place of this.places) {
      this.#finders.set(place, finderOf(ofSignal.filter(({ places }) => places.has(place))))
    }
    this.#anywhere = finderOf(ofSignal)
    this.#all = [...byRules.values()]
    this.#spared = new KeyPatterns([...IDENTITY_KEYS, ...exclude])
    this.#onFind = onFind
  }

  /** Texts that are shown from now on are parts of these bytes. */
  begin(bytes: Uint8Array): void {
    for (const finder of this.#all) finder.begin(bytes)
  }

  mightChange(bytes: Uint8Array, start: number, end: number): boolean {
    return this.#anywhere.find(bytes, start, end, undefined)
  }

  text(bytes: Uint8Array, start: number, end: number, place: TextPlace, path: KeyPath): TextVerdict {
    const finder = this.#finders.get(place)
    if (finder === undefined || !finder.find(bytes, start, end, path)) return undefined
    const keys = path.keys()
    if (path.depth > 0 && IDENTIFYING.has(place) && this.#spared.match(keys)) return undefined
    let verdict = this.#judge({ finder, bytes, start, end, place, keys })
    // What stood hard by a match was perhaps not found because of it; without it, it may be.
    for (let round = 1; round < MAX_ROUNDS && typeof verdict === 'object'; round++) {
      if (!finder.find(verdict, 0, verdict.length, path)) break
      const again = this.#judge({ finder, bytes: verdict, start: 0, end: verdict.length, place, keys })
      if (again === undefined) break
      verdict = again
    }
    return verdict
  }

  #judge({ finder, bytes, start, end, place, keys }: Found): TextVerdict {
    const finds = resolveMatches(finder, keys)
    if (finds.length === 0) return undefined
    for (const find of finds) this.#onFind(find, { place, keys, bytes })
    if (finds.some(({ rule }) => rule.action === 'drop-record')) return 'drop-record'
    if (keys.length > 0 && finds.some(({ rule }) => rule.action === 'drop-attribute')) return 'drop-attribute'
    return replaceFinds(bytes, start, end, finds)
  }
}

/** A text in which the finder has found something. */
interface Found {
  readonly finder: Finder
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  readonly place: TextPlace
  readonly keys: readonly string[]
}
