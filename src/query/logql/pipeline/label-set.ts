import type { Labels } from '../../../model/index.ts'

/** Where a label of a line comes from. */
export const STREAM = 0
export const METADATA = 1
export const PARSED = 2
export type Category = typeof STREAM | typeof METADATA | typeof PARSED

export const ERROR_LABEL = '__error__'
export const ERROR_DETAILS_LABEL = '__error_details__'

/** What a parser appends to a name that the stream or the structured metadata have already. */
export const DUPLICATE_SUFFIX = '_extracted'

/** The labels of a stream, made ready once. */
export interface BaseLabels {
  readonly labels: Labels
  readonly values: ReadonlyMap<string, string>
}

export function baseLabels(labels: Labels): BaseLabels {
  return { labels, values: new Map(Object.entries(labels)) }
}

/**
 * The labels of one line while it goes through a pipeline: those of its stream under what was added, changed and taken
 * away. Lines have few labels besides, so these are looked up one by one.
 */
export class LabelSet {
  #base: BaseLabels = baseLabels({})
  readonly #names: string[] = []
  readonly #values: string[] = []
  readonly #categories: Category[] = []
  #count = 0
  readonly #deleted = new Set<string>()
  readonly #dropped = new Set<string>()
  /** '' if nothing failed. */
  error = ''
  errorDetails = ''

  /** Begins with another line. `metadata` is name, value, name, value, … */
  reset(base: BaseLabels, metadata: readonly string[]): void {
    this.#base = base
    this.#count = 0
    this.error = ''
    this.errorDetails = ''
    if (this.#deleted.size > 0) this.#deleted.clear()
    if (this.#dropped.size > 0) this.#dropped.clear()
    for (let i = 0; i + 1 < metadata.length; i += 2) this.#addMetadata(metadata[i] ?? '', metadata[i + 1] ?? '')
  }

  #addMetadata(given: string, value: string): void {
    const name = this.#base.values.has(given) ? given + DUPLICATE_SUFFIX : given
    if (name === ERROR_LABEL) this.error = value
    else if (name === ERROR_DETAILS_LABEL) this.errorDetails = value
    else this.#put(METADATA, name, value)
  }

  get(name: string): string | undefined {
    const at = this.#indexOf(name)
    if (at >= 0) return this.#values[at]
    return this.#deleted.has(name) ? undefined : this.#base.values.get(name)
  }

  /** The name under which a parser puts a field: another one if it is taken by something that no parser made. */
  fieldName(name: string): string {
    return this.isTaken(name) ? name + DUPLICATE_SUFFIX : name
  }

  isTaken(name: string): boolean {
    if (this.#base.values.has(name)) return true
    const at = this.#indexOf(name)
    return at >= 0 && this.#categories[at] === METADATA
  }

  isParsed(name: string): boolean {
    const at = this.#indexOf(name)
    return at >= 0 && this.#categories[at] === PARSED
  }

  /** What was parsed goes over metadata, and these over the stream. */
  set(category: Category, name: string, value: string): void {
    const at = this.#indexOf(name)
    if (at >= 0 && (this.#categories[at] ?? STREAM) > category) return
    if (at >= 0) {
      this.#values[at] = value
      this.#categories[at] = category
      return
    }
    this.#append(category, name, value)
  }

  delete(name: string): void {
    const at = this.#indexOf(name)
    if (at >= 0) {
      const last = --this.#count
      this.#names[at] = this.#names[last] ?? ''
      this.#values[at] = this.#values[last] ?? ''
      this.#categories[at] = this.#categories[last] ?? PARSED
    }
    const isOfStream = this.#base.values.has(name)
    if (isOfStream) this.#deleted.add(name)
    if (isOfStream || at >= 0) this.#dropped.add(name)
  }

  /** Whether the line had this label and lost it, even if it has it again. */
  wasDeleted(name: string): boolean {
    return this.#dropped.size > 0 && this.#dropped.has(name)
  }

  fail(error: string, details: string): void {
    this.error = error
    this.errorDetails = details
  }

  forgetError(): void {
    this.error = ''
    this.errorDetails = ''
  }

  /** Calls back for each label but the errors, in no order. */
  forEach(callback: (name: string, value: string, category: Category) => void): void {
    for (const [name, value] of this.#base.values) {
      if (!this.#deleted.has(name) && this.#indexOf(name) < 0) callback(name, value, STREAM)
    }
    for (let i = 0; i < this.#count; i++) {
      callback(this.#names[i] ?? '', this.#values[i] ?? '', this.#categories[i] ?? PARSED)
    }
  }

  /** One text for what makes these labels: equal texts come of equal labels, though not always the other way round. */
  get key(): string {
    let key = this.error === '' ? '' : `${this.error}\u{10ffff}${this.errorDetails}\u{10ffff}`
    for (let i = 0; i < this.#count; i++) key += `${this.#names[i] ?? ''}\u{10fffe}${this.#values[i] ?? ''}\u{10ffff}`
    if (this.#deleted.size > 0) key += `\u{10fffd}${[...this.#deleted].join('\u{10fffe}')}`
    return key
  }

  get base(): BaseLabels {
    return this.#base
  }

  #put(category: Category, name: string, value: string): void {
    const at = this.#indexOf(name)
    if (at >= 0) this.#values[at] = value
    else this.#append(category, name, value)
  }

  #append(category: Category, name: string, value: string): void {
    const at = this.#count++
    this.#names[at] = name
    this.#values[at] = value
    this.#categories[at] = category
  }

  #indexOf(name: string): number {
    const names = this.#names
    for (let i = 0; i < this.#count; i++) if (names[i] === name) return i
    return -1
  }
}
