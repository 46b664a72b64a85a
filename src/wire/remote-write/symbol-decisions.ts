import { TEXT_PLACES, type TextPlace } from '../../model/index.ts'
import { KeyPath, type TextVisitor } from '../text-visitor.ts'
import type { SymbolTable } from './request-walk.ts'

/** What is to be done with one use of a symbol: another one in its place, or away with the label or the series. */
export type Decision = number | 'keep' | 'drop-label' | 'drop-series'

/**
 * What becomes of the symbols of one request. A symbol may serve as name, as value of several labels and as help, and
 * the visitor may judge each use in another way; it is asked once for each.
 */
export class SymbolDecisions {
  /** New texts, which will stand behind the request's symbols. */
  readonly added: Uint8Array[] = []
  readonly #bytes: Uint8Array
  readonly #symbols: SymbolTable
  readonly #visitor: TextVisitor
  readonly #path: KeyPath
  /** 1 for the symbols that would be changed in some place, or might be. */
  readonly #isSuspect: Uint8Array
  readonly #suspects: number[] = []
  /** Suspects that something goes on using as they are. */
  readonly #kept = new Set<number>()
  readonly #decisions = new Map<number, Decision>()
  /** Text → reference, of what is not suspect and of what was added. */
  readonly #refs = new Map<string, number>()

  constructor(bytes: Uint8Array, symbols: SymbolTable, visitor: TextVisitor) {
    this.#bytes = bytes
    this.#symbols = symbols
    this.#visitor = visitor
    this.#path = new KeyPath(bytes)
    this.#isSuspect = new Uint8Array(symbols.starts.length)
    for (let ref = 0; ref < symbols.starts.length; ref++) {
      const start = symbols.starts[ref] ?? 0
      const end = symbols.ends[ref] ?? start
      if (start < end && visitor.mightChange(bytes, start, end)) this.#suspects.push(ref)
    }
    for (const ref of this.#suspects) this.#isSuspect[ref] = 1
  }

  get isNothingSuspect(): boolean {
    return this.#suspects.length === 0
  }

  /** Whether every suspect goes on being used as it is. Ask when all is decided. */
  get isNothingUnused(): boolean {
    return this.#kept.size === this.#suspects.length
  }

  /** Whether no use is left of the symbol's text: then it must not stay in the request. Ask when all is decided. */
  isUnused(ref: number): boolean {
    return this.#isSuspect[ref] === 1 && !this.#kept.has(ref)
  }

  /** `name` is the symbol of the label's name, for values of labels. */
  decide(ref: number, name: number | undefined, place: TextPlace): Decision {
    if (this.#isSuspect[ref] !== 1) return 'keep'
    const { length } = this.#symbols.starts
    const key = (TEXT_PLACES.indexOf(place) * (length + 1) + (name ?? length)) * length + ref
    let decision = this.#decisions.get(key)
    if (decision === undefined) {
      decision = this.#judge(ref, name, place)
      this.#decisions.set(key, decision)
    }
    if (decision === 'keep') this.#kept.add(ref)
    return decision
  }

  /** References as they are to be: the same array if nothing changes. They are pairs of name and value. */
  decideLabels(refs: readonly number[], place: TextPlace): readonly number[] | 'drop-series' {
    let after: number[] | undefined
    for (let i = 0; i < refs.length; i += 2) {
      const name = refs[i] ?? 0
      const value = refs[i + 1] ?? 0
      if (this.#isSuspect[name] !== 1 && this.#isSuspect[value] !== 1) {
        after?.push(name, value)
        continue
      }
      const onName = this.decide(name, name, 'keys')
      const onValue = this.decide(value, name, place)
      if (onName === 'drop-series' || onValue === 'drop-series') return 'drop-series'
      if (onName === 'keep' && onValue === 'keep') {
        after?.push(name, value)
        continue
      }
      after ??= refs.slice(0, i)
      if (onName === 'keep' && typeof onValue === 'number') after.push(name, onValue)
    }
    return after ?? refs
  }

  #judge(ref: number, name: number | undefined, place: TextPlace): Decision {
    if (!this.#visitor.places.has(place)) return 'keep'
    const path = this.#path
    if (name !== undefined) path.push(this.#symbols.starts[name] ?? 0, this.#symbols.ends[name] ?? 0)
    const start = this.#symbols.starts[ref] ?? 0
    const verdict = this.#visitor.text(this.#bytes, start, this.#symbols.ends[ref] ?? start, place, path)
    path.depth = 0
    if (verdict === undefined) return 'keep'
    if (verdict === 'drop-record') return 'drop-series'
    return verdict === 'drop-attribute' ? 'drop-label' : this.#refOf(verdict)
  }

  /** The reference of a text: equal texts must have equal ones, or series that became one would not be seen. */
  #refOf(bytes: Uint8Array): number {
    if (this.#refs.size === 0) {
      this.#symbols.starts.forEach((start, ref) => {
        const text = toKey(this.#bytes.subarray(start, this.#symbols.ends[ref]))
        if (this.#isSuspect[ref] !== 1 && !this.#refs.has(text)) this.#refs.set(text, ref)
      })
    }
    const key = toKey(bytes)
    const present = this.#refs.get(key)
    if (present !== undefined) return present
    const ref = this.#symbols.starts.length + this.added.push(bytes) - 1
    this.#refs.set(key, ref)
    return ref
  }
}

export function sameRefs(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true
  return a.length === b.length && a.every((ref, i) => ref === b[i])
}

/** Bytes as a key of a map, whether they are UTF-8 or not. */
function toKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}
